"""Cart holds whose time is up: the units are on the shelf again, the lines stay in their carts.

A hold of a cart is guarded by the stock row, so it has to be looked at again under that lock, and whoever buys the
variant waits meanwhile. So PostgreSQL does all of it in one journey that ends with the COMMIT (`shop.stock.shelf`).
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db import OperationalError, connection, transaction

from livestore.base.outbox import wake_for
from livestore.base.pipeline import Statement
from shop.stock.shelf import LOCK, RUNNING, STOCK_CHANGED, STOCK_FACT, send_and_commit

PATIENCE = "SELECT set_config('lock_timeout', '200ms', true)"
"""Who locks a stock row for longer than this is waited for by the next sweep."""
IS_LOCKED = "55P03"
LET_GO = f"""WITH gone AS (
        DELETE FROM stock_hold
         WHERE id = ANY(%s::bigint[]) AND owner = 'cart' AND expires_at <= clock_timestamp()
     RETURNING variant_id, owner_id, quantity),
    sums AS (
        SELECT variant_id, sum(quantity) AS units FROM gone GROUP BY variant_id),
    stock AS (
        UPDATE stock AS shelf SET reserved = reserved - sums.units, rev = rev + 1
          FROM sums WHERE shelf.variant_id = sums.variant_id
     RETURNING shelf.variant_id, shelf.on_hand, shelf.reserved, shelf.rev),
    mine AS (
        SELECT id FROM cart
         WHERE id IN (SELECT cart_id FROM cart_line JOIN gone ON gone.owner_id = cart_line.id)
         ORDER BY id FOR UPDATE),
    people AS (
        UPDATE cart SET rev = rev + 1 FROM mine WHERE cart.id = mine.id RETURNING user_id),
    facts AS (
        SELECT '{STOCK_CHANGED}' AS kind, variant_id AS number, NULL::bigint AS person, {STOCK_FACT} AS data
          FROM stock, {RUNNING}
        UNION ALL
        SELECT 'shop.cart_updated', user_id, user_id, '{{}}' FROM people),
    told AS (
        INSERT INTO outbox (kind, channel, person, data, created_at)
        SELECT kind, '', person, data, statement_timestamp() FROM facts ORDER BY kind DESC, number)
    SELECT count(*) FROM gone"""


def expire_due_holds(*, limit: int = 500) -> int:
    """Let go of cart holds whose time is up, at most `limit`; how many were.

    Candidates are only read first. What somebody else keeps locked waits for the next sweep, and keeps nothing else
    waiting.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, variant_id FROM stock_hold WHERE owner = 'cart' "
            "AND expires_at <= statement_timestamp() ORDER BY expires_at LIMIT %s",
            [limit],
        )
        due: dict[int, list[int]] = {}
        for hold, variant in cursor.fetchall():
            due.setdefault(variant, []).append(hold)
    if not due:
        return 0
    gone = _let_go(sorted(due), [hold for holds in due.values() for hold in holds])
    if gone is None and len(due) > 1:
        return sum(_let_go([variant], due[variant]) or 0 for variant in sorted(due))
    return gone or 0


def _let_go(variants: Sequence[int], holds: Sequence[int]) -> int | None:
    """One transaction; how many holds were over, or None when one of the stock rows is kept locked."""
    statements: list[Statement] = [
        (PATIENCE, []),
        (LOCK, [list(variants)]),
        (LET_GO, [list(holds)]),
        wake_for([STOCK_CHANGED, "shop.cart_updated"]),
    ]
    try:
        with transaction.atomic():
            return int(send_and_commit(statements)[2][0][0])
    except OperationalError as trouble:
        if getattr(trouble.__cause__, "sqlstate", None) != IS_LOCKED:
            raise
        return None
