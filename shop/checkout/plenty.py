"""Which orders can be decided before anything is locked: those of what there is plenty of.

They are written first and take their units last (`writing.take_units`), so that the row for which everybody waits
is locked for a moment and by PostgreSQL alone. What is scarce, has a running deal, or comes out of a cart is decided
under the locks, where every unit and every limit is exact. (Who buys past the own cart leaves it alone while the shelf
has enough, so carts need not be read here.) ADR 0013.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from time import monotonic

from shop.checkout.batch import Batch

PLENTY = 2_000
"""Units that have to be left after the batch: what other processes may be taking meanwhile is far less."""
RUSH = 8
"""Requests in a batch; with fewer the lock is free, and looking twice would only take longer."""
SCARCE_FOR = 5.0
"""Seconds for which it is not looked again whether there is plenty of a variant."""
MOST = 10_000


class Scarce:
    """Variants that were scarce a moment ago; a batch with nothing else need not look."""

    def __init__(self) -> None:
        self._until: dict[int, float] = {}

    def add(self, variants: Iterable[int]) -> None:
        if len(self._until) > MOST:
            self._until.clear()
        self._until.update(dict.fromkeys(variants, monotonic() + SCARCE_FOR))

    def has_all(self, variants: Iterable[int]) -> bool:
        now = monotonic()
        return all(self._until.get(variant, 0.0) > now for variant in variants)

    def forget(self) -> None:
        self._until.clear()


scarce = Scarce()


def plentiful_places(batch: Batch) -> list[int]:
    """The places of a batch, read without locks, that can be decided like this; remembers what is scarce."""
    asked: Counter[int] = Counter()
    for place in batch.open_places:
        for line in batch.requests[place].lines:
            asked[line.variant] += line.quantity
    deals = {deal.variant for deal in batch.deals.values()}
    over = {offer.variant for offer in batch.overdue_offers()}
    plenty = {
        variant
        for variant, units in asked.items()
        if variant in batch.stocks
        and variant in batch.goods
        and batch.stocks[variant].left >= units + PLENTY
        and variant not in deals
        and variant not in over
    }
    scarce.add(asked.keys() - plenty)
    return [
        place
        for place in batch.open_places
        if not batch.requests[place].from_cart
        and all(line.variant in plenty for line in batch.requests[place].lines)
    ]
