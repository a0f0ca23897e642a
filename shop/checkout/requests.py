"""What can be asked of a checkout, and what it answers."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from accounts.people.services import checked_address, checked_card
from livestore.base.errors import Invalid, Refusal
from livestore.base.money import Money

MOST_LINES = 50
MOST_UNITS = 99
HIGHEST_ID = 2**62


@dataclass(frozen=True, slots=True)
class LineRequest:
    """`quantity` units of a variant. `seen_price` is the unit price (minor units) that the buyer saw;
    None takes any price, for programs that have shown none.
    """

    variant: int
    quantity: int
    seen_price: int | None = None


@dataclass(frozen=True, slots=True)
class PlaceRequest:
    """One order to be placed.

    key        idempotency key of this buyer: the same key and body is the same order
    channel    where it is bought (a show's slug), which decides the offers; "" has none
    address    as `Address.as_json`, or None for the saved one
    card_number  a test card, or None for the saved one
    from_cart  the lines come out of the buyer's cart: each is priced in the channel where it was put in,
               and leaves the cart
    """

    user_id: int
    key: UUID
    lines: tuple[LineRequest, ...]
    channel: str = ""
    address: Mapping[str, str] | None = None
    card_number: str | None = None
    from_cart: bool = False

    def body_hash(self) -> str:
        """SHA-256 of everything but buyer and key."""
        body = {
            "lines": [[line.variant, line.quantity, line.seen_price] for line in self.lines],
            "channel": self.channel,
            "address": dict(self.address) if self.address is not None else None,
            "card": self.card_number,
            "from_cart": self.from_cart,
        }
        return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Placed:
    """An order stands, committed. `replay`: it stood already, this was the same request again."""

    order_id: int
    public_id: str
    total: Money
    replay: bool = False


Outcome = Placed | Refusal


def problem_of(request: PlaceRequest) -> Refusal | None:
    """Why a request can not be placed whatever the stock is, or None. Touches no database.

    One bad value inside a batch would fail the statement for everybody in it, so nothing gets there
    that PostgreSQL could refuse.
    """
    fields: dict[str, str] = {}
    if not 1 <= len(request.lines) <= MOST_LINES:
        fields["lines"] = f"An order has between 1 and {MOST_LINES} lines."
    seen: set[int] = set()
    for place, line in enumerate(request.lines):
        if not _whole(line.variant, 1, HIGHEST_ID):
            fields[f"lines.{place}.variant"] = "There is no such variant."
        elif line.variant in seen:
            fields[f"lines.{place}.variant"] = "This variant is in the order twice."
        seen.add(line.variant)
        if not _whole(line.quantity, 1, MOST_UNITS):
            fields[f"lines.{place}.quantity"] = f"Order between 1 and {MOST_UNITS} of each."
        if line.seen_price is not None and not _whole(line.seen_price, 0, HIGHEST_ID):
            fields[f"lines.{place}.seen_price"] = "A price is a whole number of minor units."
    if not _text(request.channel, 120):
        fields["channel"] = "There is no such show."
    if request.address is not None:
        if not all(_text(str(value), 200) for value in request.address.values()):
            fields["address"] = "This address can not be printed on a parcel."
        else:
            try:
                checked_address(request.address)
            except Invalid as problem:
                fields |= {f"address.{name}": text for name, text in (problem.fields or {}).items()}
    if request.card_number is not None:
        try:
            checked_card(request.card_number)
        except Invalid as problem:
            fields["card"] = next(iter((problem.fields or {}).values()), problem.message)
    return Invalid(fields=fields) if fields else None


def _whole(value: object, low: int, high: int) -> bool:
    return type(value) is int and low <= value <= high


def _text(value: str, longest: int) -> bool:
    """Whether PostgreSQL can keep it: not too long, no NUL, no half of a surrogate pair."""
    if len(value) > longest or "\0" in value:
        return False
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True
