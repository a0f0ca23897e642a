"""What a buyer does with orders over HTTP. The bearer of a ticket sees the orders of its show only.

GET and POST /orders stand together in shop.checkout.api: one path belongs to one router.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import ConfigDict, Field

from accounts.tickets.auth import caller_of, login_required_auth
from livestore.base.keys import Key
from shop.orders import selectors, services
from shop.orders.models import Order
from shop.payments import services as payments

router = Router(tags=["orders"], auth=login_required_auth)


class CardIn(Schema):
    """A test card's number."""

    model_config = ConfigDict(extra="forbid")

    card: str = Field(min_length=12, max_length=24)


def _mine(request: HttpRequest, public_id: str) -> Order:
    who = caller_of(request)
    return selectors.order_of(who.user, public_id, channel=who.channel)


def _answer(request: HttpRequest, public_id: str) -> dict[str, Any]:
    return selectors.order_value(_mine(request, public_id))


@router.get("/orders/{order_id}", summary="One of my orders")
def order(request: HttpRequest, order_id: str) -> dict[str, Any]:
    """OrderValue; 404 for an order that is not mine."""
    return _answer(request, order_id)


@router.post("/orders/{order_id}/cancel", summary="Cancel an order that is not packed yet")
def cancel(request: HttpRequest, order_id: str, key: Key) -> dict[str, Any]:
    """Money that was charged goes back. A repeat changes nothing, whatever its key."""
    services.cancel(order=_mine(request, order_id), by=caller_of(request).user)
    return _answer(request, order_id)


@router.post("/orders/{order_id}/card", summary="Pay a pending order with another card")
def card(request: HttpRequest, order_id: str, body: CardIn, key: Key) -> dict[str, Any]:
    """One attempt per key; the same key with another card is `key_reused`."""
    payments.change_card(
        order=_mine(request, order_id), user=caller_of(request).user, card_number=body.card, key=key
    )
    return _answer(request, order_id)


@router.post("/orders/{order_id}/confirm", summary="Confirm 3-D Secure")
def confirm(request: HttpRequest, order_id: str, key: Key) -> dict[str, Any]:
    """The bank's page of the simulation: the payment goes on. A repeat changes nothing, whatever its key."""
    payments.confirm_action(order=_mine(request, order_id), user=caller_of(request).user)
    return _answer(request, order_id)
