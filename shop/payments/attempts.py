"""Asking for money: attempts are rows first, then the gateway is asked, outside of the transaction.

Whatever happens in between, the row says what is due: `next_try_at` is when to ask (again), with the same attempt,
empty when there is nothing to ask. The answers come as webhooks (shop.payments.settlement).
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.backends.utils import CursorWrapper

from livestore.base.money import Money
from livestore.base.outbox import Fact, record
from shop.orders.transitions import updated
from shop.payments.models import Payment
from shop.payments.port import Authorization, PaymentPort, PaymentTrouble
from shop.payments.simulated import current

log = logging.getLogger(__name__)

State = Payment.State
BATCH = 500
IN_HAND_S = 20  # taken to be sent: nobody else sends it until its sender must have died
HEARD_S = 60  # accepted by the gateway, but no webhook came: ask again
FORGOTTEN_S = 5  # a pending order without any attempt is picked up by the sweep after this


def start_attempts(order_ids: Iterable[int], *, port: PaymentPort | None = None) -> int:
    """The first attempt of each pending order that has none, with the card of the order; how many were started.

    Called twice it starts one: the partial unique index refuses a second open attempt, and an order that
    has had one (declined, say) gets its next attempt only from its buyer.
    """
    ids = sorted(set(order_ids))
    started = 0
    for place in range(0, len(ids), BATCH):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                """WITH mine AS (
                       SELECT id, currency, total_minor, card_number FROM purchase
                        WHERE id = ANY(%s::bigint[]) AND status = 'pending'
                          AND NOT EXISTS (SELECT FROM payment WHERE payment.order_id = purchase.id)
                        ORDER BY id FOR NO KEY UPDATE)
                   INSERT INTO payment (order_id, attempt, state, currency, amount_minor, card_last4,
                          card_number, reason, tries, next_try_at, created_at)
                   SELECT id, gen_random_uuid(), 'started', currency, total_minor, right(card_number, 4),
                          card_number, '', 1, clock_timestamp() + make_interval(secs => %s),
                          clock_timestamp()
                     FROM mine ON CONFLICT DO NOTHING RETURNING id""",
                [ids[place : place + BATCH], IN_HAND_S],
            )
            rows = [row[0] for row in cursor.fetchall()]
        started += len(rows)
        send(rows, port=port)
    return started


def send(payment_ids: Sequence[int], *, port: PaymentPort | None = None) -> None:
    """Ask the gateway for these attempts and note when to ask again. Called outside of a transaction."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, tries, attempt, amount_minor, currency, card_number FROM payment "
            "WHERE id = ANY(%s::bigint[]) AND state = 'started' ORDER BY id",
            [list(payment_ids)],
        )
        rows = cursor.fetchall()
    if not rows:
        return
    wanted = [Authorization(attempt, Money(*amount), card) for _, _, attempt, *amount, card in rows]
    answers = _answers(port or current(), wanted)
    waits: dict[int, float] = {}
    refused: dict[int, str] = {}
    for (payment_id, tries, *_), trouble in zip(rows, answers, strict=True):
        if trouble is None:
            waits[payment_id] = float(HEARD_S)
        elif trouble.permanent:
            refused[payment_id] = trouble.message
        else:
            waits[payment_id] = backoff_seconds(tries)
    with transaction.atomic():
        _wait(waits)
        _decline(refused)


def _answers(port: PaymentPort, wanted: Sequence[Authorization]) -> list[PaymentTrouble | None]:
    """What the gateway says to each. One that makes it stumble is asked for again later and stops nobody else."""
    try:
        return port.authorize_many(wanted)
    except (OperationalError, InterfaceError):
        raise  # a server is away: that is nobody's attempt
    except Exception as problem:
        if len(wanted) == 1:
            log.exception("attempt %s could not be asked for", wanted[0].attempt)
            return [PaymentTrouble(repr(problem), permanent=False)]
        log.warning("%d attempts could not be asked for together: one by one now", len(wanted))
    return [answer for each in wanted for answer in _answers(port, [each])]


def backoff_seconds(tries: int) -> float:
    """1 s after the first try, doubled each time, at most 5 minutes."""
    return float(min(300, 2 ** (max(1, min(tries, 20)) - 1)))


