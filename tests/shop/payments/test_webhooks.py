"""Webhooks are believed when signed and fresh, and each event has its effect once, in any order."""

from __future__ import annotations

import random
import uuid
from pathlib import Path
from typing import Any

import orjson
import pytest
from django.conf import settings
from django.db import connection

import shop
from livestore.base.clock import database_now
from livestore.base.outbox import OutboxRow
from shop.gateway.signature import sign, signed_at
from shop.models import Order, Payment, Stock, WebhookReceipt
from shop.orders.transitions import Status
from shop.payments import services
from shop.payments.settlement import Settlement
from shop.payments.tasks import settle
from shop.payments.webhooks import FEW_EVENTS, BadWebhook
from tests import cast
from tests.shop.paying import attempted, broken, event, hear, placed, signed

pytestmark = pytest.mark.django_db
State = Payment.State


@pytest.fixture
def payment() -> Payment:
    return attempted(placed(cast.mina(), cast.variant_of(cast.product(stock=10)), 2))


def state_of(payment: Payment) -> tuple[str, str]:
    payment.refresh_from_db()
    payment.order.refresh_from_db()
    return payment.order.status, payment.state


def refused(**arguments: Any) -> str:
    with pytest.raises(BadWebhook) as refusal:
        services.take_webhook(**arguments)
    assert refusal.value.status == 400
    assert not WebhookReceipt.objects.exists()
    return refusal.value.message


def test_the_same_event_five_times_pays_once(payment: Payment) -> None:
    assert [hear(payment) for _ in range(5)] == [True, False, False, False, False]
    assert state_of(payment) == (Status.PAID, State.SUCCEEDED)
    assert Stock.objects.get().on_hand == 8
    assert payment.order.rev == 2
    assert not broken()


def test_a_forged_webhook_has_no_effect(payment: Payment) -> None:
    body = event(payment)
    assert "gateway's" in refused(**signed(body, secret="somebody else's secret"))
    for signature in (
        "",
        "t=1",
        "v1=00",
        "t=,v1=",
        "t=1,t=2,v1=00",
        "t=²,v1=00",
        "t=99999999999999,v1=0",
    ):
        refused(raw=orjson.dumps(body), signature=signature)
    assert state_of(payment) == (Status.PENDING, State.STARTED)


def test_an_altered_body_has_no_effect(payment: Payment) -> None:
    true = signed(event(payment, "declined"))
    for raw in (
        true["raw"].replace(b"declined", b"succeeded"),
        true["raw"] + b" ",
        true["raw"][:-1],
    ):
        refused(raw=raw, signature=true["signature"])
    stamp = true["signature"].partition(",")[0].removeprefix("t=")
    refused(raw=true["raw"], signature=true["signature"].replace(stamp, str(int(stamp) + 1)))
    assert state_of(payment) == (Status.PENDING, State.STARTED)


@pytest.mark.parametrize("age", [301, 600, 86_400, -302])
def test_an_old_webhook_has_no_effect(payment: Payment, age: int) -> None:
    assert "too old" in refused(**signed(event(payment), age=age))


@pytest.mark.parametrize("age", [0, 290, -290])
def test_a_webhook_within_five_minutes_is_taken(payment: Payment, age: int) -> None:
    assert services.take_webhook(**signed(event(payment), age=age))
    assert state_of(payment) == (Status.PAID, State.SUCCEEDED)


@pytest.mark.parametrize(
    "raw",
    [b"", b"null", b"[]", b"{", b'{"id": 7, "kind": "x"}', b'{"id": "", "kind": "x"}', b'{"id": "a"}',
     b'{"id": "a\\u0000", "kind": "x"}', b'{"id": "a", "kind": "x\\u0000"}', b'{"id": "a", "kind": 3}'],
)  # fmt: skip
def test_a_signed_body_that_is_no_event_is_refused(raw: bytes) -> None:
    stamp = int(database_now().timestamp())
    assert refused(raw=raw, signature=sign(raw, secret=settings.WEBHOOK_SECRET, stamp=stamp))


