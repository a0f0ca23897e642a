"""Attempts are rows first; whatever the gateway does or does not say, the row says what comes next."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.db import connection

from livestore.base.errors import Conflict, Invalid, KeyReused, NotFound
from shop.models import Order, Payment, Stock
from shop.orders.selectors import order_value
from shop.orders.services import cancel, expire_due_orders
from shop.orders.transitions import Status
from shop.payments import services
from shop.payments.port import PaymentTrouble
from streams.room.protocol.values import OrderValue
from tests import cast
from tests.shop.paying import (
    DECLINES,
    SECURE,
    SilentGateway,
    attempted,
    broken,
    hear,
    let_time_pass,
    placed,
)

pytestmark = pytest.mark.django_db
State = Payment.State


@pytest.fixture
def gateway() -> SilentGateway:
    return SilentGateway()


@pytest.fixture
def order() -> Order:
    return placed(cast.mina(), cast.variant_of(cast.product(stock=10)), 2)


def seconds_until_next_try(payment: Payment) -> float:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT extract(epoch FROM next_try_at - clock_timestamp()) FROM payment WHERE id = %s",
            [payment.pk],
        )
        return float(cursor.fetchone()[0])


def due_now(payment: Payment) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE payment SET next_try_at = clock_timestamp() WHERE id = %s", [payment.pk]
        )


def test_a_pending_order_is_asked_for_its_total_once(order: Order, gateway: SilentGateway) -> None:
    for _ in range(3):
        services.start_attempts([order.pk], port=gateway)
    payment = order.payments.get()
    assert [(a.attempt, a.amount, a.card) for a in gateway.authorized] == [
        (payment.attempt, order.total, cast.PAYS)
    ]
    assert payment.state == State.STARTED
    assert 50 < seconds_until_next_try(payment) <= 60


def test_a_silent_gateway_is_asked_again_with_the_same_attempt(
    order: Order, gateway: SilentGateway
) -> None:
    gateway.trouble = PaymentTrouble("The line went dead.", permanent=False)
    payment = attempted(order, gateway)
    assert 0 < seconds_until_next_try(payment) <= 1
    due_now(payment)
    assert services.retry_due(port=gateway) == 1
    assert [each.attempt for each in gateway.authorized] == [payment.attempt] * 2
    assert 1 < seconds_until_next_try(payment) <= 2
    assert services.retry_due(port=gateway) == 0  # not due yet


class Stumbling(SilentGateway):
    """Breaks off in the middle when it is asked about one of the attempts."""

    def __init__(self, bad: int) -> None:
        super().__init__()
        self.bad = bad

    def authorize_many(self, wanted: Any) -> list[PaymentTrouble | None]:
        if any(each.amount.minor == self.bad for each in wanted):
            raise RuntimeError("something that nobody thought of")
        return super().authorize_many(wanted)


def test_an_order_at_which_the_gateway_stumbles_stops_nobody_else(
    caplog: pytest.LogCaptureFixture,
) -> None:
    variant = cast.variant_of(cast.product(stock=20))
    mina = cast.mina()
    orders = [placed(mina, variant, quantity) for quantity in (1, 2, 3)]
    gateway = Stumbling(orders[1].total_minor)
    services.start_attempts([each.pk for each in orders], port=gateway)
    good, bad, also_good = (each.payments.get() for each in orders)
    assert {each.attempt for each in gateway.authorized} == {good.attempt, also_good.attempt}
    assert 50 < seconds_until_next_try(good) <= 60
    assert 0 < seconds_until_next_try(bad) <= 1
    assert str(bad.attempt) in caplog.text


def test_a_card_that_can_never_work_declines_the_attempt_and_the_order_waits(
    order: Order, gateway: SilentGateway
) -> None:
    gateway.trouble = PaymentTrouble("This is not one of the test cards.", permanent=True)
    payment = attempted(order, gateway)
    rev = order.rev
    order.refresh_from_db()
    assert (payment.state, payment.reason) == (State.DECLINED, "This is not one of the test cards.")
    assert (order.status, order.rev) == (Status.PENDING, rev + 1)


def test_an_order_that_was_forgotten_is_picked_up_after_five_seconds(
    order: Order, gateway: SilentGateway
) -> None:
    assert services.retry_due(port=gateway) == 0
    Order.objects.update(placed_at="2026-01-01T00:00:00Z")
    assert services.retry_due(port=gateway) == 1
    assert order.payments.count() == 1


def test_a_declined_buyer_pays_with_another_card(order: Order, gateway: SilentGateway) -> None:
    first = attempted(order, gateway)
    hear(first, "declined")
    order.refresh_from_db()
    value = order_value(order)
    OrderValue(**value)
    assert (value["status"], value["payment"]) == ("pending", "declined")
    assert value["message"] == "The card was declined. Please try another card."
    key = uuid.uuid4()
    for _ in range(2):
        services.change_card(
            order=order, user=order.user, card_number=cast.PAYS, key=key, port=gateway
        )
    assert order.payments.count() == 2
    assert len(gateway.authorized) == 2
    with pytest.raises(KeyReused):
        services.change_card(
            order=order, user=order.user, card_number=DECLINES, key=key, port=gateway
        )
    second = order.payments.order_by("id").last()
    assert second is not None
    hear(second)
    order.refresh_from_db()
    assert order.status == Status.PAID
    assert not broken()


def test_a_declined_order_is_not_charged_again_by_itself(
    order: Order, gateway: SilentGateway
) -> None:
    hear(attempted(order, gateway), "declined")
    Order.objects.update(placed_at="2026-01-01T00:00:00Z")
    services.start_attempts([order.pk], port=gateway)
    services.retry_due(port=gateway)
    assert len(gateway.authorized) == 1


def test_another_card_has_to_wait_for_the_running_payment(
    order: Order, gateway: SilentGateway
) -> None:
    attempted(order, gateway)
    with pytest.raises(Conflict) as refusal:
        services.change_card(order=order, user=order.user, card_number=cast.PAYS, port=gateway)
    assert refusal.value.code == "payment_running"


def test_only_the_buyer_with_a_test_card_can_change_the_card(
    order: Order, gateway: SilentGateway
) -> None:
    hear(attempted(order, gateway), "declined")
    with pytest.raises(NotFound):
        services.change_card(order=order, user=cast.theo(), card_number=cast.PAYS, port=gateway)
    with pytest.raises(Invalid) as refusal:
        services.change_card(order=order, user=order.user, card_number="4111111111111111")
    assert refusal.value.fields == {"card": "Please pick one of the test cards."}
    cancel(order=order, by=order.user)
    with pytest.raises(Conflict) as gone:
        services.change_card(order=order, user=order.user, card_number=cast.PAYS, port=gateway)
    assert gone.value.code == "not_pending"


def test_3d_secure_extends_the_hold_once_and_goes_on_when_confirmed(
    order: Order, gateway: SilentGateway
) -> None:
    payment = attempted(order, gateway)
    before = order.expires_at
    hear(payment, "requires_action")
    order.refresh_from_db()
    assert before is not None
    assert order.expires_at is not None
    assert (order.expires_at - before).total_seconds() == 600
    assert order_value(order)["action"] == "confirm"
    for _ in range(2):
        services.confirm_action(order=order, user=order.user, port=gateway)
    assert gateway.captured == [payment.attempt] * 2  # idempotent by attempt, at the gateway
    # Another card that asks for 3-D Secure too does not extend again.
    services.change_card(order=order, user=order.user, card_number=SECURE, port=gateway)
    second = order.payments.order_by("id").last()
    assert second is not None
    extended = order.expires_at
    hear(second, "requires_action")
    order.refresh_from_db()
    assert order.expires_at == extended
    hear(second)
    order.refresh_from_db()
    assert order.status == Status.PAID
    assert services.confirm_action(order=order, user=order.user, port=gateway).status == Status.PAID
    assert not broken()


def test_there_is_nothing_to_confirm_without_3d_secure(
    order: Order, gateway: SilentGateway
) -> None:
    attempted(order, gateway)
    with pytest.raises(Conflict) as refusal:
        services.confirm_action(order=order, user=order.user, port=gateway)
    assert refusal.value.code == "nothing_to_confirm"
    with pytest.raises(NotFound):
        services.confirm_action(order=order, user=cast.theo(), port=gateway)


def test_an_expired_order_is_not_asked_for_again(order: Order, gateway: SilentGateway) -> None:
    gateway.trouble = PaymentTrouble("The line went dead.", permanent=False)
    payment = attempted(order, gateway)
    let_time_pass(order)
    expire_due_orders()
    payment.refresh_from_db()
    assert payment.next_try_at is None
    services.retry_due(port=gateway)
    assert len(gateway.authorized) == 1


def test_two_expired_orders_that_are_paid_late_are_both_refunded(gateway: SilentGateway) -> None:
    variant = cast.variant_of(cast.product(stock=1))
    late = []
    for person in (cast.mina(), cast.theo()):  # each held the only unit, one after the other
        order = placed(person, variant)
        payment = attempted(order, gateway)
        let_time_pass(order)
        assert expire_due_orders() == 1
        late.append(payment)
    for payment in late:
        hear(payment)
        payment.refresh_from_db()
        assert payment.state == State.REFUND_DUE
    assert services.retry_due(port=gateway) == 2
    assert gateway.refunded == [payment.attempt for payment in late]
    for payment in late:
        hear(payment, "refunded")
        payment.refresh_from_db()
        assert payment.state == State.REFUNDED
        assert payment.order.status == Status.EXPIRED
        assert order_value(payment.order)["message"].endswith("Your money has been refunded.")
    assert Stock.objects.get().left == 1
    assert not broken()


def test_a_refund_that_the_gateway_does_not_answer_is_asked_for_again(
    order: Order, gateway: SilentGateway
) -> None:
    payment = attempted(order, gateway)
    hear(payment)
    cancel(order=order, by=order.user)
    gateway.trouble = PaymentTrouble("The line went dead.", permanent=False)
    services.retry_due(port=gateway)
    payment.refresh_from_db()
    assert payment.state == State.REFUND_DUE
    assert 0 < seconds_until_next_try(payment) <= 1
    gateway.trouble = None
    due_now(payment)
    services.retry_due(port=gateway)
    assert gateway.refunded == [payment.attempt]
