"""What the gateway's webhooks do to payments and orders.

The states of an attempt have a rank, and an event can only lift it:

    started < requires_action < declined < (succeeded | refund due) < refunded

So any order, any repetition of events ends in the same state. Money that was charged always arrives
somewhere: the first success of a pending order pays it, every other one is due back.

Receipts are settled many at once, by one settler at a time (an advisory lock): whatever arrived while the last
transaction ran is in the next one. Statements work on the whole batch and rows are plain tuples. Whoever buys a
variant waits while its stock row is locked, and a settler may be a process that has stepped back: so the stock comes
last, summed over the batch, and its lock lasts as long as PostgreSQL needs to commit (`shop.stock.shelf`).
"""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import orjson
from django.db import connection, transaction

from livestore.base.outbox import Fact
from shop.orders.transitions import MOVER, Mover, Moves, Status, updated
from shop.payments.models import Payment

log = logging.getLogger(__name__)

State = Payment.State
BATCH = 200
PATIENCE_S = (
    2.0  # whoever brought a webhook settles this long at most; the next one, or the sweep, goes on
)
PROMPT = 20
"""So many receipts are somebody's click, and the relay is woken for them. For more it is not: it looks by itself."""
SETTLER_LOCK = 7_340_001  # advisory lock: one settler at a time
EXTENSION_MINUTES = 10

RANK: dict[str, int] = {
    State.STARTED: 0,
    State.ACTION: 1,
    State.DECLINED: 2,
    State.SUCCEEDED: 3,
    State.REFUND_DUE: 3,
    State.REFUNDED: 4,
}
# The kinds that say how an attempt went; anything else is taken and has no effect.
KINDS = {
    "payment.requires_action": State.ACTION,
    "payment.declined": State.DECLINED,
    "payment.succeeded": State.SUCCEEDED,
    "payment.refunded": State.REFUNDED,
}
TOO_LATE = "The payment came too late, so the money goes back."
WRONG_AMOUNT = "The amount charged was not the amount of the order, so the money goes back."


class Receipt(NamedTuple):
    """A webhook event that waits to be settled."""

    id: int
    event_id: str
    kind: str
    body: dict[str, Any]


@dataclass(slots=True)
class Charged:
    """A payment while it is being settled; `reason` and `tries` are what will be written."""

    id: int
    attempt: uuid.UUID
    order_id: int
    state: str
    currency: str
    amount_minor: int
    reason: str = ""
    tries: int = 0


@dataclass(slots=True)
class _Batch:
    """One transaction's worth of receipts and the payments that they concern, locked."""

    payments: dict[uuid.UUID, Charged]
    changed: set[uuid.UUID] = field(default_factory=set)
    charged: list[Charged] = field(default_factory=list)


