"""The cart over HTTP. Every answer is the whole cart, so that nobody has to add up changes."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import ConfigDict, Field

from accounts.tickets.auth import caller_of, login_required_auth
from livestore.base.keys import Key
from shop.carts import services
from shop.carts.selectors import cart_value

router = Router(tags=["cart"], auth=login_required_auth)


class Body(Schema):
    model_config = ConfigDict(extra="forbid")


class NewLine(Body):
    """`channel` is the show in which it was picked; it decides the line's price."""

    variant: int = Field(ge=1, le=2**62, strict=True)
    quantity: int = Field(default=1, ge=1, le=99, strict=True)
    channel: str = Field(default="", max_length=120)


class Amount(Body):
    quantity: int = Field(ge=0, le=99, strict=True, description="0 takes the line out.")


@router.get("/cart", summary="My cart, priced now")
def cart(request: HttpRequest) -> dict[str, Any]:
    """CartValue; `held_until` of a line is null when its units are not kept any more."""
    return cart_value(caller_of(request).user)


@router.post("/cart/lines", response={201: dict[str, Any]}, summary="Put something into the cart")
def add_line(request: HttpRequest, body: NewLine, key: Key) -> dict[str, Any]:
    """201 with the cart; the line's units are kept for ten minutes. 409 `sold_out`, `not_for_sale`,
    `mixed_currencies`, `cart_full`, `key_reused`.
    """
    who = caller_of(request)
    services.add(
        user=who.user,
        variant=body.variant,
        quantity=body.quantity,
        channel=who.in_channel(body.channel),
        key=key,
    )
    return cart_value(who.user)


@router.patch("/cart/lines/{line_id}", summary="Change how many")
def change_line(request: HttpRequest, line_id: int, body: Amount) -> dict[str, Any]:
    """More than before keeps all of them for ten minutes from now, or is `sold_out`."""
    user = caller_of(request).user
    services.set_quantity(user=user, line=line_id, quantity=body.quantity)
    return cart_value(user)


@router.delete("/cart/lines/{line_id}", summary="Take something out of the cart")
def remove_line(request: HttpRequest, line_id: int) -> dict[str, Any]:
    user = caller_of(request).user
    services.remove(user=user, line=line_id)
    return cart_value(user)


@router.post("/cart/lines/{line_id}/hold", summary="Keep the units of a line again")
def hold_line(request: HttpRequest, line_id: int, key: Key) -> dict[str, Any]:
    """For ten minutes from now, if they are still there; else `sold_out`."""
    user = caller_of(request).user
    services.hold_again(user=user, line=line_id, key=key)
    return cart_value(user)
