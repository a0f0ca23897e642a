"""Kinds of the shop's facts, as far as it matters who waits for them."""

from __future__ import annotations

PERSONAL = (
    "shop.order_placed",
    "shop.orders_placed",
    "shop.order_updated",
    "shop.orders_updated",
    "shop.cart_updated",
    "shop.webhook_due",
    "shop.webhooks_taken",
)
"""About single people's orders, carts and payments: after a rush they may wait for a minute, while whatever a room
waits for goes at once. Nothing that is built from items, prices, deals or stock may be among them."""
PATIENT = ("shop.stock_changed",)
"""Of what a room waits for, what changes with every order and is worth telling a few times a second only. A fact
about it may be told after a younger one of another kind: it has a `rev`, and what was read later has a higher one."""
