"""Pictures and addresses of variants that are shown outside of their product: carts, orders."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from shop.catalogue.models import Variant
from shop.catalogue.pictures import picture_url


@dataclass(frozen=True, slots=True)
class Look:
    """How a variant appears in a list."""

    picture: str | None
    handle: str
    product: str
    title: str


def looks(variant_ids: Iterable[int]) -> dict[int, Look]:
    """The looks of these variants, in two queries for any number."""
    variants = (
        Variant.objects.filter(pk__in=set(variant_ids))
        .select_related("product__category")
        .prefetch_related("product__pictures")
    )
    return {
        each.pk: Look(
            picture_url(each.product, each), each.product.handle, each.product.title, each.title
        )
        for each in variants
    }
