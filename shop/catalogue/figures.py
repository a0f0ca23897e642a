"""Numbers as they stand in files: prices, quantities and weights, each with the reason if it is none."""

from __future__ import annotations

import re
from decimal import Decimal

from livestore.base.money import Money
from shop.catalogue.checks import MOST_GRAMS, MOST_MINOR, MOST_UNITS

_PLAIN = re.compile(r"[+-]?\d{1,15}(\.\d{1,6})?")


class BadFigure(ValueError):
    """The message is the reason, to be read after the line number."""


def _decimal(text: str, what: str) -> Decimal:
    if not _PLAIN.fullmatch(text):
        raise BadFigure(f"the {what} {text[:40]!r} is not a number like 12.99")
    return Decimal(text)


def price(text: str, currency: str, what: str = "price") -> Money:
    """`12.99` as money. Never through a float, never rounded."""
    amount = _decimal(text, what)
    scaled = amount.scaleb(Money(0, currency).exponent)
    if amount < 0:
        raise BadFigure(f"the {what} {text} is negative")
    if scaled != int(scaled):
        raise BadFigure(f"the {what} {text} has more decimals than {currency} has")
    if scaled > MOST_MINOR:
        raise BadFigure(f"the {what} {text} can not be right")
    return Money(int(scaled), currency)


def _whole(text: str, what: str, most: int) -> int:
    amount = _decimal(text, what)
    if amount < 0:
        raise BadFigure(f"the {what} {text} is negative")
    if amount != int(amount):
        raise BadFigure(f"the {what} {text} is not a whole number")
    if amount > most:
        raise BadFigure(f"the {what} {text} can not be right")
    return int(amount)


def quantity(text: str) -> int:
    """Units on the shelf; nothing written is none."""
    return _whole(text, "quantity", MOST_UNITS) if text else 0


def grams(text: str) -> int:
    """A weight in grams, parts of a gram are rounded up; nothing written is 0."""
    if not text:
        return 0
    amount = _decimal(text, "weight")
    return _whole(str(int(-(-amount // 1))), "weight", MOST_GRAMS)
