"""Money that has to go back. A refund is a row first; `shop.payments.services.retry_due` asks the gateway."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection


def owe_back(order_ids: Iterable[int], *, reason: str) -> int:
    """These orders were cancelled: what was charged for them is due back, open attempts are not sent again.

    Runs inside the transaction that cancels, after the orders were moved. Returns how many refunds are due.
    """
    ids = sorted(set(order_ids))
    with connection.cursor() as cursor:
        cursor.execute(
            """WITH mine AS (
                   SELECT id FROM payment
                    WHERE order_id = ANY(%s::bigint[])
                      AND state IN ('succeeded', 'started', 'requires_action')
                    ORDER BY id FOR NO KEY UPDATE)
               UPDATE payment SET
                      state = CASE WHEN state = 'succeeded' THEN 'refund_due' ELSE state END,
                      reason = CASE WHEN state = 'succeeded' THEN %s ELSE reason END,
                      tries = CASE WHEN state = 'succeeded' THEN 0 ELSE tries END,
                      next_try_at = CASE WHEN state = 'succeeded' THEN clock_timestamp() END
                 FROM mine WHERE payment.id = mine.id
            RETURNING payment.state""",
            [ids, reason[:200]],
        )
        return sum(state == "refund_due" for (state,) in cursor.fetchall())
