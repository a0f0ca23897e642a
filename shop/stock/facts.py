"""What the world hears when a stock row has changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db import connection

from livestore.base.outbox import Fact
from shop.stock.models import Stock


@dataclass(frozen=True, slots=True)
class DealLeft:
    """A running flash deal of a variant and how many of its own units nobody has bought yet."""

    deal: int
    channel: str
    left: int


def deals_of(variant_ids: Iterable[int]) -> dict[int, list[DealLeft]]:
    """The running deals of these variants, by variant; a deal's hold is what it has left."""
    found: dict[int, list[DealLeft]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT o.variant_id, o.id, o.channel, h.quantity
                 FROM offer o
                 JOIN stock_hold h ON h.owner = 'deal' AND h.owner_id = o.id
                WHERE o.variant_id = ANY(%s::bigint[]) AND o.state = 'running' AND o.kind = 'deal'
                ORDER BY o.id""",
            [sorted(set(variant_ids))],
        )
        for variant_id, deal, channel, left in cursor.fetchall():
            found.setdefault(variant_id, []).append(DealLeft(deal, channel, left))
    return found


def stock_fact(stock: Stock, deals: Iterable[DealLeft] = ()) -> Fact:
    """`shop.stock_changed`, absolute: `left` on the shelf and what each running deal has left.

    data  {variant, left, rev, deal, deal_left, deals: {channel: {deal, left}}}; `deal` and `deal_left`
          are those of the oldest running deal, or null
    """
    running = list(deals)
    first = running[0] if running else None
    return Fact(
        "shop.stock_changed",
        {
            "variant": stock.pk,
            "left": stock.left,
            "deal": first.deal if first else None,
            "deal_left": first.left if first else None,
            "deals": {each.channel: {"deal": each.deal, "left": each.left} for each in running},
            "rev": stock.rev,
        },
    )


def stock_facts(stocks: Iterable[Stock] | Mapping[int, Stock]) -> list[Fact]:
    """One `shop.stock_changed` for each of these (locked and written) stock rows."""
    rows = list(stocks.values() if isinstance(stocks, Mapping) else stocks)
    if not rows:
        return []
    deals = deals_of(row.pk for row in rows)
    return [stock_fact(row, deals.get(row.pk, ())) for row in rows]
