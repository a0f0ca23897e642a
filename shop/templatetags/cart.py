"""The number on the cart."""

from __future__ import annotations

from django import template
from django.db.models import Sum

from shop.carts.models import CartLine

register = template.Library()


@register.simple_tag(takes_context=True)
def cart_count(context: template.Context) -> int:
    """How many things lie in the cart of whoever looks; 0 for a guest."""
    user = context.get("user")
    if user is None or not user.is_authenticated:
        return 0
    found = CartLine.objects.filter(cart__user=user).aggregate(things=Sum("quantity"))
    return int(found["things"] or 0)
