"""What a fresh demo begins with: people, a catalogue, and shows that are over, ready and coming up."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

from django.core.management import call_command

from accounts.models import User
from accounts.people.demo_people import make_demo_people
from livestore.base.clock import database_now
from livestore.base.money import Money
from shop.catalogue.shopify import read
from shop.demo_catalogue import load
from shop.models import Movement, Product, Variant
from shop.stock.services import post_movement
from streams.models import Show
from streams.shows import services
from streams.shows.services import ItemSpec

Say = Callable[[str], None]
SHOW = "evening-edit"
CURRENCY = "EUR"
DEMO_UNITS = 12
"""What a variant of an imported product without any stock receives."""
# Shown first in the demo, so that "number seven" is worth asking for.
EVENING = (
    "velvet-hour-lipstick",
    "good-night-silk-bonnet",
    "slow-pour-kettle",
    "falling-star-necklace",
    "long-line-usb-c-cable",
    "first-frost-hoodie",
    "opening-night-wig",
)


def seed(*, catalog: Path | None, say: Say) -> None:
    """Make what is missing; what is there is kept. Running it again changes nothing."""
    people = make_demo_people()
    if catalog is not None:
        call_command("import_catalog", str(catalog), currency=CURRENCY)
        _fill_the_shelves(catalog, say)
    else:
        result = load()
        if result.products:
            say(f"catalogue: {result.products} products, {result.variants} variants")
    host = people["host"]
    newest_first = catalog is not None
    if not Show.objects.filter(slug=SHOW).exists():
        _evening_show(host, people["moderator"], newest_first)
        say(f"a show is ready: {SHOW}")
    if not Show.objects.filter(slug="shade-library").exists():
        _coming_up(host, newest_first)
    if not Show.objects.filter(slug="first-light").exists():
        _over(host, newest_first)


def _fill_the_shelves(catalog: Path, say: Say) -> None:
    """Give products of the file that have nothing at all to sell a few units, so that the show can go on.

    Each gets them once: what was ever moved by hand, by a sale or by an earlier start is left alone.
    """
    handles = [product.handle for product in read(catalog.read_bytes(), currency=CURRENCY).products]
    moved = Movement.objects.values("variant__product")
    empty = (
        Product.objects.filter(handle__in=handles, status=Product.Status.ACTIVE)
        .exclude(variants__stock__on_hand__gt=0)
        .exclude(variants__price_minor=0)
        .exclude(pk__in=moved)
    )
    products = list(empty.prefetch_related("variants"))
    for variant in (variant for product in products for variant in product.variants.all()):
        post_movement(
            variant=variant,
            kind=Movement.Kind.RECEIVED,
            quantity=DEMO_UNITS,
            reason="Units for the demo: the file has none of this product",
            by=None,
        )
    if products:
        names = ", ".join(product.title for product in products[:3])
        names += f" and {len(products) - 3} more" if len(products) > 3 else ""
        say(
            f"for the demo {DEMO_UNITS} units of each variant were received of what the file has none of: {names}"
        )


def _specs(products: list[Product], *, show_price_every: int = 2) -> list[ItemSpec]:
    specs = []
    for number, product in enumerate(products, start=1):
        cheapest = product.variants.order_by("price_minor").first()
        price = None
        if cheapest is not None and number % show_price_every == 0:
            price = Money(cheapest.price_minor * 90 // 100, CURRENCY)
        specs.append(
            ItemSpec(
                number=number,
                product=product.pk,
                show_price=price.minor if price else None,
                talking_points=_talking_points(product),
            )
        )
    return specs


def _talking_points(product: Product) -> str:
    facts = [
        f"{name.replace('_', ' ').capitalize()}: {value}"
        for name, value in product.attributes.items()
    ]
    return "\n".join(facts[:4])


def _products(count: int, newest_first: bool, first: tuple[str, ...] = ()) -> list[Product]:
    """Products on sale in the show's currency: the named ones, then one of each category in turn."""
    sellable = Product.objects.filter(
        status=Product.Status.ACTIVE,
        pk__in=Variant.objects.filter(currency=CURRENCY, stock__on_hand__gt=0).values("product"),
    ).exclude(variants__price_minor=0)  # a price that somebody forgot
    if newest_first:
        return list(sellable.order_by("-id")[:count])
    named = {product.handle: product for product in sellable.filter(handle__in=first)}
    chosen = [named[handle] for handle in first if handle in named]
    shelves: dict[int | None, list[Product]] = {}
    for product in sellable.exclude(pk__in=[each.pk for each in chosen]).order_by("id"):
        shelves.setdefault(product.category_id, []).append(product)
    while len(chosen) < count and any(shelves.values()):
        for shelf in shelves.values():
            if shelf and len(chosen) < count:
                chosen.append(shelf.pop(0))
    return chosen


def _evening_show(host: User, moderator: User, newest_first: bool) -> None:
    show = services.create_show(
        host=host,
        title="The evening edit",
        slug=SHOW,
        description="An hour of small good things for the house, the hair and the hook by the door.",
        scheduled_for=database_now(),
        currency=CURRENCY,
    )
    services.add_moderator(show=show, by=host, user=moderator)
    services.set_items(show=show, by=host, items=_specs(_products(14, newest_first, EVENING)))


def _coming_up(host: User, newest_first: bool) -> None:
    tomorrow = (database_now() + dt.timedelta(days=1)).replace(hour=18, minute=0, second=0)
    show = services.create_show(
        host=host,
        title="A hundred and twenty reds, tried on one by one",
        slug="shade-library",
        description="Every shade of the velvet lipstick in daylight. Bring a number.",
        scheduled_for=tomorrow.replace(microsecond=0),
        currency=CURRENCY,
        mood="#5A1F2B",
    )
    specs = _specs(_products(10, newest_first, ("velvet-hour-lipstick",)), show_price_every=3)
    services.set_items(show=show, by=host, items=specs)


def _over(host: User, newest_first: bool) -> None:
    show = services.create_show(
        host=host,
        title="First light: breakfast things",
        slug="first-light",
        description="Kettles, cups and quiet mornings.",
        currency=CURRENCY,
        mood="#3B3A24",
    )
    services.set_items(show=show, by=host, items=_specs(_products(6, newest_first)))
    services.start(show_slug=show.slug, by=host)
    services.end(show_slug=show.slug, by=host)