def test_unknown_kinds_and_attempts_are_taken_and_do_nothing(payment: Payment) -> None:
    stranger = event(payment, attempt=str(uuid.uuid4()), id="evt_stranger")
    nothing = event(payment, "disputed", id="evt_disputed")
    odd = event(payment, attempt="not a uuid", id="evt_odd")
    for body in (stranger, nothing, odd):
        assert services.take_webhook(**signed(body))
    assert not WebhookReceipt.objects.filter(due_at__isnull=False).exists()
    assert state_of(payment) == (Status.PENDING, State.STARTED)


def test_a_webhook_may_carry_several_events_and_repeat_some(payment: Payment) -> None:
    other = attempted(placed(cast.theo(), payment.order.lines.get().variant))
    events = [event(other), event(payment), event(payment), event(payment, "requires_action")]
    assert services.take_webhook(**signed({"events": events})) == 3
    assert services.take_webhook(**signed({"events": events})) == 0
    assert services.take_webhook(**signed({"events": []})) == 0
    assert state_of(payment) == state_of(other) == (Status.PAID, State.SUCCEEDED)
    for bad in ({"events": [event(payment), 7]}, {"events": {}}, {"events": [{"id": "x"}]}):
        with pytest.raises(BadWebhook):
            services.take_webhook(**signed(bad))


def test_two_signatures_in_one_header_are_both_tried() -> None:
    raw = b"{}"
    both = sign(raw, secret="new", stamp=5) + "," + sign(raw, secret="old", stamp=5).split(",")[1]
    assert signed_at(raw, both, secret="old") == 5
    assert signed_at(raw, both, secret="other") is None


def test_a_success_after_a_decline_of_the_same_attempt_still_pays(payment: Payment) -> None:
    hear(payment, "declined")
    assert state_of(payment) == (Status.PENDING, State.DECLINED)
    hear(payment)
    assert state_of(payment) == (Status.PAID, State.SUCCEEDED)
    hear(payment, "requires_action")
    assert state_of(payment) == (Status.PAID, State.SUCCEEDED)
    assert not broken()


def test_the_second_charge_of_one_order_goes_back(payment: Payment) -> None:
    hear(payment, "declined")
    order = payment.order
    second = Payment.objects.create(
        order=order,
        currency=order.currency,
        amount_minor=order.total_minor,
        card_last4="4242",
        card_number=cast.PAYS,
    )
    WebhookReceipt.objects.bulk_create(  # both in one batch
        WebhookReceipt(event_id=body["id"], kind=body["kind"], body=body)
        for body in (event(second), event(payment))
    )
    assert services.settle() == 2
    assert state_of(second) == (Status.PAID, State.SUCCEEDED)
    assert state_of(payment) == (Status.PAID, State.REFUND_DUE)
    assert not broken()


def test_a_charge_of_another_amount_is_never_taken_for_the_order(payment: Payment) -> None:
    hear(payment, amount={"minor": 1, "currency": "EUR"})
    assert state_of(payment) == (Status.PENDING, State.REFUND_DUE)
    assert not broken()


def test_a_refund_nobody_asked_for_changes_nothing(payment: Payment) -> None:
    hear(payment)
    hear(payment, "refunded")
    assert state_of(payment) == (Status.PAID, State.SUCCEEDED)


def test_one_event_that_can_not_be_settled_does_not_stop_the_others() -> None:
    variant = cast.variant_of(cast.product(stock=10))
    payments = [attempted(placed(person, variant)) for person in (cast.mina(), cast.theo())]
    bad = payments[0].attempt

    class Stumbling(Settlement):
        def lift(self, batch: Any, receipt: WebhookReceipt) -> None:
            if receipt.body["attempt"] == str(bad):
                raise RuntimeError("something that nobody thought of")
            super().lift(batch, receipt)

    for payment in payments:
        services.take_webhook(**signed(event(payment)), settlement=Stumbling())
    assert [state_of(payment)[0] for payment in payments] == [Status.PENDING, Status.PAID]
    waiting = WebhookReceipt.objects.get(due_at__isnull=False)
    assert waiting.tries == 1
    WebhookReceipt.objects.filter(pk=waiting.pk).update(due_at="2026-01-01T00:00:00Z")
    assert services.settle() == 1
    assert Order.objects.filter(status=Status.PAID).count() == 2
    assert not broken()


