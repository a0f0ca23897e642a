"""Where the pictures of a product are: one rule for pages, rooms, the API and the admin."""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.urls import reverse

from shop.catalogue.drawing import VERSION
from shop.catalogue.models import Picture, Product, Variant

DEFAULT_TINT = "#EFE7DD"


def drawing_version(drawing: dict[str, Any], tint: str) -> str:
    """Eight hex digits that change whenever the drawn picture would look different."""
    text = json.dumps([VERSION, drawing, tint], sort_keys=True, separators=(",", ":"))
    return f"{zlib.crc32(text.encode()):08x}"


def tint_of(product: Product) -> str:
    return product.category.tint if product.category else DEFAULT_TINT


def address(picture: Picture, tint: str) -> str | None:
    """The address of one picture; drawn ones carry their version, so that they may be cached for ever."""
    if picture.drawing:
        path = reverse("picture", kwargs={"pk": picture.pk})
        return f"{path}?v={drawing_version(picture.drawing, tint)}"
    if picture.image:
        return str(picture.image.url)
    return picture.link or None


def _rank(picture: Picture) -> int:
    """The demo must look right without the internet, so it prefers what livestore draws itself."""
    order = ("drawing", "image", "link") if settings.DEMO else ("image", "link", "drawing")
    return next((at for at, field in enumerate(order) if getattr(picture, field)), len(order))


def pictures_of(product: Product) -> list[Picture]:
    """All pictures, best first. Reads the prefetched ones of `selectors.with_pictures`."""
    return sorted(product.pictures.all(), key=lambda one: (_rank(one), one.position, one.pk))


def looks_of(variant: Variant) -> set[str]:
    return {str(option.get("value", "")) for option in variant.options}


def choose(pictures: Sequence[Picture], variant: Variant | None) -> Picture | None:
    """The variant's own picture, else one that shows its colour or shade, else the product's first."""
    if variant is not None:
        for picture in pictures:
            if picture.variant_id == variant.pk:
                return picture
        looks = looks_of(variant)
        for picture in pictures:
            if picture.drawing and picture.drawing.get("look") in looks:
                return picture
    return min(
        pictures,
        key=lambda one: (_rank(one), one.variant_id is not None, one.position, one.pk),
        default=None,
    )


def picture_url(product: Product, variant: Variant | None = None) -> str | None:
    """The picture to show for a product, or for one of its variants; None when there is none."""
    picture = choose(pictures_of(product), variant)
    return None if picture is None else address(picture, tint_of(product))


def picture_urls(product: Product, variants: Sequence[Variant]) -> dict[int, str | None]:
    """`{variant id: address}` for many variants of one product in one pass (a lipstick has 120)."""
    pictures = pictures_of(product)
    tint = tint_of(product)
    own: dict[int, Picture] = {}
    look: dict[str, Picture] = {}
    for picture in reversed(pictures):
        if picture.variant_id is not None:
            own[picture.variant_id] = picture
        if picture.drawing and picture.drawing.get("look"):
            look[str(picture.drawing["look"])] = picture
    fallback = choose(pictures, None)
    found: dict[int, str | None] = {}
    for variant in variants:
        chosen = own.get(variant.pk) or next(
            (look[value] for value in sorted(looks_of(variant)) if value in look), fallback
        )
        found[variant.pk] = None if chosen is None else address(chosen, tint)
    return found