def _wait(waits: dict[int, float]) -> None:
    """Only rows that are still open: a webhook may have been faster."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE payment SET next_try_at = clock_timestamp() + make_interval(secs => new.wait) "
            "FROM unnest(%s::bigint[], %s::float8[]) AS new (id, wait) "
            "WHERE payment.id = new.id AND state IN ('started', 'refund_due') "
            "AND next_try_at IS NOT NULL",
            [list(waits), list(waits.values())],
        )


def _decline(refused: dict[int, str]) -> None:
    """Attempts that the gateway will never make: declined, and the buyer is told. Orders before payments."""
    if not refused:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT purchase.id FROM purchase JOIN payment ON payment.order_id = purchase.id "
            "WHERE payment.id = ANY(%s::bigint[]) ORDER BY purchase.id FOR NO KEY UPDATE OF purchase",
            [list(refused)],
        )
        cursor.execute(
            """UPDATE payment SET state = 'declined', reason = new.reason, next_try_at = NULL,
                      decided_at = clock_timestamp()
                 FROM unnest(%s::bigint[], %s::text[]) AS new (id, reason)
                WHERE payment.id = new.id AND state = 'started' RETURNING order_id""",
            [list(refused), [reason[:200] for reason in refused.values()]],
        )
        orders = [row[0] for row in cursor.fetchall()]
    record(count_up(orders))


def count_up(order_ids: Sequence[int]) -> list[Fact]:
    """One more `rev` for orders whose payment has changed, and the facts that tell their buyers."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE purchase SET rev = rev + 1 WHERE id = ANY(%s::bigint[]) "
            "RETURNING public_id, user_id, rev",
            [list(order_ids)],
        )
        return updated(cursor.fetchall())


def retry_due(*, port: PaymentPort | None = None, limit: int = BATCH) -> int:
    """What a crash or a silent gateway left behind: orders without an attempt, attempts without an answer,
    refunds that were not asked for yet. How many rows were taken up."""
    done = start_attempts(_forgotten(limit), port=port)
    with transaction.atomic(), connection.cursor() as cursor:
        rows = _claim(cursor, "next_try_at <= statement_timestamp()", [limit])
    _ask(rows, port=port)
    return done + len(rows)


def claim_and_send(payment_ids: Sequence[int], *, port: PaymentPort | None = None) -> None:
    """Send these attempts now, unless somebody else has them in hand."""
    with transaction.atomic(), connection.cursor() as cursor:
        wanted = "id = ANY(%s::bigint[]) AND next_try_at IS NOT NULL"
        rows = _claim(cursor, wanted, [list(payment_ids), BATCH])
    _ask(rows, port=port)


def _claim(cursor: CursorWrapper, condition: str, values: list[Any]) -> list[tuple[int, str]]:
    """Take rows in hand so that nobody else sends them: [(id, state)]."""
    cursor.execute(
        f"""WITH due AS (SELECT id FROM payment WHERE {condition}
                AND state IN ('started', 'refund_due')
                ORDER BY next_try_at LIMIT %s FOR NO KEY UPDATE SKIP LOCKED)
            UPDATE payment SET tries = least(tries + 1, 30000),
                   next_try_at = clock_timestamp() + make_interval(secs => {IN_HAND_S})
              FROM due WHERE payment.id = due.id RETURNING payment.id, payment.state""",
        values,
    )
    return [(row[0], row[1]) for row in cursor.fetchall()]


def _ask(rows: Sequence[tuple[int, str]], *, port: PaymentPort | None) -> None:
    send([pk for pk, state in rows if state == State.STARTED], port=port)
    _refund([pk for pk, state in rows if state == State.REFUND_DUE], port=port)


def _refund(payment_ids: Sequence[int], *, port: PaymentPort | None) -> None:
    """Ask for refunds; the webhook `payment.refunded` closes them, until then they are asked for again."""
    gateway = port or current()
    waits: dict[int, float] = {}
    for payment in Payment.objects.filter(pk__in=payment_ids, state=State.REFUND_DUE):
        waits[payment.pk] = backoff_seconds(payment.tries)
        try:
            gateway.refund(payment.attempt)
            waits[payment.pk] = float(HEARD_S)
        except PaymentTrouble as trouble:
            Payment.objects.filter(pk=payment.pk).update(reason=trouble.message[:200])
    _wait(waits)


def _forgotten(limit: int) -> list[int]:
    """Pending orders without an attempt, some seconds after they were placed."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM purchase WHERE status = 'pending' "
            "AND placed_at <= statement_timestamp() - make_interval(secs => %s) "
            "AND expires_at > statement_timestamp() "
            "AND NOT EXISTS (SELECT FROM payment WHERE payment.order_id = purchase.id) "
            "ORDER BY id LIMIT %s",
            [FORGOTTEN_S, limit],
        )
        return [row[0] for row in cursor.fetchall()]
