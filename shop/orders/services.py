"""What people and time do with orders."""

from __future__ import annotations

import itertools

from django.db import connection, transaction

from accounts.models import User
from livestore.base.errors import Conflict, NotAllowed, NotFound
from shop.orders.models import Order
from shop.orders.transitions import MOVER, Mover, Status, move
from shop.payments.refunds import owe_back

BATCH = 200
FEW = 20
"""More orders than this are told when the relay looks by itself."""


def cancel(*, order: Order, by: User) -> Order:
    """Take an order back before it is packed: by its buyer, or by staff.

    A pending order lets its units go; a paid one brings them back to the shelf (movement `returned`) and
    its money is due back. Cancelling a cancelled order again changes nothing.
    Raises NotFound for somebody else's order, Conflict `too_late` once it is packed or expired.
    """
    if order.user_id != by.pk and not by.is_staff:
        raise NotFound("There is no such order.")
    reason = "cancelled by the buyer" if order.user_id == by.pk else "cancelled by the shop"
    with transaction.atomic():
        moves = MOVER.move([order.pk], to=Status.CANCELLED, reason=reason, by_id=by.pk)
        if moves.orders:
            owe_back([order.pk], reason=reason)
            moves.conclude()
    order.refresh_from_db()
    if order.status != Status.CANCELLED:
        label = Status(order.status).label.lower()
        raise Conflict(
            f"This order is {label}, so it can not be cancelled any more.", code="too_late"
        )
    return order


def pack(*, order: Order, by: User) -> Order:
    """The parcel is packed; from now on the order can not be cancelled. Staff only."""
    return _handle(order, to=Status.PACKED, reason="packed", by=by)


def ship(*, order: Order, by: User) -> Order:
    """The parcel has left. Staff only."""
    return _handle(order, to=Status.SHIPPED, reason="handed over to the carrier", by=by)


def deliver(*, order: Order, by: User) -> Order:
    """The parcel has arrived. Staff only."""
    return _handle(order, to=Status.DELIVERED, reason="delivered", by=by)


def _handle(order: Order, *, to: str, reason: str, by: User) -> Order:
    if not by.is_staff:
        raise NotAllowed()
    move(order_id=order.pk, to=to, reason=reason, by_id=by.pk)
    order.refresh_from_db()
    return order


def expire_due_orders(
    *, mover: Mover = MOVER, limit: int = BATCH, batches: int | None = None
) -> int:
    """Pending orders whose time is up become expired and let their units go; how many did.

    `limit` orders are one transaction; `batches` is how many of these at most (all that is due).

    Candidates are only read here: the mover takes the orders that are still pending, still due and in nobody
    else's hands.
    """
    expired = 0
    for _ in itertools.count() if batches is None else range(batches):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT id FROM purchase WHERE status = 'pending' AND expires_at <= statement_timestamp() "
                "ORDER BY expires_at LIMIT %s",
                [limit],
            )
            due = [row[0] for row in cursor.fetchall()]
        if not due:
            break
        with transaction.atomic():
            moves = mover.move(due, to=Status.EXPIRED, reason="not paid in time", due_only=True)
            if moves.orders:
                owe_back([each.id for each in moves.orders], reason="the order expired")
                moves.conclude(wake=len(moves.orders) <= FEW)
        expired += len(moves.orders)
        if not moves.orders or len(due) < limit:
            break
    return expired
