"""Orders as pages and the API read them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any

from django.db import connection
from django.db.models import Count, Prefetch, Q, QuerySet, Sum
from django.db.models.functions import Now

from accounts.models import User
from livestore.base.errors import NotFound
from livestore.base.money import Money
from shop.orders.models import Order, OrderLine
from shop.orders.transitions import SOLD, Status
from shop.orders.values import order_values, value_of
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


OPEN_OF = """SELECT user_id, public_id FROM purchase
     WHERE user_id = ANY(%s) AND (status = %s OR status = %s AND paid_at >= now() - make_interval(secs => %s))
     ORDER BY id DESC"""


def open_order_values(users: Collection[int]) -> dict[int, list[dict[str, Any]]]:
    """The OrderValues of `open_orders` of many people, by user id; those who have none are left out.

    One query when nobody has any, else four; no models, because thousands may come back to a room at once.
    """
    with connection.cursor() as cursor:
        cursor.execute(OPEN_OF, [list(users), Status.PENDING, Status.PAID, RECENT.total_seconds()])
        owners = {public_id: user for user, public_id in cursor.fetchall()}
    values = order_values(owners)
    found: dict[int, list[dict[str, Any]]] = {}
    for public_id, user in owners.items():
        if public_id in values:
            found.setdefault(user, []).append(values[public_id])
    return found


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


def latest_payment(order: Order) -> Payment | None:
    """The attempt that tells the order's story: the one that paid it, else the newest."""
    payments = sorted(order.payments.all(), key=lambda each: each.pk)
    paid = [each for each in payments if each.state == State.SUCCEEDED]
    return next(reversed(paid or payments), None)


def order_value(order: Order) -> dict[str, Any]:
    """The protocol's OrderValue of a complete order. For many at once: `shop.orders.values.order_values`."""
    return value_of(order, order.lines.all(), latest_payment(order))


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
