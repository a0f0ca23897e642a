"""Orders that do not stand any more give back what they had: units, deal units, the buyer's limit.

An order of a flash deal that is still running gives its units back to the deal; every other unit goes to
the shelf. Both functions run inside the caller's transaction, after the caller has moved the orders by a
conditional UPDATE (which is what makes them happen once), and return facts to record last.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from django.db import connection

from livestore.base.outbox import Fact
from shop.stock import ledger
from shop.stock.facts import stock_facts
from shop.stock.models import Hold, Stock


def release_orders(order_ids: Iterable[int]) -> list[Fact]:
    """Orders that were pending have expired or were cancelled: their holds end, nothing leaves the ledger."""
    ids = sorted(set(order_ids))
    stocks = ledger.lock_stock_of_orders(ids)
    held = ledger.drop_holds(stocks, owner=Hold.Owner.ORDER, owner_ids=ids)
    _give_back_deals_and_uses(stocks, ids)
    touched = {each.variant_id for each in held}
    changed = [stocks[variant_id] for variant_id in sorted(touched)]
    ledger.write_stock(changed)
    return stock_facts(changed)


def return_orders(
    order_ids: Iterable[int], *, reason: str = "cancelled before packing", by_id: int | None = None
) -> list[Fact]:
    """Orders that were paid were cancelled before packing: movement `returned`, units are back."""
    ids = sorted(set(order_ids))
    stocks = ledger.lock_stock_of_orders(ids)
    ledger.put_back(stocks, ids, reason=reason, by_id=by_id)
    _give_back_deals_and_uses(stocks, ids)
    changed = [stocks[variant_id] for variant_id in sorted(stocks)]
    ledger.write_stock(changed)
    return stock_facts(changed)


def _give_back_deals_and_uses(stocks: dict[int, Stock], order_ids: Sequence[int]) -> None:
    """Deal units of these orders go to deals that still run; the buyers may use their limits again."""
    deals: Counter[int] = Counter()
    uses: Counter[tuple[int, int]] = Counter()
    variants: dict[int, int] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT line.offer_id, line.variant_id, purchase.user_id, line.quantity
                 FROM purchase_line line
                 JOIN purchase ON purchase.id = line.order_id
                 JOIN offer ON offer.id = line.offer_id AND offer.kind = 'deal'
                WHERE line.order_id = ANY(%s::bigint[])""",
            [list(order_ids)],
        )
        for offer_id, variant_id, user_id, quantity in cursor.fetchall():
            deals[offer_id] += quantity
            uses[offer_id, user_id] += quantity
            variants[offer_id] = variant_id
        if not deals:
            return
        # `sold` follows the orders that stand, whether or not the deal still runs.
        cursor.execute(
            "SELECT id FROM offer WHERE id = ANY(%s::bigint[]) ORDER BY id FOR UPDATE",
            [list(deals)],
        )
        cursor.execute(
            """UPDATE offer SET sold = sold - back.quantity, rev = rev + 1
                 FROM unnest(%s::bigint[], %s::integer[]) AS back (id, quantity)
                WHERE offer.id = back.id
            RETURNING offer.id,
                      state = 'running' AND (ends_at IS NULL OR ends_at > clock_timestamp())""",
            [list(deals), list(deals.values())],
        )
        running = [offer_id for offer_id, runs in cursor.fetchall() if runs]
        for offer_id in running:
            stocks[variants[offer_id]].reserved += deals[offer_id]
        cursor.execute(
            """INSERT INTO stock_hold (variant_id, owner, owner_id, quantity, created_at)
               SELECT variant_id, 'deal', id, quantity, clock_timestamp()
                 FROM unnest(%s::bigint[], %s::bigint[], %s::integer[])
                      AS back (variant_id, id, quantity)
               ON CONFLICT (owner, owner_id, variant_id)
               DO UPDATE SET quantity = stock_hold.quantity + EXCLUDED.quantity""",
            [[variants[each] for each in running], running, [deals[each] for each in running]],
        )
        # A row at zero would be the limit's memory of nothing.
        cursor.execute(
            """WITH back AS (
                   SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::integer[])
                       AS back (offer_id, user_id, quantity)),
               gone AS (
                   DELETE FROM offer_use USING back
                    WHERE offer_use.offer_id = back.offer_id AND offer_use.user_id = back.user_id
                      AND offer_use.units <= back.quantity)
               UPDATE offer_use SET units = units - back.quantity FROM back
                WHERE offer_use.offer_id = back.offer_id AND offer_use.user_id = back.user_id
                  AND offer_use.units > back.quantity""",
            [
                [offer_id for offer_id, _ in uses],
                [user_id for _, user_id in uses],
                list(uses.values()),
            ],
        )
