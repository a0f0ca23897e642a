"""What one settling transaction knows: everything read under its locks, and what it has decided so far."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from livestore.base.money import Money
from livestore.base.outbox import Fact
from shop.checkout.requests import Outcome, PlaceRequest
from shop.stock.models import Stock

NOT_YET = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


@dataclass(slots=True)
class Good:
    """A variant as it is sold outside of any channel."""

    variant: int
    title: str
    sku: str
    price: Money
    for_sale: bool


@dataclass(slots=True)
class OfferState:
    """A running offer. `left` are the unsold units of a deal; `touched` says that it has to be written."""

    id: int
    variant: int
    channel: str
    deal: bool
    price: Money
    per_buyer: int | None
    ends_at: dt.datetime | None
    rev: int
    sold: int
    left: int
    touched: bool = False


@dataclass(slots=True)
class CartState:
    """A buyer's cart line of a variant, and how many units are kept for it right now."""

    line: int
    cart: int
    variant: int
    channel: str
    quantity: int
    held: int
    touched: bool = False


@dataclass(slots=True)
class Buyer:
    id: int
    name: str
    simulated: bool
    active: bool
    address: dict[str, str] | None
    card: str | None


@dataclass(slots=True)
class Earlier:
    """An order that stands already under a (buyer, key) of this batch."""

    order_id: int
    public_id: str
    total: Money
    body_hash: str


@dataclass(slots=True)
class NewLine:
    variant: int
    title: str
    sku: str
    quantity: int
    unit: Money
    offer: OfferState | None

    @property
    def total(self) -> Money:
        return self.unit * self.quantity


@dataclass(slots=True)
class NewOrder:
    place: int
    public_id: str
    buyer: Buyer
    key: UUID
    body_hash: str
    channel: str
    lines: list[NewLine]
    items: Money
    shipping: Money
    address: dict[str, str]
    card: str
    id: int = 0
    copies: list[int] = field(
        default_factory=list
    )  # places of the same request, sent more than once

    @property
    def total(self) -> Money:
        return self.items + self.shipping


@dataclass(slots=True)
class Batch:
    """Requests in arrival order; `outcomes[i]` answers `requests[i]`."""

    requests: Sequence[PlaceRequest]
    outcomes: list[Outcome | None]
    now: dt.datetime = NOT_YET
    stocks: dict[int, Stock] = field(default_factory=dict)
    sold: set[int] = field(default_factory=set)  # variants whose stock row has to be written
    goods: dict[int, Good] = field(default_factory=dict)
    deals: dict[tuple[str, int], OfferState] = field(default_factory=dict)
    show_prices: dict[tuple[str, int], OfferState] = field(default_factory=dict)
    uses: dict[tuple[int, int], int] = field(
        default_factory=dict
    )  # (offer, user) -> units that stand
    used: set[tuple[int, int]] = field(default_factory=set)
    carts: dict[tuple[int, int], CartState] = field(default_factory=dict)  # by (user, variant)
    buyers: dict[int, Buyer] = field(default_factory=dict)
    earlier: dict[tuple[int, UUID], Earlier] = field(default_factory=dict)
    orders: dict[tuple[int, UUID], NewOrder] = field(default_factory=dict)
    facts: list[Fact] = field(default_factory=list)

    @property
    def open_places(self) -> list[int]:
        """Requests without an answer yet."""
        return [place for place, outcome in enumerate(self.outcomes) if outcome is None]

    def variants(self) -> list[int]:
        return sorted(
            {line.variant for place in self.open_places for line in self.requests[place].lines}
        )

    def users(self) -> list[int]:
        return sorted({self.requests[place].user_id for place in self.open_places})

    def offer_rows(self) -> list[OfferState]:
        return [*self.deals.values(), *self.show_prices.values()]


Rows = list[tuple[Any, ...]]
