"""The cart, with the checkout on the same page."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any, cast
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts.models import User
from livestore.base.errors import Invalid, Refusal
from shop.carts import selectors, services
from shop.catalogue.lookup import looks
from shop.checkout import placement_door
from shop.checkout.forms import CheckoutForm


def _someone(request: HttpRequest) -> User:
    return cast(User, request.user)


def _lines(user: User) -> dict[str, Any]:
    """The cart with what the page shows beside each line."""
    cart = selectors.cart_value(user)
    seen = looks(line["variant"] for line in cart["lines"])
    lines = [
        line
        | {
            "look": seen[line["variant"]],
            "kept": line["held_until"] is not None,
            "short": line["held_until"] is None and line["left"] < line["quantity"],
            "can_grow": line["left"] > 0 and line["quantity"] < 99,
        }
        for line in cart["lines"]
    ]
    return {"cart": cart, "lines": lines, "count": sum(line["quantity"] for line in lines)}


@never_cache
@login_required
def cart(request: HttpRequest) -> HttpResponse:
    """Look at the cart and buy what is in it."""
    user = _someone(request)
    if request.method == "POST":
        return _buy(request, user)
    context = _lines(user)
    if request.htmx:  # type: ignore[attr-defined]
        return _part(request, context)
    return render(request, "shop/cart.html", context | {"form": CheckoutForm.fresh(user)})


def _buy(request: HttpRequest, user: User) -> HttpResponse:
    form = CheckoutForm.typed(user, request.POST)
    order = placement_door.buy(form, request.POST, from_cart=True)
    if order is not None:
        return redirect("order", order)
    context = _lines(user) | {"form": form}
    if not context["lines"]:
        return redirect("cart")
    return render(request, "shop/cart.html", context, status=422)


def _part(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    """The lines and the sum, for htmx; an emptied cart is shown as a whole page."""
    if not context["lines"]:
        response = HttpResponse()
        response["HX-Redirect"] = reverse("cart")
        return response
    return render(request, "shop/parts/cart_part.html", context)


def _change(request: HttpRequest, change: Callable[[User], object]) -> HttpResponse:
    """One change of the cart: with htmx the lines come back, without it the page."""
    user = _someone(request)
    problem = ""
    try:
        change(user)
    except Refusal as refusal:
        problem = next(iter((refusal.fields or {}).values()), refusal.message)
    if request.htmx:  # type: ignore[attr-defined]
        return _part(request, _lines(user) | {"problem": problem})
    if problem:
        messages.error(request, problem)
    return redirect("cart")


@require_POST
def add(request: HttpRequest) -> HttpResponse:
    """Put a variant into the cart; a guest logs in first and comes back with it in hand."""
    try:
        variant = int(request.POST["variant"])
        quantity = int(request.POST.get("quantity", "1"))
        key = uuid.UUID(request.POST["key"])
    except (KeyError, ValueError):
        messages.error(request, "That could not be read. Please try again.")
        return redirect("cart")
    if not request.user.is_authenticated:
        seen = looks([variant]).get(variant)
        back = reverse("product", args=[seen.handle]) if seen else reverse("home")
        act = urlencode({"variant": variant, "act": f"cart:{variant}:{quantity}"}, safe=":")
        return redirect(f"{reverse('login')}?{urlencode({'next': f'{back}?{act}'})}")

    def change(user: User) -> None:
        services.add(user=user, variant=variant, quantity=quantity, channel="", key=key)

    return _change(request, change)


@require_POST
@login_required
def quantity(request: HttpRequest, line: int) -> HttpResponse:
    """Another quantity of a line; 0 takes it out."""

    def change(user: User) -> None:
        word = request.POST.get("quantity", "")
        if not word.isdecimal() or len(word) > 3:
            raise Invalid(fields={"quantity": "Please give a number."})
        if int(word) == 0:
            services.remove(user=user, line=line)
        else:
            services.set_quantity(user=user, line=line, quantity=int(word))

    return _change(request, change)


@require_POST
@login_required
def remove(request: HttpRequest, line: int) -> HttpResponse:
    return _change(request, lambda user: services.remove(user=user, line=line))


@require_POST
@login_required
def hold_again(request: HttpRequest, line: int) -> HttpResponse:
    """Keep the units of an expired line for ten more minutes, if there are any."""
    return _change(request, lambda user: services.hold_again(user=user, line=line))
