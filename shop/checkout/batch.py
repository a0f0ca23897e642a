"""What one settling transaction knows: everything read under its locks, and what it has decided so far."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any
from uuid import UUID

from livestore.base.money import Money
from livestore.base.outbox import Fact
from shop.checkout.requests import Basket, Body, FreshLine, FreshOrder, Outcome, PlaceRequest
from shop.stock.models import Stock

if TYPE_CHECKING:
    from shop.checkout.asking import Asked

Rows = list[tuple[Any, ...]]
NOT_YET = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
PAY_WITHIN = dt.timedelta(minutes=10)


def array(values: Iterable[object]) -> str:
    """Numbers, ids and the like as one `{1,2,3}`, which costs less than a list that psycopg takes apart."""
    return "{" + ",".join(map(str, values)) + "}"


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
    """`card` is the saved card's number. PostgreSQL copies the saved address; here it matters that there is one."""

    id: int
    name: str
    simulated: bool
    active: bool
    card: str | None
    has_address: bool


@dataclass(slots=True)
class Earlier:
    """An order that stands already under a (buyer, key) of this batch."""

    order_id: int
    public_id: str
    total: Money
    body_hash: str


@dataclass(slots=True)
class NewLine(FreshLine):
    offer: OfferState | None


@dataclass(slots=True)
class NewBasket(Basket):
    """`body` is whose things these are; `number` counts the baskets of a batch from 1."""

    lines: list[NewLine]
    body: Body
    number: int


@dataclass(slots=True)
class NewOrder(FreshOrder):
    basket: NewBasket
    place: int
    buyer: Buyer
    card: str
    request_id: str = ""
    copies: list[int] = field(
        default_factory=list
    )  # places of the same request, sent more than once


@dataclass
class Batch:
    """Requests in arrival order; `bodies[i]` is what `requests[i]` asks for and `outcomes[i]` answers it."""

    requests: Sequence[PlaceRequest]
    bodies: Sequence[Body]
    outcomes: list[Outcome | None]
    asked: list[Asked] | None = None  # statements that wait to be sent (shop.checkout.asking)
    now: dt.datetime = NOT_YET
    overdue: bool = False  # whether some cart holds units of these variants for longer than it may
    expires_at: dt.datetime = NOT_YET  # until when the orders of this batch have to be paid
    order_ids: list[int] = field(default_factory=list)  # one for each request, the next one last
    public_ids: list[str] = field(default_factory=list)
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
    baskets: dict[tuple[object, ...], NewBasket] = field(default_factory=dict)
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

    @cached_property
    def variant_array(self) -> str:
        """The variants as `{1,2}`, a parameter of most statements."""
        return array(self.variants())

    @cached_property
    def user_array(self) -> str:
        return array(self.users())

    def overdue_offers(self) -> list[OfferState]:
        """Running offers whose time is up."""
        return [
            offer
            for offer in self.offer_rows()
            if offer.ends_at is not None and offer.ends_at <= self.now
        ]

    def offer_rows(self) -> list[OfferState]:
        return [*self.deals.values(), *self.show_prices.values()]
