"""Why an order was not placed. Nothing has happened, and nothing is stored."""

from __future__ import annotations

from collections.abc import Iterable

from livestore.base.errors import Refusal
from livestore.base.money import Money
from shop.offers.errors import MixedCurrencies, NotForSale

__all__ = [
    "AddressNeeded",
    "CardNeeded",
    "MixedCurrencies",
    "NotForSale",
    "OverLimit",
    "PriceChanged",
    "SoldOut",
]


class SoldOut(Refusal):
    """`data.lines`: [{variant, left}] for each line that is short; `left` is the most one order could get."""

    code = "sold_out"

    def __init__(self, short: Iterable[tuple[int, int]]) -> None:
        lines = [{"variant": variant, "left": max(left, 0)} for variant, left in short]
        most = max((line["left"] for line in lines), default=0)
        sentence = "Sold out, somebody was faster."
        if most:
            sentence = f"Only {most} left, fewer than you asked for."
        super().__init__(sentence, data={"lines": lines})


class PriceChanged(Refusal):
    """`data.lines`: [{variant, price, currency}], the unit prices (minor units) that hold now."""

    code = "price_changed"
    message = "The price has changed. Please look at it again."

    def __init__(self, prices: Iterable[tuple[int, Money]]) -> None:
        super().__init__(
            data={
                "lines": [
                    {"variant": variant, "price": price.minor, "currency": price.currency}
                    for variant, price in prices
                ]
            }
        )


class OverLimit(Refusal):
    """`data`: {variant, per_buyer, have}; `have` are units in the buyer's orders that still stand."""

    code = "over_limit"

    def __init__(self, *, variant: int, per_buyer: int, have: int) -> None:
        super().__init__(
            f"This deal is limited to {per_buyer} for each buyer.",
            data={"variant": variant, "per_buyer": per_buyer, "have": have},
        )


class AddressNeeded(Refusal):
    code, status = "address_needed", 422
    message = "Where should the parcel go? Please add your address."

    def __init__(self) -> None:
        super().__init__(fields={"address": "Please add your address."})


class CardNeeded(Refusal):
    code, status = "card_needed", 422
    message = "How would you like to pay? Please add a card."

    def __init__(self) -> None:
        super().__init__(fields={"card": "Please add a card."})
