"""What people have to know about themselves in a room."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from accounts.people.selectors import Wallet, wallets
from livestore.base.errors import LoginRequired
from shop.carts.selectors import cart_values
from shop.orders.selectors import open_order_values
from streams.room.encoding import text_of
from streams.room.person import Person
from streams.room.protocol.events import MeSnapshot
from streams.room.protocol.values import CartValue, HoldValue, OrderValue


def me_snapshot(person: Person) -> bytes:
    """The `me.snapshot` event as JSON. Raises LoginRequired when the account is gone."""
    [found] = me_snapshots([person])
    if found is None:
        raise LoginRequired
    return found


def me_snapshots(people: Sequence[Person]) -> list[bytes | None]:
    """The `me.snapshot` of each as JSON, read from PostgreSQL together; None when the account is gone.

    Three queries when nobody has a cart or an open order, else at most eleven. A mute is taken from the person:
    it was read on arrival, and the room tells of a later one.
    """
    ids = {person.id for person in people}
    found = wallets(ids)
    carts, orders = cart_values(ids), open_order_values(ids)
    return [
        text_of(_snapshot(person, found[person.id], carts[person.id], orders.get(person.id, [])))
        if person.id in found
        else None
        for person in people
    ]


def _snapshot(
    person: Person, wallet: Wallet, cart: dict[str, Any], open_orders: list[dict[str, Any]]
) -> MeSnapshot:
    picked = CartValue.model_validate(cart)
    orders = [OrderValue.model_validate(order) for order in open_orders]
    return MeSnapshot(
        user=person.value,
        cart=picked,
        holds=holds(picked, orders),
        orders=orders,
        muted=person.muted,
        has_address=wallet.address is not None,
        has_card=wallet.card is not None,
        address_line=wallet.address or "",
        card_last4=(wallet.card or "")[-4:],
    )


def holds(cart: CartValue, orders: list[OrderValue]) -> list[HoldValue]:
    """What is kept for somebody right now: lines of the cart that have not lapsed, and pending orders."""
    kept = [
        HoldValue(variant=each.variant, quantity=each.quantity, until=each.held_until, line=each.id)
        for each in cart.lines
        if each.held_until is not None
    ]
    for order in orders:
        if order.status == "pending":
            kept += [
                HoldValue(
                    variant=each.variant,
                    quantity=each.quantity,
                    until=order.expires_at,
                    order=order.order,
                )
                for each in order.lines
            ]
    return kept
