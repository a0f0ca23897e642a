"""An order that was placed a moment ago, as its buyer is told of it: without reading the database."""

from __future__ import annotations

from typing import Any

from accounts.models import User
from livestore.base.clock import milliseconds
from livestore.base.money import Money
from shop.checkout.requests import Basket, FreshOrder, Placed
from shop.orders.selectors import order_of, order_value


def value_of_placed(user: User, placed: Placed) -> dict[str, Any]:
    """The protocol's OrderValue. Sync: an order that stood before is read from the database."""
    if placed.order is not None:
        return value_of_fresh(placed.order)
    return order_value(order_of(user, placed.public_id))


def value_of_fresh(order: FreshOrder) -> dict[str, Any]:
    """What `order_value` says of the same order as long as nobody has begun to pay it. Read only."""
    return {
        "order": order.public_id,
        "key": str(order.key),
        "status": "pending",
        "payment": "none",
        "message": "We are waiting for your payment.",
        "action": None,
        **_goods(order.basket),
        "placed_at": milliseconds(order.placed_at),
        "expires_at": milliseconds(order.expires_at),
        "rev": 1,
    }


_told: tuple[Basket, dict[str, Any]] | None = None
"""The basket that was told last: in a rush the next order has the same one."""


def _goods(basket: Basket) -> dict[str, Any]:
    global _told
    told = _told
    if told is None or told[0] is not basket:
        told = _told = (basket, _goods_of(basket))
    return told[1]


def _goods_of(basket: Basket) -> dict[str, Any]:
    return {
        "channel": basket.channel,
        "lines": [
            {
                "variant": line.variant,
                "title": line.title,
                "sku": line.sku,
                "quantity": line.quantity,
                "unit": line.unit.as_json(),
                "total": line.total.as_json(),
            }
            for line in basket.lines
        ],
        "items_total": basket.items.as_json(),
        "shipping": basket.shipping.as_json(),
        "discount": Money(0, basket.total.currency).as_json(),
        "total": basket.total.as_json(),
    }
