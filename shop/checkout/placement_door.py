"""From a sent checkout page to an order. The two pages that sell (cart, buy now) share it."""

from __future__ import annotations

from django.http import QueryDict

from livestore.base.errors import Invalid, Refusal
from shop.checkout.batcher import place
from shop.checkout.forms import CheckoutForm


def buy(form: CheckoutForm, data: QueryDict, *, from_cart: bool, channel: str = "") -> str | None:
    """The order's public id, or None with the reason in the form. Sent twice, it is one order."""
    if not form.is_valid():
        return None
    try:
        request = form.request(data, data.getlist("line"), from_cart=from_cart, channel=channel)
    except (KeyError, ValueError, TypeError):
        form.refuse(Invalid("This page was out of date. Please look again and buy."))
        return None
    outcome = place(request)
    if isinstance(outcome, Refusal):
        form.refuse(outcome)
        return None
    form.remember()
    return outcome.public_id
