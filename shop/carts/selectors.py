"""Reading a cart, priced now."""

from __future__ import annotations

from typing import Any

from django.db.models.functions import Now

from accounts.people.models import User
from livestore.base.clock import milliseconds
from livestore.base.money import Money
from shop.carts.models import Cart, CartLine
from shop.catalogue.selectors import picture_url
from shop.catalogue.titles import line_title
from shop.offers.pricing import shipping
from shop.offers.selectors import NOTHING, running_in_channels
from shop.stock.models import Hold


def lines_of(user: User) -> list[CartLine]:
    """The lines of a person's cart, oldest first, with variant, product, pictures and stock."""
    return list(
        CartLine.objects.filter(cart__user=user)
        .select_related("cart", "variant__product__category", "variant__stock")
        .prefetch_related("variant__product__pictures")
        .order_by("id")
    )


def cart_value(user: User) -> dict[str, Any]:
    """The protocol's CartValue. Each line is priced in the channel where it was picked, as checkout does.

    `left` is what the shelf still has beside this line's own units; `held_until` is null when not all of
    the line's units are kept any more.
    """
    lines = lines_of(user)
    if not lines:
        rev = Cart.objects.filter(user=user).values_list("rev", flat=True).first()
        return {"rev": rev or 0, "lines": [], "items_total": None, "shipping": None, "total": None}
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
        return value | {"items_total": None, "shipping": None, "total": None}
    [items] = sums.values()
    sending = shipping(items.currency)
    return value | {
        "items_total": items.as_json(),
        "shipping": sending.as_json(),
        "total": (items + sending).as_json(),
    }
