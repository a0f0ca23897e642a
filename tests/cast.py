"""The one cast of people, and the small shop they meet in.

Mina and Theo watch and buy, Hana hosts, Omar moderates her show, Ada keeps the catalogue.
"""

from __future__ import annotations

from typing import Any

from accounts.models import Address, Card, User
from shop.models import Category, Product, Stock, Variant
from streams.models import Item, Show

PAYS = "4242424242424242"


def person(username: str, **fields: Any) -> User:
    user = User(username=username, display_name=username.capitalize(), **fields)
    user.set_password("demo")
    user.save()
    return user


def buyer(username: str, *, card: str = PAYS, **fields: Any) -> User:
    """Somebody with an address and a card, who can buy in two taps."""
    user = person(username, **fields)
    Address.objects.create(
        user=user,
        full_name=user.name,
        line1="Lindenstraße 7",
        postal_code="10969",
        city="Berlin",
        country="DE",
    )
    Card.objects.create(user=user, number=card)
    return user


def mina() -> User:
    return buyer("mina")


def theo() -> User:
    return buyer("theo")


def hana() -> User:
    return person("hana", is_host=True)


def omar() -> User:
    return person("omar")


def ada() -> User:
    return person("ada", is_staff=True, is_superuser=True)


def product(
    handle: str = "silk-bonnet",
    *,
    price: int = 1299,
    stock: int = 50,
    shades: tuple[str, ...] = ("Rosewood",),
    currency: str = "EUR",
) -> Product:
    """A product with one variant per shade, each with `stock` units."""
    category, _ = Category.objects.get_or_create(name="Hair", slug="hair")
    made = Product.objects.create(
        handle=handle, title=handle.replace("-", " ").capitalize(), category=category
    )
    for position, shade in enumerate(shades):
        variant = Variant.objects.create(
            product=made,
            title=shade,
            options=[{"name": "Shade", "value": shade}],
            sku=f"{handle}-{position}".upper(),
            price_minor=price,
            currency=currency,
            position=position,
        )
        Stock.objects.create(variant=variant, opening=stock, on_hand=stock)
    return made


def variant_of(made: Product, position: int = 0) -> Variant:
    return made.variants.get(position=position)


def show(host: User, *products: Product, slug: str = "evening-edit", live: bool = False) -> Show:
    """A show whose run of show numbers the products 1, 2, 3 ... `live` sets the state without a command."""
    from django.db.models.functions import Now

    made = Show.objects.create(
        slug=slug,
        title="The evening edit",
        host=host,
        state=Show.State.LIVE if live else Show.State.SCHEDULED,
        started_at=Now() if live else None,
    )
    for number, each in enumerate(products, start=1):
        Item.objects.create(show=made, number=number, position=number, product=each)
    return made
