"""From the rows of a show to what the camera draws: pictures, shades, prices."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

from livestore.base.clock import milliseconds
from livestore.base.money import Money
from shop.catalogue.models import Picture, Product, Variant
from shop.catalogue.pictures import choose, pictures_of, tint_of
from shop.catalogue.selectors import with_pictures
from shop.catalogue.silhouettes import drawing_for
from streams.room.protocol.values import DealValue, ItemDetail, ItemSummary, MoneyValue
from streams.shows import selectors
from streams.shows.models import Show
from streams.video.camera.room import Deal, Look, Pinned, Room, Said, Shade, first_sentence
from streams.video.models import Caption

ON_SHELF = 3


def room_of(slug: str) -> Room:
    """The room as the database has it. Raises NoSuchShow, database errors."""
    state = selectors.room_state(slug)
    show, pinned, items = state["show"], state["pinned"], state["items"]
    face = Show.objects.filter(slug=slug).values_list("host__username", flat=True).first()
    coming = _coming(items, pinned)
    wanted = {item.product for item in coming} | ({pinned.product} if pinned else set())
    products = {each.pk: each for each in with_pictures(Product.objects.filter(pk__in=wanted))}
    return Room(
        title=show.title,
        description=show.description,
        state=show.state,
        mood=show.mood,
        host=show.host.name,
        face=face or "",
        pinned=_pinned(pinned, products[pinned.product], state["deals"]) if pinned else None,
        said=_said(slug),
        coming=tuple(_look_of(products[item.product], item.variant) for item in coming),
    )


def _coming(items: Sequence[ItemSummary], pinned: ItemDetail | None) -> list[ItemSummary]:
    """What follows in the run of show, from its beginning again at its end."""
    place = next((n for n, item in enumerate(items) if pinned and item.number == pinned.number), -1)
    after = [*items[place + 1 :], *items[: max(place, 0)]]
    found: dict[int, ItemSummary] = {}
    for item in after:
        if item.left > 0 and (pinned is None or item.product != pinned.product):
            found.setdefault(item.product, item)
    return list(found.values())[:ON_SHELF]


def _money(value: MoneyValue) -> Money:
    return Money(value.minor, value.currency)


def _pinned(item: ItemDetail, product: Product, deals: Sequence[DealValue]) -> Pinned:
    deal = next((each for each in deals if any(v.id == each.variant for v in item.variants)), None)
    return Pinned(
        number=item.number,
        title=item.title,
        price=_money(item.price_from),
        before=_money(item.compare_at) if item.compare_at else None,
        several=item.price_to.minor > item.price_from.minor,
        left=item.left,
        line=first_sentence(item.description),
        look=_look_of(product, item.variant),
        shades=_shades(item, product),
        deal=_deal(deal) if deal else None,
    )


def _deal(deal: DealValue) -> Deal:
    return Deal(deal.id, _money(deal.price), _money(deal.was), deal.starts_at, deal.ends_at)


def _look_of(product: Product, variant: int | None) -> Look:
    own = next((each for each in product.variants.all() if each.pk == variant), None)
    return look(choose(pictures_of(product), own), product)


def look(picture: Picture | None, product: Product) -> Look:
    """A product's picture; one that lies elsewhere, or none, is drawn from the product's own words."""
    tint = tint_of(product)
    if picture is not None and picture.image and not picture.drawing:
        return Look(f"file {picture.image.name}", None, tint, picture.image.path)
    drawing: Mapping[str, Any] | None = picture.drawing if picture else None
    if not drawing:
        drawing = drawing_for(product.title, *map(str, product.tags), seed=product.handle)
    text = json.dumps([drawing, tint], sort_keys=True)
    return Look(f"{zlib.crc32(text.encode()):08x} {len(text)}", drawing, tint)


def _shades(item: ItemDetail, product: Product) -> tuple[Shade, ...]:
    """The variants with the pictures that show them; none when there is only one, or nothing to tell them apart."""
    if len(item.variants) < 2:
        return ()
    pictures = pictures_of(product)
    by_id: dict[int, Variant] = {each.pk: each for each in product.variants.all()}
    found: dict[tuple[str, str | None], Shade] = {}
    for value in item.variants:
        seen = next((option for option in value.options if option.swatch), None)
        name = seen.value if seen else value.title
        variant = by_id.get(value.id)
        shade = Shade(name, seen.swatch if seen else None, look(choose(pictures, variant), product))
        found.setdefault((name, shade.swatch), shade)
    shades = tuple(found.values())
    return shades if len(shades) > 1 else ()


def _said(slug: str) -> Said | None:
    last = Caption.objects.filter(show__slug=slug).order_by("-at", "-id").first()
    if last is None:
        return None
    at = milliseconds(last.at)
    return Said(last.text, at, at + round(last.seconds * 1000))