class Settlement:
    """Settles receipts in small steps; `mover` is replaced by tests that take its guard away."""

    def __init__(self, mover: Mover = MOVER) -> None:
        self.mover = mover

    def settle(self, *, seconds: float = PATIENCE_S) -> int:
        """Settle what is due; how many receipts were. Returns at once if somebody else is at it.

        Whoever was refused the lock had stored its receipt before, and the one who holds it looks
        again after its commit: no receipt is left between two settlers.
        """
        settled = 0
        until = time.monotonic() + seconds
        while self.waiting():
            done = self.one_round()
            if done is None:
                break
            settled += done
            if time.monotonic() >= until:
                break
        return settled

    def waiting(self) -> bool:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT EXISTS (SELECT FROM webhook_receipt WHERE due_at <= statement_timestamp())"
            )
            row = cursor.fetchone()
        return bool(row and row[0])

    def one_round(self) -> int | None:
        """One transaction. None if somebody else is settling."""
        receipts: list[Receipt] = []
        try:
            with transaction.atomic():
                if not self.alone():
                    return None
                receipts = self.take("due_at <= statement_timestamp()")
                self.apply(receipts)
        except Exception:
            if not receipts:
                raise
            log.exception(
                "a batch of %s webhooks could not be settled; one by one now", len(receipts)
            )
            return sum(self._by_itself(receipt) for receipt in receipts)
        return len(receipts)

    def alone(self) -> bool:
        """Whether this transaction is the settler until it ends."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [SETTLER_LOCK])
            row = cursor.fetchone()
        return bool(row and row[0])

    def take(self, which: str, *values: int) -> list[Receipt]:
        """Receipts that wait and that nobody else has in hand, the longest waiting first. `which` is SQL."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT id, event_id, kind, body::text FROM webhook_receipt "
                f"WHERE {which} ORDER BY due_at, id LIMIT %s FOR UPDATE SKIP LOCKED",
                [*values, BATCH],
            )
            return [
                Receipt(id_, event_id, kind, orjson.loads(body))
                for id_, event_id, kind, body in cursor.fetchall()
            ]

    def _by_itself(self, receipt: Receipt) -> int:
        """A receipt that spoils a batch waits longer and longer; the others go on."""
        try:
            with transaction.atomic():
                if not self.alone():
                    return 0  # whoever settles now has seen to it, or meets the same trouble
                mine = self.take("due_at IS NOT NULL AND id = %s", receipt.id)
                self.apply(mine)
        except Exception:
            log.exception("webhook %s could not be settled", receipt.event_id)
            with connection.cursor() as cursor:
                cursor.execute(
                    "UPDATE webhook_receipt SET tries = least(tries + 1, 1000), due_at = clock_timestamp()"
                    " + make_interval(secs => least(300, power(2, least(tries, 10)))) WHERE id = %s",
                    [receipt.id],
                )
            return 0
        return len(mine)

    def _done(self, receipts: Sequence[Receipt]) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE webhook_receipt SET due_at = NULL WHERE id = ANY(%s::bigint[])",
                [[each.id for each in receipts]],
            )

    def apply(self, receipts: Sequence[Receipt]) -> None:
        """The effect of these events, in one pass. Inside a transaction, which it commits."""
        if not receipts:
            return
        batch = self.lock(receipts)
        for receipt in receipts:
            self.lift(batch, receipt)
        moves = self.pay_orders(batch)
        moves.facts += self.tell_buyers(batch)
        self.write_payments([batch.payments[attempt] for attempt in sorted(batch.changed)])
        self._done(receipts)
        self.conclude(moves, wake=len(receipts) <= PROMPT)

    def conclude(self, moves: Moves, *, wake: bool) -> None:
        """Only now the stock: nothing is left to be read or computed."""
        moves.conclude(wake=wake)

    def lock(self, receipts: Sequence[Receipt]) -> _Batch:
        """Lock what the events concern: orders, then payments. Not the stock."""
        attempts = list({attempt for each in receipts if (attempt := _attempt(each)) is not None})
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM (SELECT FROM purchase WHERE id IN "
                "(SELECT order_id FROM payment WHERE attempt = ANY(%s::uuid[])) "
                "ORDER BY id FOR NO KEY UPDATE) AS held",
                [attempts],
            )
            cursor.execute(
                "SELECT id, attempt, order_id, state, currency, amount_minor, reason, tries FROM payment "
                "WHERE attempt = ANY(%s::uuid[]) ORDER BY id FOR NO KEY UPDATE",
                [attempts],
            )
            return _Batch({row[1]: Charged(*row) for row in cursor.fetchall()})

    def lift(self, batch: _Batch, receipt: Receipt) -> None:
        """Lift one attempt to what its event says, in memory."""
        state = KINDS.get(receipt.kind)
        attempt = _attempt(receipt)
        if state is None or attempt is None:
            return
        payment = batch.payments.get(attempt)
        if payment is None:
            log.warning("webhook %s is about an attempt that is not ours", receipt.event_id)
            return
        if RANK[state] <= RANK[payment.state]:
            return
        if state == State.REFUNDED and payment.state != State.REFUND_DUE:
            log.error("webhook %s: a refund nobody asked for", receipt.event_id)
            return
        payment.state = state
        payment.reason = str(receipt.body.get("reason") or "")[:200]
        batch.changed.add(attempt)
        if state == State.SUCCEEDED:
            if _amount(receipt) == (payment.amount_minor, payment.currency):
                batch.charged.append(payment)
            else:
                log.error(
                    "webhook %s: charged %s, asked %s", receipt.event_id, receipt.body, payment
                )
                self.owe(payment, WRONG_AMOUNT)

    def pay_orders(self, batch: _Batch) -> Moves:
        """The first charge of each order pays it if it is still pending; all other charges are due back."""
        first: dict[int, Charged] = {}
        for payment in batch.charged:
            if payment.order_id in first:
                self.owe(payment, TOO_LATE)
            else:
                first[payment.order_id] = payment
        if not first:
            return Moves()
        moves = self.mover.move(first, to=Status.PAID, reason="paid")
        paid = {each.id: each for each in moves.orders}
        for order_id, payment in first.items():
            if order_id not in paid:
                self.owe(payment, TOO_LATE)
        return moves

    def owe(self, payment: Charged, reason: str) -> None:
        payment.state = State.REFUND_DUE
        payment.reason = reason
        payment.tries = 0

    def tell_buyers(self, batch: _Batch) -> list[Fact]:
        """Orders whose payment changed but which did not move: count them up, extend for 3-D Secure once."""
        changed = [batch.payments[attempt] for attempt in sorted(batch.changed)]
        quiet = sorted({each.order_id for each in changed if each.state != State.SUCCEEDED})
        waiting = [each.order_id for each in changed if each.state == State.ACTION]
        if not quiet:
            return []
        with connection.cursor() as cursor:
            cursor.execute(
                """UPDATE purchase SET expires_at = expires_at + make_interval(mins => %s), extended = true
                    WHERE id = ANY(%s::bigint[]) AND status = 'pending' AND NOT extended
                RETURNING id""",
                [EXTENSION_MINUTES, waiting],
            )
            extended = [row[0] for row in cursor.fetchall()]
            cursor.execute(
                """UPDATE stock_hold SET expires_at = purchase.expires_at FROM purchase
                    WHERE purchase.id = ANY(%s::bigint[]) AND stock_hold.owner = 'order'
                      AND stock_hold.owner_id = purchase.id""",
                [extended],
            )
            cursor.execute(
                "UPDATE purchase SET rev = rev + 1 WHERE id = ANY(%s::bigint[]) "
                "RETURNING public_id, user_id, rev",
                [quiet],
            )
            return updated(cursor.fetchall())

    def write_payments(self, payments: Sequence[Charged]) -> None:
        if not payments:
            return
        with connection.cursor() as cursor:
            cursor.execute(
                """UPDATE payment SET state = new.state, reason = new.reason, tries = new.tries,
                          next_try_at = CASE WHEN new.state = 'refund_due' THEN clock_timestamp() END,
                          decided_at = CASE WHEN new.state = 'requires_action' THEN decided_at
                                            ELSE clock_timestamp() END
                     FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::integer[])
                          AS new (id, state, reason, tries)
                    WHERE payment.id = new.id""",
                [
                    [each.id for each in payments],
                    [str(each.state) for each in payments],
                    [each.reason for each in payments],
                    [each.tries for each in payments],
                ],
            )


def _attempt(receipt: Receipt) -> uuid.UUID | None:
    try:
        return uuid.UUID(str(receipt.body.get("attempt")))
    except ValueError:
        return None


def _amount(receipt: Receipt) -> tuple[int, str] | None:
    """`(minor, currency)` of the event, or None where there is no sum of money."""
    value = receipt.body.get("amount")
    if not isinstance(value, dict):
        return None
    minor, currency = value.get("minor"), value.get("currency")
    return (minor, currency) if type(minor) is int and isinstance(currency, str) else None


def settle(*, seconds: float = PATIENCE_S) -> int:
    """Settle the webhooks that were taken and not settled yet; how many were. At least one batch, if any waits."""
    return Settlement().settle(seconds=seconds)
