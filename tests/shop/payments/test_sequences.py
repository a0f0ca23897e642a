"""Random sequences of webhooks and acts: whatever comes, no money is lost and no unit is sold twice."""

from __future__ import annotations

import random
import uuid
from collections import Counter
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from livestore.base.errors import Refusal
from shop.checkout.placement import place_many
from shop.checkout.requests import LineRequest, Placed, PlaceRequest
from shop.models import Hold, Order, OrderMove, Payment, Stock, WebhookReceipt
from shop.orders.services import cancel, expire_due_orders, pack
from shop.orders.transitions import SOLD, TABLE, Status
from shop.payments import services
from tests import cast
from tests.shop.paying import SilentGateway, broken, event, hear, let_time_pass, placed

pytestmark = pytest.mark.django_db
State = Payment.State
CHARGED = {State.SUCCEEDED, State.REFUND_DUE, State.REFUNDED}
KINDS = ["requires_action", "declined", "succeeded", "refunded", "processing"]
ACTS = ["expire", "cancel", "other card", "retry", "confirm", "pack"]


def check_everything(heard: Counter[tuple[uuid.UUID, str]], opening: int) -> None:
    """What has to be true after any sequence."""
    assert not broken()
    for move in OrderMove.objects.exclude(before=""):
        assert move.after in TABLE[move.before]
    for payment in Payment.objects.select_related("order"):
        charged = heard[payment.attempt, "succeeded"] > 0
        assert (payment.state in CHARGED) == charged, f"{payment} but charged: {charged}"
        if not charged and heard[payment.attempt, "declined"]:
            assert payment.state == State.DECLINED
        if payment.state == State.SUCCEEDED:
            assert payment.order.status in SOLD
        if payment.order.status not in SOLD | {Status.PENDING}:
            assert payment.state not in {State.SUCCEEDED}
    sold = sum(
        line.quantity
        for order in Order.objects.filter(status__in=SOLD).prefetch_related("lines")
        for line in order.lines.all()
    )
    assert Stock.objects.get().on_hand == opening - sold
    assert not Hold.objects.exclude(
        owner_id__in=Order.objects.filter(status=Status.PENDING).values("pk")
    ).exists()


class Play:
    """Two buyers, one product with three units, and everything that can happen to their payments."""

    def __init__(self, people: list[Any], variant: Any) -> None:
        self.gateway = SilentGateway()
        self.heard: Counter[tuple[uuid.UUID, str]] = Counter()
        self.admin = people[2]
        self.orders = [placed(person, variant, 1) for person in people[:2]]
        services.start_attempts([each.pk for each in self.orders], port=self.gateway)

    def hear(self, who: int, which: int, kind: str) -> None:
        attempts = list(self.orders[who].payments.order_by("id"))
        payment = attempts[which % len(attempts)]
        self.heard[payment.attempt, kind] += 1
        hear(payment, kind)

    def act(self, who: int, act: str) -> None:
        order = Order.objects.get(pk=self.orders[who].pk)
        try:
            if act == "expire":
                let_time_pass(order)
                expire_due_orders()
            elif act == "cancel":
                cancel(order=order, by=order.user)
            elif act == "other card":
                services.change_card(
                    order=order, user=order.user, card_number=cast.PAYS, port=self.gateway
                )
            elif act == "confirm":
                services.confirm_action(order=order, user=order.user, port=self.gateway)
            elif act == "pack":
                pack(order=order, by=self.admin)
            else:
                services.retry_due(port=self.gateway)
        except Refusal:
            pass  # refused acts change nothing; check_everything would see it


STEPS = st.lists(
    st.tuples(st.integers(0, 1), st.integers(0, 2), st.sampled_from(KINDS + ACTS)), max_size=14
)


@settings(
    max_examples=120,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=STEPS)
def test_no_sequence_of_webhooks_and_acts_loses_money_or_units(steps: list[Any], db: None) -> None:
    with transaction.atomic():
        people = [cast.mina(), cast.theo(), cast.ada()]
        play = Play(people, cast.variant_of(cast.product(stock=3)))
        for who, which, what in steps:
            if what in ACTS:
                play.act(who, what)
            else:
                play.hear(who, which, what)
        check_everything(play.heard, opening=3)
        transaction.set_rollback(True)


def test_two_thousand_shuffled_sequences_in_one_inbox_end_as_they_should() -> None:
    """2,000 orders; each gets a random sequence with repeats, all interleaved and settled in batches."""
    dice = random.Random(20_260_101)
    count = 2_000
    variant = cast.variant_of(cast.product(stock=count))
    buyers = [cast.buyer(f"buyer{number}") for number in range(20)]
    orders = []
    for _ in range(count // 200):
        outcomes = place_many(
            [
                PlaceRequest(dice.choice(buyers).pk, uuid.uuid4(), (LineRequest(variant.pk, 1),))
                for _ in range(200)
            ]
        )
        orders += [each.order_id for each in outcomes if isinstance(each, Placed)]
    assert len(orders) == count
    services.start_attempts(orders, port=SilentGateway())
    payments = {payment.order_id: payment for payment in Payment.objects.all()}
    heard: Counter[tuple[uuid.UUID, str]] = Counter()
    late = set(dice.sample(orders, 400))
    for turn in range(4):
        inbox: dict[str, WebhookReceipt] = {}
        for order_id in dice.sample(orders, 1_500):
            payment = payments[order_id]
            for kind in dice.choices(KINDS[:4], k=dice.randint(1, 3)):
                body = event(payment, kind)
                heard[payment.attempt, kind] += 1
                inbox[body["id"]] = WebhookReceipt(
                    event_id=body["id"], kind=body["kind"], body=body
                )
        pile = list(inbox.values())
        dice.shuffle(pile)
        WebhookReceipt.objects.bulk_create(pile, ignore_conflicts=True)
        services.settle(seconds=60)
        assert not WebhookReceipt.objects.filter(due_at__isnull=False).exists()
        if turn == 1:
            Order.objects.filter(pk__in=late).update(expires_at="2026-01-01T00:00:00Z")
            expire_due_orders()
    check_everything(heard, opening=count)
    ends = Counter(Order.objects.values_list("status", flat=True))
    assert ends[Status.EXPIRED] > 50
    assert ends[Status.PAID] > 1_000
    assert Payment.objects.filter(state__in=[State.REFUND_DUE, State.REFUNDED]).count() > 20
