"""The first page of the admin: what today has brought, what runs out, what is on air."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Count, F, Q, Sum
from django.http import HttpRequest
from django.urls import reverse

from livestore.base.clock import database_now
from livestore.base.money import Money
from shop.catalogue.pictures import picture_url
from shop.models import Order, Product, Stock
from streams.models import Show

SOLD = (Order.Status.PAID, Order.Status.PACKED, Order.Status.SHIPPED, Order.Status.DELIVERED)
LOW = 5
ROWS = 8
DAYS = 7


def _sums(orders: Any) -> str:
    """The turnover of these orders, one amount for each currency."""
    sums = orders.order_by().values_list("currency").annotate(sum=Sum("total_minor"))
    return " + ".join(str(Money(minor, code)) for code, minor in sorted(sums)) or "–"


def _numbers(now: dt.datetime) -> list[dict[str, Any]]:
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    today = Order.objects.filter(placed_at__gte=midnight)
    real = today.filter(is_simulated=False)
    counts = today.aggregate(
        real=Count("id", filter=Q(is_simulated=False, status__in=SOLD)),
        simulated=Count("id", filter=Q(is_simulated=True, status__in=SOLD)),
        waiting=Count("id", filter=Q(status=Order.Status.PENDING)),
    )
    orders = reverse("admin:shop_order_changelist")
    to_pack = Order.objects.filter(status=Order.Status.PAID, is_simulated=False).count()
    low = Stock.objects.filter(
        on_hand__lte=F("reserved") + LOW, variant__product__status=Product.Status.ACTIVE
    ).count()
    return [
        {
            "name": "Orders today",
            "value": counts["real"],
            "more": f"{counts['simulated']} more from simulated buyers",
            "icon": "receipt_long",
            "href": orders,
        },
        {
            "name": "Turnover today",
            "value": _sums(real.filter(status__in=SOLD)),
            "more": f"simulated: {_sums(today.filter(is_simulated=True, status__in=SOLD))}",
            "icon": "payments",
            "href": orders,
        },
        {
            "name": "To pack",
            "value": to_pack,
            "more": f"{counts['waiting']} orders wait for payment",
            "icon": "package_2",
            "href": f"{orders}?status__exact=paid",
        },
        {
            "name": "Nearly gone",
            "value": low,
            "more": f"variants with at most {LOW} left",
            "icon": "inventory_2",
            "href": f"{reverse('admin:shop_stock_changelist')}?left=low",
        },
    ]


def _week(now: dt.datetime) -> list[dict[str, Any]]:
    """Paid orders of the last seven days, real and simulated, as bars of 0 to 100."""
    first = (now - dt.timedelta(days=DAYS - 1)).replace(hour=0, minute=0, second=0, microsecond=0)
    rows = (
        Order.objects.filter(placed_at__gte=first, status__in=SOLD)
        .order_by()
        .values_list("placed_at__date")
        .annotate(all=Count("id"), real=Count("id", filter=Q(is_simulated=False)))
    )
    counts = {day: (count, real) for day, count, real in rows}
    most = max((count for count, _ in counts.values()), default=0) or 1
    days = [(first + dt.timedelta(days=at)).date() for at in range(DAYS)]
    return [
        {
            "day": day.strftime("%a"),
            "count": counts.get(day, (0, 0))[0],
            "real": counts.get(day, (0, 0))[1],
            "height": round(100 * counts.get(day, (0, 0))[0] / most),
        }
        for day in days
    ]


def _low() -> list[dict[str, Any]]:
    rows = (
        Stock.objects.filter(
            on_hand__lte=F("reserved") + LOW, variant__product__status=Product.Status.ACTIVE
        )
        .annotate(left_now=F("on_hand") - F("reserved"))
        .select_related("variant__product__category")
        .prefetch_related("variant__product__pictures")
        .order_by("left_now", "variant__product__title", "pk")[:ROWS]
    )
    return [
        {
            "picture": picture_url(row.variant.product, row.variant),
            "title": str(row.variant),
            "left": row.left,
            "href": f"{reverse('admin:shop_movement_add')}?variant={row.pk}",
        }
        for row in rows
    ]


def _shows() -> list[dict[str, Any]]:
    states = (Show.State.LIVE, Show.State.PAUSED, Show.State.SCHEDULED)
    rows = (
        Show.objects.filter(state__in=states)
        .select_related("host")
        .order_by("state", "scheduled_for")
    )
    return [
        {
            "title": row.title,
            "host": row.host.name,
            "state": row.get_state_display(),
            "live": row.is_open,
            "when": row.started_at if row.is_open else row.scheduled_for,
            "href": reverse("admin:streams_show_change", args=[row.pk]),
        }
        for row in rows[:ROWS]
    ]


def _orders() -> list[dict[str, Any]]:
    rows = Order.objects.select_related("user").prefetch_related("lines").order_by("-id")[:ROWS]
    return [
        {
            "number": row.public_id,
            "buyer": row.user.name,
            "simulated": row.is_simulated,
            "what": ", ".join(f"{line.quantity} × {line.title}" for line in row.lines.all()),
            "total": str(row.total),
            "status": row.get_status_display(),
            "href": reverse("admin:shop_order_change", args=[row.pk]),
        }
        for row in rows
    ]


def today(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """What the admin's first page shows, for those who may see it; called by the theme."""
    if request.user.has_perm("shop.view_order") and request.user.has_perm("shop.view_stock"):
        now = database_now()
        context.update(
            {
                "numbers": _numbers(now),
                "week": _week(now),
                "low_stock": _low(),
                "on_air": _shows(),
                "latest_orders": _orders(),
            }
        )
    return context
