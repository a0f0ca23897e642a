"""Values that commands and events share."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Closed(BaseModel):
    """A model that refuses undeclared fields, so that a forgotten declaration fails in the first test."""

    model_config = ConfigDict(extra="forbid", strict=False, frozen=True)


class MoneyValue(Closed):
    """Minor units and an ISO 4217 currency."""

    minor: int
    currency: str = Field(pattern=r"^[A-Z]{3}$")


class PersonValue(Closed):
    """Somebody as the room sees them."""

    id: int
    name: str
    simulated: bool = False
    role: Literal["viewer", "host", "moderator"] = "viewer"


class OptionValue(Closed):
    name: str
    value: str
    swatch: str | None = None


class VariantValue(Closed):
    """`price` is what it costs here now; `list_price` what it costs outside the show; `left` is on_hand - reserved;
    `deal_left` counts the running deal's own units, which are reserved and therefore not in `left`.
    """

    id: int
    title: str
    sku: str
    options: list[OptionValue]
    price: MoneyValue
    list_price: MoneyValue
    compare_at: MoneyValue | None = None
    left: int
    deal_left: int | None = None
    deal: int | None = None
    per_buyer: int | None = None
    picture: str | None = None
    rev: int


class ItemSummary(Closed):
    """One line of the run of show as viewers see it.

    price_from, price_to  what its variants cost here without flash deals (those come as `deals`)
    left                  everything that can still be bought, units of running deals included
    shown                 it has been on air; `state` follows from left, shown, what is pinned and the order:
                          sold_out (left 0), else on_air, else shown, else next (the first such), else waiting
    rev                   grows with every change of the product and of its variants' stock (`item.stock`)
    """

    number: int
    product: int
    variant: int | None = None
    title: str
    picture: str | None = None
    price_from: MoneyValue
    price_to: MoneyValue
    compare_at: MoneyValue | None = None
    left: int
    shown: bool = False
    state: Literal["next", "on_air", "shown", "sold_out", "waiting"]
    rev: int = 0


class ItemDetail(ItemSummary):
    """A pinned item with everything needed to buy it without another request."""

    description: str = ""
    vendor: str = ""
    category: str = ""
    attributes: dict[str, str] = Field(default_factory=dict)
    variants: list[VariantValue]


class DealValue(Closed):
    """A flash deal. `ends_at` in server milliseconds; `left` are the deal's own units."""

    id: int
    variant: int
    number: int | None = None
    title: str
    price: MoneyValue
    was: MoneyValue
    units: int
    left: int
    per_buyer: int | None = None
    starts_at: int
    ends_at: int | None
    state: Literal["running", "ended"] = "running"
    reason: str | None = None
    rev: int


class ShowValue(Closed):
    """The show's own facts. Times in server milliseconds since 1970."""

    slug: str
    title: str
    description: str = ""
    state: Literal["draft", "scheduled", "live", "paused", "ended"]
    host: PersonValue
    currency: str
    mood: str
    scheduled_for: int | None = None
    started_at: int | None = None
    ended_at: int | None = None
    host_away_since: int | None = None
    shipping: MoneyValue
    rev: int


class CountsValue(Closed):
    people: int
    simulated: int


class LineValue(Closed):
    variant: int
    title: str
    quantity: int


class SoldValue(Closed):
    """How many units of a variant many orders bought together."""

    variant: int
    quantity: int


class CartLineValue(Closed):
    """`held_until` in server milliseconds, null when the units are no longer kept."""

    id: int
    variant: int
    title: str
    picture: str | None = None
    quantity: int
    unit: MoneyValue
    total: MoneyValue
    left: int
    held_until: int | None
    channel: str = ""


class CartValue(Closed):
    rev: int
    lines: list[CartLineValue]
    items_total: MoneyValue | None = None
    shipping: MoneyValue | None = None
    total: MoneyValue | None = None


class HoldValue(Closed):
    """Units kept for somebody: by a line of the cart or by a pending order. `until` in server milliseconds."""

    variant: int
    quantity: int
    until: int | None
    line: int | None = None
    order: str | None = None


class OrderLineValue(Closed):
    variant: int
    title: str
    sku: str
    quantity: int
    unit: MoneyValue
    total: MoneyValue


class OrderValue(Closed):
    """An order as its buyer sees it. `action` is set when 3-D Secure waits for the buyer."""

    order: str
    key: str
    status: Literal["pending", "paid", "packed", "shipped", "delivered", "expired", "cancelled"]
    payment: Literal[
        "none", "started", "requires_action", "succeeded", "declined", "refund_due", "refunded"
    ]
    message: str = ""
    action: str | None = None
    channel: str = ""
    lines: list[OrderLineValue]
    items_total: MoneyValue
    shipping: MoneyValue
    discount: MoneyValue
    total: MoneyValue
    placed_at: int
    expires_at: int | None = None
    rev: int
