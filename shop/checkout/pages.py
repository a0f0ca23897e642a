"""Buy now: one variant, without the cart."""

from __future__ import annotations

import uuid
from typing import Any, cast

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache

from accounts.models import User
from shop.catalogue.choices import left_of
from shop.catalogue.lookup import looks
from shop.catalogue.models import Product, Variant
from shop.checkout import placement_door
from shop.checkout.forms import CheckoutForm
from shop.offers.pricing import price_of, shipping


@never_cache
@login_required
def buy_now(request: HttpRequest, variant: int) -> HttpResponse:
    """The second tap: what, where to, with which card, how much; one button."""
    user = cast(User, request.user)
    found = (
        Variant.objects.select_related("product", "stock")
        .filter(pk=variant, product__status=Product.Status.ACTIVE)
        .first()
    )
    if found is None:
        raise Http404("This is not on sale.")
    if request.method == "POST":
        form = CheckoutForm.typed(user, request.POST)
        order = placement_door.buy(form, request.POST, from_cart=False)
        if order is not None:
            return redirect("order", order)
        form.key = uuid.uuid4()
    else:
        form = CheckoutForm.fresh(user)
    context = _sum(found, _quantity(request)) | {"form": form}
    return render(request, "shop/buy.html", context, status=200 if request.method == "GET" else 422)


def _quantity(request: HttpRequest) -> int:
    word = request.POST.get("quantity") or request.GET.get("quantity") or "1"
    return min(99, max(1, int(word))) if word.isdecimal() and len(word) < 4 else 1


def _sum(variant: Variant, quantity: int) -> dict[str, Any]:
    unit = price_of(variant)
    items = unit * quantity
    sending = shipping(variant.currency)
    return {
        "variant": variant,
        "look": looks([variant.pk])[variant.pk],
        "quantity": quantity,
        "unit": unit,
        "items": items,
        "shipping": sending,
        "total": items + sending,
        "left": left_of(variant),
    }
