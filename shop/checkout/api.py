"""Placing an order over HTTP. The socket's `buy` is the same service.

A rush is answered ahead of Django by `livestore.thin`, with the bodies and functions of this module.
"""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Query, Router
from pydantic import BaseModel, ConfigDict, Field

from accounts.tickets.auth import Caller, caller_of, login_required_auth
from livestore.base.errors import Refusal
from livestore.base.keys import Key
from shop.checkout.batcher import place
from shop.checkout.fresh import value_of_placed
from shop.checkout.requests import LineRequest, PlaceRequest
from shop.orders.selectors import order_value, orders_of

router = Router(tags=["checkout"], auth=login_required_auth)


class Body(BaseModel):
    """Closed: a price, a total or a discount that somebody sends along is refused, not ignored.

    Plain pydantic: ninja's Schema can read attributes of models as well, which costs ten times as much.
    """

    model_config = ConfigDict(extra="forbid")


class LineBody(Body):
    """`seen_price` is the unit price in minor units that was shown; any difference is `price_changed`."""

    variant: int = Field(ge=1, le=2**62, strict=True)
    quantity: int = Field(default=1, ge=1, le=99, strict=True)
    seen_price: int = Field(ge=0, le=2**53, strict=True)


class AddressBody(Body):
    full_name: str = Field(max_length=100)
    line1: str = Field(max_length=120)
    line2: str = Field(default="", max_length=120)
    postal_code: str = Field(max_length=16)
    city: str = Field(max_length=80)
    country: str = Field(default="DE", max_length=2)


class OrderBody(Body):
    """Without `address` and `card` the saved ones are used. `from_cart` takes the lines out of the cart."""

    lines: list[LineBody] = Field(min_length=1, max_length=50)
    channel: str = Field(default="", max_length=120)
    address: AddressBody | None = None
    card: str | None = Field(default=None, max_length=24)
    from_cart: bool = False


def request_of(who: Caller, body: OrderBody, key: UUID) -> PlaceRequest:
    """What somebody asks for. `NotAllowed` if a ticket is used for another show."""
    return PlaceRequest(
        user_id=who.user.pk,
        key=key,
        lines=tuple(
            LineRequest(line.variant, line.quantity, line.seen_price) for line in body.lines
        ),
        channel=who.in_channel(body.channel),
        address=body.address.model_dump() if body.address else None,
        card_number=body.card,
        from_cart=body.from_cart,
    )


@router.post("/orders", response={201: dict[str, Any]}, summary="Place an order")
def place_order(request: HttpRequest, body: OrderBody, key: Key) -> dict[str, Any]:
    """201 with the order (pending, payment starts at once); the same key and body is the same order.

    409 `sold_out`, `price_changed`, `over_limit`, `not_for_sale`, `mixed_currencies`, `key_reused`;
    422 with `fields`; 503 `busy`, to be sent again with the same key.
    """
    who = caller_of(request)
    outcome = place(request_of(who, body, key))
    if isinstance(outcome, Refusal):
        raise outcome
    return value_of_placed(who.user, outcome)


@router.get("/orders", summary="My orders, newest first")
def orders(
    request: HttpRequest,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
    offset: Annotated[int, Query(ge=0)] = 0,
) -> dict[str, Any]:
    """`{"items": [OrderValue], "count"}`; `count` is how many there are in all. One order: shop.orders.api."""
    who = caller_of(request)
    mine = orders_of(who.user, channel=who.channel)
    return {
        "items": [order_value(each) for each in mine[offset : offset + limit]],
        "count": mine.count(),
    }
