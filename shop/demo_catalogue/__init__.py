"""The catalogue of the demo: about seventy products, each with pictures that livestore draws itself."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.utils.text import slugify

from shop.catalogue.bulk import create_many
from shop.catalogue.models import Category, Product
from shop.catalogue.specs import ProductSpec
from shop.demo_catalogue import hair, home, jewellery, makeup, skincare, sport, tech
from shop.demo_catalogue.model import Demo, spec_of

__all__ = ["CATEGORIES", "LoadResult", "load", "specs"]

# Name, the ground of its pictures, its products.
CATEGORIES: tuple[tuple[str, str, tuple[Demo, ...]], ...] = (
    ("Make-up", "#F0D9D0", makeup.PRODUCTS),
    ("Skin care", "#DDE6D6", skincare.PRODUCTS),
    ("Hair", "#E8DBC8", hair.PRODUCTS),
    ("Sport", "#D5DFE8", sport.PRODUCTS),
    ("Home", "#EFE3C6", home.PRODUCTS),
    ("Tech", "#DCDAE8", tech.PRODUCTS),
    ("Jewellery", "#E8D6DC", jewellery.PRODUCTS),
)


@dataclass(frozen=True, slots=True)
class LoadResult:
    """What a load did: new products (with variants and pictures), and those that were there already."""

    products: int
    variants: int
    pictures: int
    unchanged: int


def specs() -> list[ProductSpec]:
    """Every product of the demo, in a fixed order."""
    found: list[ProductSpec] = []
    for name, _, products in CATEGORIES:
        for demo in products:
            found.append(spec_of(demo, name, len(found) + 1))
    return found


@transaction.atomic
def load() -> LoadResult:
    """Make what is missing. A product that exists is left as it is, so that admins' changes stay."""
    for position, (name, tint, _) in enumerate(CATEGORIES):
        Category.objects.get_or_create(
            slug=slugify(name), defaults={"name": name, "tint": tint, "position": position}
        )
    wanted = specs()
    known = set(
        Product.objects.filter(handle__in=[one.handle for one in wanted]).values_list(
            "handle", flat=True
        )
    )
    missing = [one for one in wanted if one.handle not in known]
    create_many(specs=missing)
    return LoadResult(
        products=len(missing),
        variants=sum(len(one.variants) for one in missing),
        pictures=sum(len(one.pictures) for one in missing),
        unchanged=len(known),
    )
