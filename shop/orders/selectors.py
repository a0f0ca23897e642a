"""Orders as pages and the API read them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db.models import Count, Prefetch, Q, QuerySet, Sum
from django.db.models.functions import Now

from accounts.models import User
from livestore.base.clock import milliseconds
from livestore.base.errors import NotFound
from livestore.base.money import Money
from shop.orders.models import Order, OrderLine
from shop.orders.transitions import SOLD, Status
from shop.payments.models import Payment

State = Payment.State
RECENT = dt.timedelta(hours=1)  # how long a paid order still counts as open for its buyer


def _complete(orders: QuerySet[Order]) -> QuerySet[Order]:
    """With lines and payments, in three queries however many orders there are."""
    return orders.prefetch_related(
        Prefetch("lines", OrderLine.objects.order_by("id")),
        Prefetch("payments", Payment.objects.order_by("id")),
    )


def orders_of(user: User, *, channel: str | None = None) -> QuerySet[Order]:
    """Everything this person has ordered, newest first; `channel` narrows it to one show."""
    mine = Order.objects.filter(user=user).order_by("-id")
    return _complete(mine if channel is None else mine.filter(channel=channel))


def open_orders(user: User, *, channel: str | None = None) -> QuerySet[Order]:
    """What a room shows as going on: pending, or paid within the last hour."""
    recently = Now() - RECENT
    going_on = Q(status=Status.PENDING) | Q(status=Status.PAID, paid_at__gte=recently)
    return orders_of(user, channel=channel).filter(going_on)


def order_of(user: User, public_id: str, *, channel: str | None = None) -> Order:
    """One order of this person. Raises NotFound for a stranger's, so that nobody learns that it exists."""
    found = orders_of(user, channel=channel).filter(public_id=public_id).first()
    if found is None:
        raise NotFound("There is no such order.")
    return found


def order_by_public_id(public_id: str) -> Order:
    """Any order; for announcements and staff. Raises NotFound."""
    found = _complete(Order.objects.filter(public_id=public_id)).first()
    if found is None:
        raise NotFound("There is no such order.")
    return found


def orders_by_public_ids(public_ids: Iterable[str]) -> list[Order]:
    """Several orders at once, complete, for announcements; those that do not exist are left out."""
    wanted = set(public_ids)
    return list(_complete(Order.objects.filter(public_id__in=wanted))) if wanted else []


def latest_payment(order: Order) -> Payment | None:
    """The attempt that tells the order's story: the one that paid it, else the newest."""
    payments = sorted(order.payments.all(), key=lambda each: each.pk)
    paid = [each for each in payments if each.state == State.SUCCEEDED]
    return next(reversed(paid or payments), None)


def order_value(order: Order) -> dict[str, Any]:
    """The protocol's OrderValue. `action` is "confirm" while 3-D Secure waits: POST /orders/{id}/confirm."""
    payment = latest_payment(order)
    state = payment.state if payment else "none"
    waits = order.status == Status.PENDING and state == State.ACTION
    pending = order.status == Status.PENDING

    def money(minor: int) -> dict[str, Any]:
        return Money(minor, order.currency).as_json()

    return {
        "order": order.public_id,
        "key": str(order.key),
        "status": order.status,
        "payment": state,
        "message": message(order, payment),
        "action": "confirm" if waits else None,
        "channel": order.channel,
        "lines": [
            {
                "variant": line.variant_id,
                "title": line.title,
                "sku": line.sku,
                "quantity": line.quantity,
                "unit": money(line.unit_minor),
                "total": money(line.total_minor),
            }
            for line in order.lines.all()
        ],
        "items_total": money(order.items_minor),
        "shipping": money(order.shipping_minor),
        "discount": money(order.discount_minor),
        "total": money(order.total_minor),
        "placed_at": milliseconds(order.placed_at),
        "expires_at": milliseconds(order.expires_at) if pending and order.expires_at else None,
        "rev": order.rev,
    }


def message(order: Order, payment: Payment | None) -> str:
    """One sentence about where the order stands, for its buyer."""
    state = payment.state if payment else None
    if order.status in {Status.EXPIRED, Status.CANCELLED}:
        what = (
            "This order expired" if order.status == Status.EXPIRED else "This order was cancelled"
        )
        if state == State.REFUND_DUE:
            return f"{what}. Your money is on its way back."
        if state == State.REFUNDED:
            return f"{what}. Your money has been refunded."
        return f"{what}. Nothing was charged."
    if order.status == Status.PENDING:
        if state == State.ACTION:
            return "Please confirm the payment with your bank."
        if state == State.DECLINED and payment is not None:
            return f"{payment.reason or 'The card was declined.'} Please try another card."
        if state in {State.REFUND_DUE, State.REFUNDED} and payment is not None:
            return f"{payment.reason or 'That payment goes back to you.'} Please try another card."
        return "We are waiting for your payment."
    return {
        Status.PAID: "Paid. We are getting your parcel ready.",
        Status.PACKED: "Your parcel is packed.",
        Status.SHIPPED: "Your parcel is on its way.",
        Status.DELIVERED: "Your parcel has arrived.",
    }[Status(order.status)]


def sales_of(channel: str, *, currency: str | None = None) -> dict[str, Any]:
    """What a channel has sold, in orders that were paid and still stand.

    {"orders", "units", "gmv": {"minor", "currency"}, "simulated": {the same for simulated buyers, which are
    not in the other numbers}}. `currency` is the one that `gmv` is in; without it, the one most was sold in.
    """
    real, simulated = (_sales(channel, currency, simulated=each) for each in (False, True))
    return real | {"simulated": simulated}


def _sales(channel: str, currency: str | None, *, simulated: bool) -> dict[str, Any]:
    sold = Order.objects.filter(channel=channel, status__in=SOLD, is_simulated=simulated)
    rows = (
        sold.order_by().values_list("currency").annotate(sum=Sum("total_minor"), orders=Count("id"))
    )
    sums = {code: minor for code, minor, _ in rows}
    shown = currency or max(sums, key=lambda code: sums[code], default="EUR")
    units = OrderLine.objects.filter(order__in=sold).aggregate(units=Sum("quantity"))["units"]
    return {
        "orders": sum(orders for _, _, orders in rows),
        "units": units or 0,
        "gmv": Money(int(sums.get(shown, 0)), shown).as_json(),
    }
