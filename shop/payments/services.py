"""What a buyer does about a payment, and the names that the rest of the house uses."""

from __future__ import annotations

import uuid

from django.db import transaction

from accounts.models import User
from accounts.people.cards import BY_NUMBER, plain_number
from livestore.base.errors import Conflict, Invalid, KeyReused, NotFound
from livestore.base.outbox import record
from shop.orders.models import Order
from shop.orders.transitions import Status
from shop.payments.attempts import claim_and_send, count_up, retry_due, start_attempts
from shop.payments.models import Payment
from shop.payments.port import PaymentPort, PaymentTrouble
from shop.payments.settlement import settle
from shop.payments.simulated import current
from shop.payments.webhooks import take_webhook

__all__ = [
    "change_card",
    "confirm_action",
    "retry_due",
    "settle",
    "start_attempts",
    "take_webhook",
]

State = Payment.State


def change_card(
    *,
    order: Order,
    user: User,
    card_number: str,
    key: uuid.UUID | None = None,
    port: PaymentPort | None = None,
) -> Order:
    """Pay a pending order with another card, after a decline or instead of confirming 3-D Secure.

    `key` is the idempotency key: the same key and card is one attempt, another card is KeyReused.
    Raises NotFound (not this user's order), Invalid (no test card), Conflict `not_pending` or `payment_running`.
    """
    number = plain_number(card_number)
    if number not in BY_NUMBER:
        raise Invalid(fields={"card": "Please pick one of the test cards."})
    attempt = uuid.uuid5(key, order.public_id) if key else uuid.uuid4()
    with transaction.atomic():
        mine = _lock(order, user)
        known = Payment.objects.filter(attempt=attempt).first()
        if known is not None:
            if known.card_number != number:
                raise KeyReused()
            return mine
        if mine.status != Status.PENDING:
            raise Conflict("This order does not wait for a payment any more.", code="not_pending")
        mine.payments.filter(state=State.ACTION).update(
            state=State.DECLINED, reason="Another card was chosen.", next_try_at=None
        )
        if mine.payments.filter(state=State.STARTED).exists():
            raise Conflict(
                "A payment is still running. Please wait a moment.", code="payment_running"
            )
        mine.card_number = number
        mine.save(update_fields=["card_number"])
        payment = Payment.objects.create(
            order=mine,
            attempt=attempt,
            currency=mine.currency,
            amount_minor=mine.total_minor,
            card_last4=number[-4:],
            card_number=number,
        )
        record(count_up([mine.pk]))
    claim_and_send([payment.pk], port=port)
    mine.refresh_from_db()
    return mine


def confirm_action(*, order: Order, user: User, port: PaymentPort | None = None) -> Order:
    """The buyer has confirmed 3-D Secure: the gateway goes on. Confirming again changes nothing.

    Raises NotFound (not this user's order), Conflict `nothing_to_confirm`, Conflict `gateway_away` (try again).
    """
    if order.user_id != user.pk:
        raise NotFound("There is no such order.")
    order.refresh_from_db()
    payment = order.payments.order_by("-id").first()
    if order.status != Status.PENDING or payment is None or payment.state != State.ACTION:
        if order.status == Status.PAID:
            return order
        raise Conflict("There is nothing to confirm.", code="nothing_to_confirm")
    try:
        (port or current()).capture(payment.attempt)
    except PaymentTrouble as trouble:
        raise Conflict(
            trouble.message, code="gateway_away", retry=not trouble.permanent
        ) from trouble
    order.refresh_from_db()
    return order


def _lock(order: Order, user: User) -> Order:
    mine = Order.objects.select_for_update(no_key=True).filter(pk=order.pk, user=user).first()
    if mine is None:
        raise NotFound("There is no such order.")
    return mine
