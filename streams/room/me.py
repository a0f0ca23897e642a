"""What one person has to know about themselves in a room."""

from __future__ import annotations

from accounts.models import User
from livestore.base.errors import LoginRequired
from shop.carts.selectors import cart_value
from shop.orders.selectors import open_orders, order_value
from streams.room.encoding import text_of
from streams.room.person import Person
from streams.room.protocol.events import MeSnapshot
from streams.room.protocol.values import CartValue, HoldValue, OrderValue


def me_snapshot(person: Person) -> bytes:
    """The `me.snapshot` event as JSON, read from PostgreSQL. Raises LoginRequired when the account is gone.

    A mute is taken from the person: it was read on arrival, and the room tells of a later one.
    """
    found = User.objects.select_related("address", "card")
    user = found.filter(pk=person.id, is_active=True).first()
    if user is None:
        raise LoginRequired
    address, card = getattr(user, "address", None), getattr(user, "card", None)
    line = (
        ", ".join(
            part
            for part in (address.line1, f"{address.postal_code} {address.city}".strip())
            if part
        )
        if address
        else ""
    )
    cart = CartValue.model_validate(cart_value(user))
    orders = [OrderValue.model_validate(order_value(order)) for order in open_orders(user)]
    event = MeSnapshot(
        user=person.value,
        cart=cart,
        holds=holds(cart, orders),
        orders=orders,
        muted=person.muted,
        has_address=address is not None,
        has_card=card is not None,
        address_line=line,
        card_last4=card.last4 if card else "",
    )
    return text_of(event)


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
