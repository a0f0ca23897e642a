"""The primitives that change stock. They run inside the caller's transaction.

Lock order, everywhere in the shop: orders, payments, then stock rows, offers, carts (each in primary-key order). A
stock row is the guard of what carts and deals hold of its variant: nobody adds, changes or deletes such a Hold
without having locked the row first, so what is read after the lock stays true until the commit. An order's hold is
guarded by the order's row: whoever moves the order lets go of it, and locks the stock last (shop.stock.shelf).

Facts are recorded by the caller, last (see livestore.base.outbox).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection

from livestore.base.outbox import Fact
from shop.stock.errors import NotEnoughStock
from shop.stock.facts import stock_facts
from shop.stock.models import Hold, Stock
from shop.stock.shelf import Shelf


def lock_stock(variant_ids: Iterable[int], *, skip_locked: bool = False) -> dict[int, Stock]:
    """Lock the stock rows of these variants, in primary-key order, once per transaction.

    skip_locked  leave out rows that somebody else has locked (sweeps come again)
    """
    ids = sorted(set(variant_ids))
    if not ids:
        return {}
    rows = Stock.objects.filter(pk__in=ids).order_by("pk")
    return {row.pk: row for row in rows.select_for_update(skip_locked=skip_locked)}


WRITE_STOCK = """UPDATE stock SET on_hand = new.on_hand, reserved = new.reserved, rev = new.rev
     FROM unnest(%s::bigint[], %s::integer[], %s::integer[], %s::integer[]) AS new (id, on_hand, reserved, rev)
    WHERE stock.variant_id = new.id"""


def written(rows: Sequence[Stock]) -> tuple[list[int], ...]:
    """Count `rev` of locked rows up by one; returns the values of WRITE_STOCK."""
    for row in rows:
        row.rev += 1
    return (
        [row.pk for row in rows],
        [row.on_hand for row in rows],
        [row.reserved for row in rows],
        [row.rev for row in rows],
    )


def write_stock(stocks: Iterable[Stock]) -> None:
    """Write `on_hand` and `reserved` of locked rows as they stand in memory, and count `rev` up by one."""
    rows = list(stocks)
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.execute(WRITE_STOCK, written(rows))


def set_hold(
    stock: Stock,
    *,
    owner: str,
    owner_id: int,
    quantity: int,
    expires_at: dt.datetime | None = None,
) -> None:
    """Make the owner's hold on a locked stock row exactly `quantity`; 0 lets it go.

    Changes `stock.reserved` in memory: call `write_stock` once afterwards.
    Raises NotEnoughStock when the shelf has fewer than what is to be added.
    """
    mine = Hold.objects.filter(owner=owner, owner_id=owner_id, variant_id=stock.pk).first()
    before = mine.quantity if mine else 0
    if quantity - before > stock.left:
        raise NotEnoughStock(stock.left)
    stock.reserved += quantity - before
    if quantity == 0:
        if mine:
            mine.delete()
    elif mine:
        mine.quantity, mine.expires_at = quantity, expires_at
        mine.save(update_fields=["quantity", "expires_at"])
    else:
        Hold.objects.create(
            variant_id=stock.pk,
            owner=owner,
            owner_id=owner_id,
            quantity=quantity,
            expires_at=expires_at,
        )


def drop_holds(stocks: dict[int, Stock], *, owner: str, owner_ids: Sequence[int]) -> list[Hold]:
    """Delete these owners' holds on locked rows and lower `reserved` in memory; returns what was held."""
    gone = list(
        Hold.objects.filter(owner=owner, owner_id__in=owner_ids, variant_id__in=stocks.keys())
    )
    Hold.objects.filter(pk__in=[each.pk for each in gone]).delete()
    for each in gone:
        stocks[each.variant_id].reserved -= each.quantity
    return gone


def release_holds(*, owner: str, owner_ids: Iterable[int]) -> list[Fact]:
    """Let go of everything these owners hold: the units are on the shelf again.

    For orders use `shop.offers.returning.release_orders`, which also knows flash deals and limits.
    """
    ids = list(owner_ids)
    variants = Hold.objects.filter(owner=owner, owner_id__in=ids).values_list(
        "variant_id", flat=True
    )
    stocks = lock_stock(variants)
    touched = {each.variant_id for each in drop_holds(stocks, owner=owner, owner_ids=ids)}
    changed = [stocks[variant_id] for variant_id in sorted(touched)]
    write_stock(changed)
    return stock_facts(changed)


def consume_order_holds(order_ids: Iterable[int]) -> Shelf:
    """These orders are paid: their units leave the shelf (`on_hand` and `reserved` down, movement `sold`).

    The caller has moved the orders from pending to paid in the same transaction, so their rows are locked and this
    happens once; the ledger's unique key on (order, variant, kind) would refuse a second time. The stock itself is
    left to `shop.stock.shelf.conclude`.
    """
    return _units(
        """WITH gone AS (
               DELETE FROM stock_hold WHERE owner = 'order' AND owner_id = ANY(%s::bigint[])
               RETURNING variant_id, owner_id, quantity),
           sold AS (
               INSERT INTO stock_movement (variant_id, kind, quantity, reason, order_id, at)
               SELECT variant_id, 'sold', -quantity, '', owner_id, clock_timestamp() FROM gone)
           SELECT variant_id, -sum(quantity), -sum(quantity) FROM gone GROUP BY variant_id""",
        list(order_ids),
    )


def free_order_holds(order_ids: Iterable[int]) -> Shelf:
    """These orders have expired or were cancelled before they were paid: what was held for them is free again.

    As above: the caller has moved them.
    """
    return _units(
        """WITH gone AS (
               DELETE FROM stock_hold WHERE owner = 'order' AND owner_id = ANY(%s::bigint[])
               RETURNING variant_id, quantity)
           SELECT variant_id, 0, -sum(quantity) FROM gone GROUP BY variant_id""",
        list(order_ids),
    )


def put_back(order_ids: Iterable[int], *, reason: str, by_id: int | None) -> Shelf:
    """Units of sold orders come back to the shelf: movement `returned`, at most once each."""
    return _units(
        """WITH back AS (
               INSERT INTO stock_movement (variant_id, kind, quantity, reason, order_id, by_id, at)
               SELECT variant_id, 'returned', sum(quantity), %s, order_id, %s, clock_timestamp()
                 FROM purchase_line WHERE order_id = ANY(%s::bigint[])
                GROUP BY order_id, variant_id
               ON CONFLICT (order_id, variant_id, kind) WHERE order_id IS NOT NULL DO NOTHING
               RETURNING variant_id, quantity)
           SELECT variant_id, sum(quantity), 0 FROM back GROUP BY variant_id""",
        reason,
        by_id,
        list(order_ids),
    )


def _units(sql: str, *values: Any) -> Shelf:
    """A change of the shelf from rows (variant, units on hand, units reserved)."""
    shelf = Shelf()
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        for variant, on_hand, reserved in cursor.fetchall():
            shelf.on_hand[variant] = int(on_hand)
            shelf.reserved[variant] = int(reserved)
    return shelf
