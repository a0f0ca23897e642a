"""The simulated gateway decides by card and keeps its own books."""

from __future__ import annotations

import uuid

import pytest

from accounts.people.cards import TEST_CARDS
from livestore.base.clock import database_now
from livestore.base.models import OutboxRow
from livestore.base.money import Money
from shop.gateway import services as gateway
from shop.gateway.deliveries import backoff_seconds
from shop.gateway.services import Answer, ChargeRequest
from shop.models import Charge, Delivery
from shop.payments.port import PaymentTrouble
from shop.payments.simulated import SimulatedGateway
from tests import cast
from tests.shop.paying import DECLINES, NOISY, SECURE, SLOW, TIMES_OUT

pytestmark = pytest.mark.django_db
PRICE = Money(1789, "EUR")


def charge(card: str) -> tuple[uuid.UUID, Answer]:
    attempt = uuid.uuid4()
    return attempt, gateway.charge([ChargeRequest(attempt, PRICE, card)])[attempt]


def kinds() -> list[str]:
    return [each.body["kind"] for each in Delivery.objects.order_by("due_at", "id")]


def seconds_to_wait() -> float:
    first = Delivery.objects.order_by("due_at").first()
    assert first is not None
    return (first.due_at - database_now()).total_seconds()


@pytest.mark.parametrize(
    ("card", "state", "events"),
    [
        (cast.PAYS, "succeeded", ["payment.succeeded"]),
        (DECLINES, "declined", ["payment.declined"]),
        (SECURE, "requires_action", ["payment.requires_action"]),
        (SLOW, "waiting", ["payment.succeeded"]),
        (TIMES_OUT, "succeeded", ["payment.succeeded"]),
        (NOISY, "succeeded", ["payment.succeeded", "payment.processing"] * 2),
    ],
)
def test_each_card_does_what_its_label_says(card: str, state: str, events: list[str]) -> None:
    attempt, answer = charge(card)
    assert answer is (Answer.NO_ANSWER if card == TIMES_OUT else Answer.ACCEPTED)
    assert Charge.objects.get(attempt=attempt).state == state
    assert kinds() == events
    assert OutboxRow.objects.filter(kind="shop.webhook_due").exists()


def test_every_test_card_has_a_behaviour() -> None:
    assert {card.behaviour for card in TEST_CARDS} == set(gateway.BEHAVIOURS)


def test_a_slow_card_is_heard_of_after_eight_seconds() -> None:
    charge(SLOW)
    assert 7 < seconds_to_wait() <= 8


def test_the_same_attempt_twice_is_one_charge() -> None:
    attempt, _ = charge(cast.PAYS)
    again = ChargeRequest(attempt, PRICE, cast.PAYS)
    assert gateway.charge([again, again]) == {attempt: Answer.ACCEPTED}
    assert Charge.objects.count() == 1
    assert Delivery.objects.count() == 1


def test_a_call_that_timed_out_is_understood_when_it_is_repeated() -> None:
    attempt, answer = charge(TIMES_OUT)
    assert answer is Answer.NO_ANSWER
    assert gateway.charge([ChargeRequest(attempt, PRICE, TIMES_OUT)]) == {attempt: Answer.ACCEPTED}
    assert Charge.objects.get().state == Charge.State.SUCCEEDED


def test_who_asks_again_after_everything_was_delivered_is_told_again() -> None:
    attempt, _ = charge(cast.PAYS)
    Delivery.objects.update(delivered_at=database_now())
    gateway.charge([ChargeRequest(attempt, PRICE, cast.PAYS)])
    first, second = Delivery.objects.order_by("id")
    assert (first.event_id, first.body) == (second.event_id, second.body)
    assert second.delivered_at is None


def test_a_card_that_is_none_of_ours_is_refused_for_good() -> None:
    _, answer = charge("4111111111111111")
    assert answer is Answer.UNKNOWN_CARD
    assert not Charge.objects.exists()
    with pytest.raises(PaymentTrouble) as trouble:
        SimulatedGateway().authorize(uuid.uuid4(), PRICE, "4111111111111111")
    assert trouble.value.permanent


def test_a_confirmed_3d_secure_charge_is_made_once() -> None:
    attempt, _ = charge(SECURE)
    assert gateway.confirm(attempt) is Answer.ACCEPTED
    assert gateway.confirm(attempt) is Answer.ACCEPTED
    assert Charge.objects.get().state == Charge.State.SUCCEEDED
    assert kinds() == ["payment.requires_action", "payment.succeeded"]


def test_a_refund_needs_a_charge_and_happens_once() -> None:
    attempt, _ = charge(DECLINES)
    assert gateway.refund(attempt) is Answer.NOT_CHARGED
    assert gateway.refund(uuid.uuid4()) is Answer.UNKNOWN_ATTEMPT
    attempt, _ = charge(cast.PAYS)
    assert gateway.refund(attempt) is gateway.refund(attempt) is Answer.ACCEPTED
    assert Charge.objects.get(attempt=attempt).state == Charge.State.REFUNDED
    assert kinds().count("payment.refunded") == 1
    with pytest.raises(PaymentTrouble):
        SimulatedGateway().refund(uuid.uuid4())


def test_deliveries_wait_longer_after_each_failure_but_never_more_than_five_minutes() -> None:
    assert [backoff_seconds(tries) for tries in (1, 2, 3, 4)] == [0.5, 1.0, 2.0, 4.0]
    assert backoff_seconds(30_000) == 300.0
