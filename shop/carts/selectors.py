"""Reading a cart, priced now."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.db import connection
from django.db.models.functions import Now

from accounts.people.models import User
from livestore.base.clock import milliseconds
from livestore.base.money import Money
from shop.carts.models import CartLine
from shop.catalogue.models import Variant
from shop.catalogue.selectors import picture_url
from shop.catalogue.titles import line_title
from shop.offers.pricing import shipping
from shop.offers.selectors import NOTHING, Running, running_in_channels
from shop.stock.models import Hold

CARTS_OF = """SELECT user_id, rev, EXISTS (SELECT FROM cart_line WHERE cart_id = cart.id)
      FROM cart WHERE user_id = ANY(%s)"""
"""Most people have no cart, and an ORM query costs half a millisecond before it is sent."""
NO_SUMS = {"items_total": None, "shipping": None, "total": None}


def cart_value(user: User) -> dict[str, Any]:
    """The protocol's CartValue. Each line is priced in the channel where it was picked, as checkout does.

    `left` is what the shelf still has beside this line's own units; `held_until` is null when not all of
    the line's units are kept any more.
    """
    return cart_values([user.pk])[user.pk]


def cart_values(users: Collection[int]) -> dict[int, dict[str, Any]]:
    """`cart_value` of many people, by user id: one query when all carts are empty, else at most six."""
    with connection.cursor() as cursor:
        cursor.execute(CARTS_OF, [list(users)])
        carts = {user: (rev, filled) for user, rev, filled in cursor.fetchall()}
    lines: dict[int, list[CartLine]] = {}
    filled = [user for user, (_, filled) in carts.items() if filled]
    for line in _lines(filled) if filled else ():
        lines.setdefault(line.cart.user_id, []).append(line)
    values = _priced(lines)
    for user in users:
        if user not in values:
            rev, _ = carts.get(user, (0, False))
            values[user] = {"rev": rev, "lines": [], **NO_SUMS}
    return values


def _lines(users: Collection[int]) -> list[CartLine]:
    """Lines of these people's carts, oldest first, with variant, product, pictures and stock.

    Each variant is read once, however many carts it is in: during a show they all hold the same few.
    """
    found = CartLine.objects.filter(cart__user__in=users).select_related("cart").order_by("id")
    lines = list(found)
    if not lines:
        return []
    variants = (
        Variant.objects.select_related("product__category", "stock")
        .prefetch_related("product__pictures")
        .in_bulk({line.variant_id for line in lines})
    )
    still_there = [line for line in lines if line.variant_id in variants]
    for line in still_there:
        line.variant = variants[line.variant_id]
    return still_there


def _priced(carts: Mapping[int, list[CartLine]]) -> dict[int, dict[str, Any]]:
    """CartValues of carts that are not empty, by user id."""
    lines = [line for cart in carts.values() for line in cart]
    if not lines:
        return {}
    running = running_in_channels(
        {line.channel for line in lines}, {line.variant_id for line in lines}
    )
    holds = {
        hold.owner_id: hold
        for hold in Hold.objects.filter(
            owner=Hold.Owner.CART,
            owner_id__in=[line.pk for line in lines],
            expires_at__gt=Now(),
        )
    }
    return {user: _value(cart, running, holds) for user, cart in carts.items()}


def _value(
    lines: list[CartLine],
    running: Mapping[tuple[str, int], Running],
    holds: Mapping[int, Hold],
) -> dict[str, Any]:
    values = []
    sums: dict[str, Money] = {}
    for line in lines:
        variant = line.variant
        offers = running.get((line.channel, line.variant_id), NOTHING)
        unit = offers.price(variant, line.quantity)
        total = unit * line.quantity
        sums[unit.currency] = sums.get(unit.currency, Money(0, unit.currency)) + total
        stock = getattr(variant, "stock", None)
        hold = holds.get(line.pk)
        kept = hold is not None and hold.quantity >= line.quantity and hold.expires_at is not None
        values.append(
            {
                "id": line.pk,
                "variant": line.variant_id,
                "title": line_title(variant.product.title, variant.title),
                "picture": picture_url(variant.product, variant),
                "quantity": line.quantity,
                "unit": unit.as_json(),
                "total": total.as_json(),
                "left": stock.left if stock else 0,
                "held_until": milliseconds(hold.expires_at)
                if kept and hold and hold.expires_at
                else None,
                "channel": line.channel,
            }
        )
    value = {"rev": lines[0].cart.rev, "lines": values}
    if (
        len(sums) > 1
    ):  # a currency was changed in the catalogue: the lines have to be bought one by one
        return value | NO_SUMS
    [items] = sums.values()
    sending = shipping(items.currency)
    return value | {
        "items_total": items.as_json(),
        "shipping": sending.as_json(),
        "total": (items + sending).as_json(),
    }
