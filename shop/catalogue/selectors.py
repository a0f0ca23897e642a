"""Reading the catalogue."""

from __future__ import annotations

import re

from django.db.models import Prefetch, Q, QuerySet

from shop.catalogue.errors import NoSuchProduct
from shop.catalogue.models import Category, Product, Variant
from shop.catalogue.pictures import picture_url, picture_urls

__all__ = [
    "categories",
    "count_products",
    "picture_url",
    "picture_urls",
    "product_by_handle",
    "search_products",
    "with_pictures",
]

SEARCH_LIMIT = 200


def with_pictures(products: QuerySet[Product]) -> QuerySet[Product]:
    """Products with category, variants (and their stock) and pictures, in four queries for any number."""
    return products.select_related("category").prefetch_related(
        Prefetch("variants", Variant.objects.select_related("stock")), "pictures"
    )


def product_by_handle(handle: str, *, drafts: bool = False) -> Product:
    """One product with its variants and pictures; raises NoSuchProduct. Drafts are for admins only.

    A number that is nobody's handle is taken for an id.
    """
    found = Product.objects.filter(handle=handle)
    if re.fullmatch("[0-9]{1,18}", handle) and not found.exists():
        found = Product.objects.filter(pk=int(handle))
    if not drafts:
        found = found.exclude(status=Product.Status.DRAFT)
    product = with_pictures(found).first()
    if product is None:
        raise NoSuchProduct
    return product


def _matching(q: str, category: str, status: str | None) -> QuerySet[Product]:
    found = Product.objects.all()
    if status is not None:
        found = found.filter(status=status)
    if category:
        found = found.filter(category__slug=category)
    for word in q.split()[:8]:
        found = found.filter(
            Q(title__icontains=word)
            | Q(vendor__icontains=word)
            | Q(handle__icontains=word)
            | Q(tags__icontains=word)
            | Q(category__name__icontains=word)
            | Q(
                pk__in=Variant.objects.filter(
                    Q(sku__icontains=word) | Q(title__icontains=word) | Q(barcode=word)
                ).values("product")
            )
        )
    return found


def search_products(
    q: str = "",
    category: str = "",
    limit: int = 50,
    *,
    offset: int = 0,
    status: str | None = Product.Status.ACTIVE,
) -> list[Product]:
    """Products whose title, vendor, tags, category or variants hold every word of `q`, by title.

    category is a slug; status None means any; at most 200 at once.
    """
    found = _matching(q, category, status).order_by("title", "pk")
    return list(with_pictures(found)[offset : offset + max(1, min(limit, SEARCH_LIMIT))])


def count_products(
    q: str = "", category: str = "", *, status: str | None = Product.Status.ACTIVE
) -> int:
    """How many products `search_products` would find without a limit."""
    return _matching(q, category, status).count()


def categories() -> list[Category]:
    """Every shelf, in the order in which they are shown."""
    return list(Category.objects.order_by("position", "name"))
