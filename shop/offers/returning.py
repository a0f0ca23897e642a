"""Orders that do not stand any more give back what they had: units, deal units, the buyer's limit.

An order of a flash deal that is still running gives its units back to the deal; every other unit goes to
the shelf. Both functions run inside the caller's transaction, after the caller has moved the orders by a
conditional UPDATE (which is what makes them happen once). They lock no stock: `shop.stock.shelf.conclude` writes it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db import connection

from shop.stock import ledger
from shop.stock.shelf import Shelf


def release_orders(order_ids: Iterable[int]) -> Shelf:
    """Orders that were pending have expired or were cancelled: their holds end, nothing leaves the ledger."""
    ids = sorted(set(order_ids))
    shelf = ledger.free_order_holds(ids)
    _give_back_deals_and_uses(shelf, ids)
    return shelf


def return_orders(
    order_ids: Iterable[int], *, reason: str = "cancelled before packing", by_id: int | None = None
) -> Shelf:
    """Orders that were paid were cancelled before packing: movement `returned`, units are back."""
    ids = sorted(set(order_ids))
    shelf = ledger.put_back(ids, reason=reason, by_id=by_id)
    _give_back_deals_and_uses(shelf, ids)
    return shelf


def _give_back_deals_and_uses(shelf: Shelf, order_ids: Sequence[int]) -> None:
    """Deal units of these orders go to deals that still run; the buyers may use their limits again."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT line.offer_id, purchase.user_id, line.variant_id, line.quantity
                 FROM purchase_line line
                 JOIN purchase ON purchase.id = line.order_id
                 JOIN offer ON offer.id = line.offer_id AND offer.kind = 'deal'
                WHERE line.order_id = ANY(%s::bigint[])""",
            [list(order_ids)],
        )
        for offer_id, user_id, variant_id, quantity in cursor.fetchall():
            if variant_id in shelf.reserved:
                shelf.deals[offer_id] += quantity
                shelf.uses[offer_id, user_id] += quantity
