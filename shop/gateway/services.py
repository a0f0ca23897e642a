"""The simulated gateway: decides by card number, keeps its own books, answers by webhook.

It knows attempts, amounts and cards, and nothing of orders. Everything is idempotent by attempt; the id of
an event is made of its attempt and kind, so that an event that is sent again is the same event.
"""

from __future__ import annotations

import datetime as dt
import enum
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import orjson
from django.db import connection, transaction

from accounts.people.cards import BY_NUMBER
from livestore.base.clock import database_now, milliseconds
from livestore.base.money import Money
from livestore.base.outbox import Fact, record
from shop.gateway.models import Charge, Delivery

SLOW = dt.timedelta(seconds=8)
# The webhook of a call that timed out comes after the first retries: both ways to learn of it are used.
UNHEARD = dt.timedelta(seconds=4)
AT_ONCE = dt.timedelta(0)
FEW = 20
"""More deliveries than this are nobody's click: the postman is called when the relay looks by itself."""

SUCCEEDED = "payment.succeeded"
DECLINED = "payment.declined"
ACTION = "payment.requires_action"
REFUNDED = "payment.refunded"
PROCESSING = "payment.processing"  # only for information; receivers may ignore it
DECLINE_REASON = "The card was declined."


class Answer(enum.Enum):
    """What the caller hears at once; the value of a refusal is the sentence that explains it."""

    ACCEPTED = "accepted"
    NO_ANSWER = "no answer"  # the line went dead; the charge may stand
    UNKNOWN_CARD = "This is not one of the test cards."
    UNKNOWN_ATTEMPT = "The gateway does not know this payment."
    NOT_CHARGED = "This payment was not charged."


@dataclass(frozen=True, slots=True)
class ChargeRequest:
    """`card` is the whole number; `attempt` the idempotency key."""

    attempt: uuid.UUID
    amount: Money
    card: str


class Sending(NamedTuple):
    """An event on its way: `due_at` is when it leaves."""

    event_id: str
    body: dict[str, Any]
    due_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a kind of card does: the charge's first state and the events with their delays, in order of sending."""

    state: Charge.State
    events: tuple[tuple[str, dt.timedelta], ...]
    reason: str = ""
    answer: Answer = Answer.ACCEPTED


_BLINK = dt.timedelta(milliseconds=150)
BEHAVIOURS = {
    "pays": Outcome(Charge.State.SUCCEEDED, ((SUCCEEDED, AT_ONCE),)),
    "declines": Outcome(Charge.State.DECLINED, ((DECLINED, AT_ONCE),), DECLINE_REASON),
    "requires_action": Outcome(Charge.State.ACTION, ((ACTION, AT_ONCE),)),
    "slow": Outcome(Charge.State.WAITING, ((SUCCEEDED, SLOW),)),
    "timeout": Outcome(Charge.State.SUCCEEDED, ((SUCCEEDED, UNHEARD),), answer=Answer.NO_ANSWER),
    "noisy": Outcome(
        Charge.State.SUCCEEDED,
        (
            (SUCCEEDED, AT_ONCE),
            (PROCESSING, _BLINK),
            (SUCCEEDED, 2 * _BLINK),
            (PROCESSING, 3 * _BLINK),
        ),
    ),
}


def charge(requests: Sequence[ChargeRequest]) -> dict[uuid.UUID, Answer]:
    """Decide about each attempt, once. Asked again: accepted, and told again if nobody was told yet."""
    known = [each for each in requests if each.card in BY_NUMBER]
    answers = {each.attempt: Answer.UNKNOWN_CARD for each in requests}
    with transaction.atomic():
        new = _insert_charges(known)
        now = database_now()
        deliveries: list[Sending] = []
        for each in known:
            outcome = BEHAVIOURS[BY_NUMBER[each.card].behaviour]
            if each.attempt not in new:
                answers[each.attempt] = Answer.ACCEPTED
                continue
            answers[each.attempt] = outcome.answer
            deliveries += [
                _delivery(each.attempt, kind, each.amount, now + delay, reason=outcome.reason)
                for kind, delay in outcome.events
            ]
        deliveries += _reminders([each.attempt for each in known if each.attempt not in new], now)
        _send(deliveries)
    return answers


