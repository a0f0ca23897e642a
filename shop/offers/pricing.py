"""The price of a unit, as one pure function, and the flat shipping rates.

A running flash deal, else the show price, else the variant's own price. An offer in another currency than
its variant never applies. The rules have a version, which every order keeps.
"""

from __future__ import annotations

from typing import Protocol

from livestore.base.money import EXPONENTS, Money

RULES_VERSION = 1

# One flat rate per currency, tax included; any other currency pays 4.90 in its own units.
SHIPPING_MINOR = {"EUR": 490, "USD": 590, "GBP": 450, "CHF": 690, "JPY": 800, "CNY": 1500}


class Priced(Protocol):
    """Anything that names a price: a Variant, an Offer."""

    @property
    def price(self) -> Money: ...


def price_of(
    variant: Priced, show_price_offer: Priced | None = None, deal_offer: Priced | None = None
) -> Money:
    """What one unit costs. The offers are those that run now and have enough units, or None."""
    own = variant.price
    for offer in (deal_offer, show_price_offer):
        if offer is not None and offer.price.currency == own.currency:
            return offer.price
    return own


def shipping(currency: str) -> Money:
    """What sending one order costs."""
    if currency in SHIPPING_MINOR:
        return Money(SHIPPING_MINOR[currency], currency)
    return Money(490 * 10 ** EXPONENTS.get(currency, 2) // 100, currency)