def test_events_five_times_each_and_shuffled_have_one_effect_each() -> None:

    dice = random.Random(7)
    variant = cast.variant_of(cast.product(stock=100))
    mina = cast.mina()
    payments = [attempted(placed(mina, variant)) for _ in range(40)]
    arrivals = [signed(event(each)) for each in payments] * 5
    dice.shuffle(arrivals)
    assert sum(services.take_webhook(**each) for each in arrivals) == 40
    assert Order.objects.filter(status=Status.PAID, rev=2).count() == 40
    assert Stock.objects.get().on_hand == 60
    assert not broken()


def many_payments(count: int) -> list[Payment]:
    variant = cast.variant_of(cast.product(stock=100))
    mina = cast.mina()
    return [attempted(placed(mina, variant)) for _ in range(count)]


def test_a_few_events_are_settled_by_whoever_brought_them() -> None:
    payments = many_payments(FEW_EVENTS)
    assert services.take_webhook(**signed({"events": [event(each) for each in payments]})) == 20
    assert Order.objects.filter(status=Status.PAID).count() == FEW_EVENTS
    assert not OutboxRow.objects.filter(kind="shop.webhooks_taken").exists()


def test_many_events_are_stored_and_left_to_a_worker() -> None:
    """A process that serves rooms has no time to settle hundreds."""
    payments = many_payments(FEW_EVENTS + 1)
    letter = signed({"events": [event(each) for each in payments]})
    assert services.take_webhook(**letter) == FEW_EVENTS + 1
    assert not Order.objects.filter(status=Status.PAID).exists()
    assert WebhookReceipt.objects.filter(due_at__isnull=False).count() == FEW_EVENTS + 1
    [waiting] = OutboxRow.objects.filter(kind="shop.webhooks_taken")
    assert settle() == FEW_EVENTS + 1
    assert services.take_webhook(**letter) == 0
    assert OutboxRow.objects.get(kind="shop.webhooks_taken") == waiting, "repeats are no work"
    assert Order.objects.filter(status=Status.PAID).count() == FEW_EVENTS + 1
    assert not broken()


def test_many_orders_paid_at_once_are_one_fact() -> None:
    payments = many_payments(FEW_EVENTS + 5)
    services.take_webhook(**signed({"events": [event(each) for each in payments]}))
    OutboxRow.objects.all().delete()
    assert settle() == FEW_EVENTS + 5
    kinds = list(OutboxRow.objects.order_by("id").values_list("kind", flat=True))
    assert kinds == ["shop.stock_changed", "shop.orders_updated"]
    changed = OutboxRow.objects.get(kind="shop.orders_updated").data["orders"]
    assert {row["order"] for row in changed} == set(
        Order.objects.values_list("public_id", flat=True)
    )
    assert {row["rev"] for row in changed} == {2}


@pytest.mark.parametrize(
    ("table", "condition"),
    [
        ("webhook_receipt", "due_at <= statement_timestamp()"),
        ("gateway_delivery", "delivered_at IS NULL AND due_at <= statement_timestamp()"),
        ("payment", "next_try_at <= statement_timestamp()"),
        ("purchase", "status = 'pending' AND expires_at <= statement_timestamp()"),
    ],
)
def test_what_is_due_is_found_by_its_index(table: str, condition: str) -> None:
    """`clock_timestamp()` changes within a statement, so PostgreSQL would compare it with every row there is."""

    def plan(condition: str) -> str:
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute(f"EXPLAIN SELECT id FROM {table} WHERE {condition}")
            return "\n".join(row[0] for row in cursor.fetchall())

    assert "Index Cond: (" in plan(condition)
    assert "Index Cond: (" not in plan(condition.replace("statement_", "clock_"))
    sources = "".join(path.read_text() for path in (Path(shop.__file__).parent).rglob("*.py"))
    assert condition in " ".join(sources.replace('"', " ").split())