def confirm(attempt: uuid.UUID) -> Answer:
    """The buyer has confirmed 3-D Secure: the waiting charge is made."""
    return _advance(
        attempt,
        before=Charge.State.ACTION,
        after=Charge.State.SUCCEEDED,
        done={Charge.State.SUCCEEDED, Charge.State.REFUNDED},
        kind=SUCCEEDED,
    )


def refund(attempt: uuid.UUID) -> Answer:
    """Give the money of a made charge back."""
    return _advance(
        attempt,
        before=Charge.State.SUCCEEDED,
        after=Charge.State.REFUNDED,
        done={Charge.State.REFUNDED},
        kind=REFUNDED,
    )


def _advance(
    attempt: uuid.UUID,
    *,
    before: Charge.State,
    after: Charge.State,
    done: set[Charge.State],
    kind: str,
) -> Answer:
    with transaction.atomic():
        moved = Charge.objects.filter(attempt=attempt, state=before).update(state=after)
        entry = Charge.objects.filter(attempt=attempt).first()
        if entry is None:
            return Answer.UNKNOWN_ATTEMPT
        now = database_now()
        if moved:
            amount = Money(entry.amount_minor, entry.currency)
            _send([_delivery(attempt, kind, amount, now)])
        elif entry.state in done:
            _send(_reminders([attempt], now))
        else:
            return Answer.NOT_CHARGED
    return Answer.ACCEPTED


def _insert_charges(requests: Sequence[ChargeRequest]) -> set[uuid.UUID]:
    """Write the charges that are not there yet; the attempts that were new."""
    if not requests:
        return set()
    outcomes = [BEHAVIOURS[BY_NUMBER[each.card].behaviour] for each in requests]
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO gateway_charge (attempt, currency, amount_minor, card_number, state, reason) "
            "SELECT * FROM unnest(%s::uuid[], %s::text[], %s::bigint[], %s::text[], %s::text[], %s::text[]) "
            "ON CONFLICT (attempt) DO NOTHING RETURNING attempt",
            [
                [each.attempt for each in requests],
                [each.amount.currency for each in requests],
                [each.amount.minor for each in requests],
                [each.card for each in requests],
                [outcome.state.value for outcome in outcomes],
                [outcome.reason for outcome in outcomes],
            ],
        )
        return {row[0] for row in cursor.fetchall()}


def _reminders(attempts: Iterable[uuid.UUID], now: dt.datetime) -> list[Sending]:
    """The last event of each attempt once more, unless one is still on its way."""
    wanted = [event_id(attempt, kind) for attempt in attempts for kind in KINDS]
    if not wanted:
        return []
    latest: dict[str, Delivery] = {}
    waiting: set[str] = set()
    for delivery in Delivery.objects.filter(event_id__in=wanted).order_by("id"):
        attempt = str(delivery.body["attempt"])
        if delivery.delivered_at is None:
            waiting.add(attempt)
        elif delivery.body["kind"] != PROCESSING:
            latest[attempt] = delivery
    return [
        Sending(each.event_id, each.body, now)
        for attempt, each in latest.items()
        if attempt not in waiting
    ]


KINDS = (SUCCEEDED, DECLINED, ACTION, REFUNDED, PROCESSING)


def event_id(attempt: uuid.UUID, kind: str) -> str:
    """The same for every sending of the same event."""
    return f"evt_{attempt.hex}_{kind.removeprefix('payment.')}"


def _delivery(
    attempt: uuid.UUID, kind: str, amount: Money, due: dt.datetime, *, reason: str = ""
) -> Sending:
    name = event_id(attempt, kind)
    body = {
        "id": name,
        "kind": kind,
        "attempt": str(attempt),
        "amount": amount.as_json(),
        "reason": reason,
        "at": milliseconds(due),
    }
    return Sending(name, body, due)


def _send(deliveries: Sequence[Sending]) -> None:
    """Put events on their way; a fact makes the delivery prompt, the due time makes it sure."""
    if not deliveries:
        return
    rows = [each._asdict() for each in deliveries]
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO gateway_delivery (event_id, body, due_at, tries)
               SELECT event_id, body, due_at, 0
                 FROM ROWS FROM (json_to_recordset(%s::json) AS (event_id text, body jsonb, due_at timestamptz))
                      WITH ORDINALITY AS new (event_id, body, due_at, place)
                ORDER BY place""",
            [orjson.dumps(rows).decode()],
        )
    record([Fact("shop.webhook_due")], wake=len(deliveries) <= FEW)
