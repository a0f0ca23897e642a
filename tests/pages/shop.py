"""What page tests share: a browser of somebody, and the small forms that pages send."""

from __future__ import annotations

import re
import uuid
from typing import Any

from django.test import Client

from accounts.models import User
from shop.models import Order, Variant
from tests import cast

ADDRESS = {
    "address-full_name": "Mina Castellanos",
    "address-line1": "Lindenstraße 7",
    "address-postal_code": "10969",
    "address-city": "Berlin",
    "address-country": "DE",
    "card-number": cast.PAYS,
}


def browser(user: User | None = None) -> Client:
    client = Client()
    if user is not None:
        client.force_login(user)
    return client


def add(client: Client, variant: Variant, quantity: int = 1) -> Any:
    form = {"variant": variant.pk, "quantity": quantity, "key": str(uuid.uuid4())}
    return client.post("/cart/add/", form)


def hidden(page: str, name: str) -> list[str]:
    """The values of the hidden inputs of a page, as a browser would send them."""
    return [
        value
        for tag in re.findall(r"<input[^>]*>", page)
        if f'name="{name}"' in tag
        for value in re.findall(r'value="([^"]*)"', tag)
    ]


def checkout(client: Client, **changes: Any) -> Any:
    """Look at the cart and press Buy."""
    page = client.get("/cart/").text
    form = {"key": hidden(page, "key")[0], "line": hidden(page, "line"), **ADDRESS}
    return client.post("/cart/", form | changes)


def only_order() -> Order:
    return Order.objects.get()
