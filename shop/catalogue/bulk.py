"""Making many products at once: the demo's catalogue and first imports."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.utils.text import slugify

from shop.catalogue import checks
from shop.catalogue.html import cleaned
from shop.catalogue.models import Category, Picture, Product, Variant
from shop.catalogue.pictures import DEFAULT_TINT
from shop.catalogue.services import announce
from shop.catalogue.specs import ProductSpec
from shop.stock.models import Stock


def category_named(name: str, *, tint: str = DEFAULT_TINT, position: int = 99) -> Category | None:
    """The category of that name (or of the same slug), made when it is new; None without a name."""
    slug = slugify(name)[:60]
    if not slug:
        return None
    made, _ = Category.objects.get_or_create(
        slug=slug, defaults={"name": name[:60], "tint": tint, "position": position}
    )
    return made


@transaction.atomic
def create_many(*, specs: Sequence[ProductSpec]) -> list[Product]:
    """All products with variants, opening stock and pictures, in five statements for any number.

    The values were checked by whoever made the specs, but are checked again: raises Invalid (fields).
    Handles and SKUs must be new, else the database refuses all of them.
    """
    categories = {name: category_named(name) for name in {spec.category for spec in specs}}
    products = Product.objects.bulk_create(
        Product(
            **checks.product(
                {
                    "handle": spec.handle,
                    "title": spec.title,
                    "description": cleaned(spec.description),
                    "vendor": spec.vendor,
                    "category": categories[spec.category],
                    "tags": list(spec.tags),
                    "attributes": dict(spec.attributes),
                    "status": spec.status,
                }
            )
        )
        for spec in specs
    )
    pairs = [
        (Variant(product=product, position=at, **checks.variant(one.columns())), one.opening)
        for product, spec in zip(products, specs, strict=True)
        for at, one in enumerate(spec.variants)
    ]
    variants = Variant.objects.bulk_create([variant for variant, _ in pairs])
    Stock.objects.bulk_create(
        Stock(
            variant=variant,
            opening=checks.quantity("opening", opening),
            on_hand=checks.quantity("opening", opening),
        )
        for variant, (_, opening) in zip(variants, pairs, strict=True)
    )
    place = {(variant.product_id, variant.position): variant for variant in variants}
    Picture.objects.bulk_create(
        Picture(
            product=product,
            variant=None if one.variant is None else place[product.pk, one.variant],
            drawing=one.drawing,
            link=one.link,
            alt=one.alt[:200],
            position=at,
        )
        for product, spec in zip(products, specs, strict=True)
        for at, one in enumerate(spec.pictures)
    )
    announce([product.pk for product in products])
    return products
