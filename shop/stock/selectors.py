"""Reading stock."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import F

from shop.stock.models import Stock


def left(variant_ids: Iterable[int]) -> dict[int, int]:
    """What can be bought outside of flash deals, by variant; a variant without a stock row has 0."""
    ids = list(variant_ids)
    found = dict(Stock.objects.filter(pk__in=ids).values_list("pk", F("on_hand") - F("reserved")))
    return {variant_id: found.get(variant_id, 0) for variant_id in ids}
