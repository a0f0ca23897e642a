"""What the gateway's webhooks do to payments and orders.

The states of an attempt have a rank, and an event can only lift it:

    started < requires_action < declined < (succeeded | refund due) < refunded

So any order, any repetition of events ends in the same state. Money that was charged always arrives
somewhere: the first success of a pending order pays it, every other one is due back.

Receipts are settled many at once, by one settler at a time (an advisory lock): whatever arrived while the last
transaction ran is in the next one.
"""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db import connection, transaction

from livestore.base.money import Money
from livestore.base.outbox import Fact, record
from shop.orders.models import Order, OrderLine
from shop.orders.transitions import MOVER, Mover, Status, updated
from shop.payments.models import Payment, WebhookReceipt
from shop.stock.ledger import lock_stock

log = logging.getLogger(__name__)

State = Payment.State
BATCH = 200
PATIENCE_S = (
    2.0  # whoever brought a webhook settles this long at most; the next one, or the sweep, goes on
)
SETTLER_LOCK = 7_340_001  # advisory lock: one settler at a time
EXTENSION_MINUTES = 10

RANK = {
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


@dataclass(slots=True)
class _Batch:
    """One transaction's worth of receipts and everything they concern, locked."""

    payments: dict[uuid.UUID, Payment]
    orders: dict[int, Order]
    changed: set[uuid.UUID] = field(default_factory=set)
    charged: list[Payment] = field(default_factory=list)


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
                "SELECT EXISTS (SELECT FROM webhook_receipt WHERE due_at <= clock_timestamp())"
            )
            row = cursor.fetchone()
        return bool(row and row[0])

    def one_round(self) -> int | None:
        """One transaction. None if somebody else is settling."""
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [SETTLER_LOCK])
                row = cursor.fetchone()
                if not row or not row[0]:
                    return None
                cursor.execute(
                    "SELECT id FROM webhook_receipt WHERE due_at <= clock_timestamp() "
                    "ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED",
                    [BATCH],
                )
                ids = [row[0] for row in cursor.fetchall()]
            receipts = list(WebhookReceipt.objects.filter(pk__in=ids).order_by("pk"))
            try:
                with transaction.atomic():
                    self.apply(receipts)
                    self._done(receipts)
            except Exception:
                log.exception(
                    "a batch of %s webhooks could not be settled; one by one now", len(ids)
                )
                return sum(self._alone(receipt) for receipt in receipts)
        return len(receipts)

    def _alone(self, receipt: WebhookReceipt) -> int:
        """A receipt that spoils a batch waits longer and longer; the others go on."""
        try:
            with transaction.atomic():
                self.apply([receipt])
                self._done([receipt])
        except Exception:
            log.exception("webhook %s could not be settled", receipt.event_id)
            with connection.cursor() as cursor:
                cursor.execute(
                    "UPDATE webhook_receipt SET tries = least(tries + 1, 1000), due_at = clock_timestamp()"
                    " + make_interval(secs => least(300, power(2, least(tries, 10)))) WHERE id = %s",
                    [receipt.pk],
                )
            return 0
        return 1

    def _done(self, receipts: Sequence[WebhookReceipt]) -> None:
        WebhookReceipt.objects.filter(pk__in=[each.pk for each in receipts]).update(due_at=None)

    def apply(self, receipts: Sequence[WebhookReceipt]) -> None:
        """The effect of these events, in one pass. Inside a transaction."""
        batch = self.lock(receipts)
        for receipt in receipts:
            self.lift(batch, receipt)
        facts = self.pay_orders(batch)
        facts += self.tell_buyers(batch)
        self.write_payments([batch.payments[attempt] for attempt in sorted(batch.changed)])
        record(facts)

    def lock(self, receipts: Sequence[WebhookReceipt]) -> _Batch:
        """Lock what the events concern: stock, then orders, then payments."""
        attempts = {attempt for each in receipts if (attempt := _attempt(each)) is not None}
        order_ids = sorted(
            set(Payment.objects.filter(attempt__in=attempts).values_list("order_id", flat=True))
        )
        lock_stock(
            OrderLine.objects.filter(order_id__in=order_ids).values_list("variant_id", flat=True)
        )
        orders = (
            Order.objects.filter(pk__in=order_ids).order_by("pk").select_for_update(no_key=True)
        )
        held = {order.pk: order for order in orders}
        payments = (
            Payment.objects.filter(attempt__in=attempts)
            .order_by("pk")
            .select_for_update(no_key=True)
        )
        return _Batch({payment.attempt: payment for payment in payments}, held)

    def lift(self, batch: _Batch, receipt: WebhookReceipt) -> None:
        """Lift one attempt to what its event says, in memory."""
        state = KINDS.get(receipt.kind)
        attempt = _attempt(receipt)
        if state is None or attempt is None:
            return
        payment = batch.payments.get(attempt)
        if payment is None:
            log.warning("webhook %s is about an attempt that is not ours", receipt.event_id)
            return
        if RANK[state] <= RANK[State(payment.state)]:
            return
        if state == State.REFUNDED and payment.state != State.REFUND_DUE:
            log.error("webhook %s: a refund nobody asked for", receipt.event_id)
            return
        payment.state = state
        payment.reason = str(receipt.body.get("reason") or "")[:200]
        payment.next_try_at = None
        batch.changed.add(attempt)
        if state == State.SUCCEEDED:
            if _amount(receipt) == payment.amount:
                batch.charged.append(payment)
            else:
                log.error(
                    "webhook %s: charged %s, asked %s", receipt.event_id, receipt.body, payment
                )
                self.owe(payment, WRONG_AMOUNT)

    def pay_orders(self, batch: _Batch) -> list[Fact]:
        """The first charge of each order pays it if it is still pending; all other charges are due back."""
        first: dict[int, Payment] = {}
        for payment in batch.charged:
            if payment.order_id in first:
                self.owe(payment, TOO_LATE)
            else:
                first[payment.order_id] = payment
        if not first:
            return []
        moves = self.mover.move(first, to=Status.PAID, reason="paid")
        paid = {each.id: each for each in moves.orders}
        for order_id, payment in first.items():
            if order_id not in paid:
                self.owe(payment, TOO_LATE)
        return moves.facts

    def owe(self, payment: Payment, reason: str) -> None:
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
            return [updated(*row) for row in cursor.fetchall()]

    def write_payments(self, payments: Sequence[Payment]) -> None:
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
                    [each.pk for each in payments],
                    [str(each.state) for each in payments],
                    [each.reason for each in payments],
                    [each.tries for each in payments],
                ],
            )


def _attempt(receipt: WebhookReceipt) -> uuid.UUID | None:
    try:
        return uuid.UUID(str(receipt.body.get("attempt")))
    except ValueError:
        return None


def _amount(receipt: WebhookReceipt) -> Money | None:
    value = receipt.body.get("amount")
    try:
        return Money(value["minor"], value["currency"]) if isinstance(value, dict) else None
    except (KeyError, TypeError, ValueError):
        return None


def settle(*, seconds: float = PATIENCE_S) -> int:
    """Settle the webhooks that were taken and not settled yet; how many were. At least one batch, if any waits."""
    return Settlement().settle(seconds=seconds)
