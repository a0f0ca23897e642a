"""Expiry and payment meet at the last moment: one of them wins, and everything follows that one."""

from __future__ import annotations

import random
import threading
import uuid
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from django.db import connection

from shop.checkout.placement import place_many
from shop.checkout.requests import LineRequest, PlaceRequest
from shop.models import Order, Payment, Stock, WebhookReceipt
from shop.orders.services import cancel, expire_due_orders
from shop.orders.transitions import MOVER, Mover, Status
from shop.payments import services
from shop.payments.settlement import Settlement
from tests import cast
from tests.shop.paying import SilentGateway, attempted, broken, event, let_time_pass, placed, signed

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]
State = Payment.State


def together(*acts: Callable[[], Any]) -> list[BaseException]:
    """Run every act in its own thread with its own connection; what they raised."""
    problems: list[BaseException] = []

    def run(act: Callable[[], Any]) -> None:
        try:
            act()
        except BaseException as problem:
            problems.append(problem)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
        assert not thread.is_alive(), "somebody waits for somebody for ever"
    return problems


class Meeting(Settlement):
    """Waits before its first lock until the rival has read the order as pending and due."""

    def __init__(self, mover: Mover, barrier: threading.Barrier) -> None:
        super().__init__(mover)
        self.barrier = barrier

    def lock(self, receipts: Sequence[WebhookReceipt]) -> Any:
        self.barrier.wait(timeout=10)
        return super().lock(receipts)


def meet(mover_class: type[Mover], payment: Payment) -> None:
    """Expiry and a success webhook, both decided to act, go for the locks in the same moment."""
    barrier = threading.Barrier(2)

    class Expiring(mover_class):  # type: ignore[valid-type,misc]
        def claim(self, ids: Sequence[int], **how: Any) -> Any:
            barrier.wait(timeout=10)
            return super().claim(ids, **how)

    body = event(payment)
    WebhookReceipt.objects.create(event_id=body["id"], kind=body["kind"], body=body)
    let_time_pass(payment.order)
    settlement = Meeting(mover_class(), barrier)
    problems = together(lambda: expire_due_orders(mover=Expiring()), settlement.settle)
    assert not problems


class Unguarded(Mover):
    """The control: moves an order without looking whether its state still allows it, or who else is moving it."""

    def guard(self) -> str:
        return "%(allowed)s::text[] IS NOT NULL"

    def claim(self, ids: Sequence[int], **how: Any) -> Any:
        return super().claim(ids, **how | {"due_only": False})


def test_expiry_and_payment_at_the_same_moment_have_one_winner() -> None:
    variant = cast.variant_of(cast.product(stock=100))
    mina = cast.mina()
    ends = set()
    for _ in range(60):
        payment = attempted(placed(mina, variant, 1))
        meet(Mover, payment)
        payment.refresh_from_db()
        end = (payment.order.status, payment.state)
        assert end in {(Status.PAID, State.SUCCEEDED), (Status.EXPIRED, State.REFUND_DUE)}
        assert payment.order.moves.exclude(before="").count() == 1
        assert not broken()
        ends.add(end)
    assert len(ends) == 2, "sixty meetings with the same winner are no race"
    sold = Order.objects.filter(status=Status.PAID).count()
    assert Stock.objects.get().on_hand == 100 - sold
    assert Stock.objects.get().reserved == 0


def test_control_without_the_guard_an_order_both_expires_and_is_paid() -> None:
    variant = cast.variant_of(cast.product(stock=100))
    mina = cast.mina()
    damaged = 0
    for _ in range(10):
        before = sum(broken().values())
        payment = attempted(placed(mina, variant, 1))
        meet(Unguarded, payment)
        payment.refresh_from_db()
        both = payment.order.moves.exclude(before="").count() == 2
        damaged += both and sum(broken().values()) > before
    assert damaged >= 9


def test_a_double_click_on_cancel_from_two_tabs_returns_the_stock_once() -> None:
    variant = cast.variant_of(cast.product(stock=10))
    order = placed(cast.mina(), variant, 4)
    payment = attempted(order)
    body = event(payment)
    WebhookReceipt.objects.create(event_id=body["id"], kind=body["kind"], body=body)
    services.settle()
    tabs = [Order.objects.get(pk=order.pk) for _ in range(6)]
    buyer = order.user
    assert not together(*[lambda tab=tab: cancel(order=tab, by=buyer) for tab in tabs])
    assert Stock.objects.get().on_hand == 10
    assert order.moves.filter(after=Status.CANCELLED).count() == 1
    assert not broken()


def test_the_same_webhook_at_eight_doors_is_one_effect() -> None:
    variant = cast.variant_of(cast.product(stock=40))
    mina = cast.mina()
    letters = [signed(event(attempted(placed(mina, variant)))) for _ in range(20)] * 8
    random.Random(3).shuffle(letters)
    taken: list[bool] = []

    def door(mine: list[dict[str, Any]]) -> None:
        taken.extend([services.take_webhook(**letter) for letter in mine])

    shares = [letters[place::8] for place in range(8)]
    assert not together(*[lambda share=share: door(share) for share in shares])
    assert taken.count(True) == 20
    assert Order.objects.filter(status=Status.PAID, rev=2).count() == 20
    assert not WebhookReceipt.objects.filter(due_at__isnull=False).exists()
    assert not broken()


def test_two_workers_start_one_attempt() -> None:
    variant = cast.variant_of(cast.product(stock=40))
    mina = cast.mina()
    orders = [placed(mina, variant).pk for _ in range(15)]
    gateways = [SilentGateway() for _ in range(5)]
    acts = [lambda port=port: services.start_attempts(orders, port=port) for port in gateways]
    assert not together(*acts)
    assert Payment.objects.count() == 15
    assert sum(len(port.authorized) for port in gateways) == 15


def test_buying_paying_cancelling_and_expiring_at_once_never_block_each_other_for_ever() -> None:
    """Baskets [A, B] and [B, A], every mover at once: one lock order, no deadlock, nothing lost."""
    dice = random.Random(11)
    product = cast.product(stock=400, shades=("A", "B", "C"))
    variants = [cast.variant_of(product, place).pk for place in range(3)]
    buyers = [cast.buyer(f"buyer{number}") for number in range(6)]

    def basket() -> tuple[LineRequest, ...]:
        return tuple(LineRequest(variant, 1) for variant in dice.sample(variants, 2))

    for _ in range(6):
        outcomes = place_many(
            [PlaceRequest(buyer.pk, uuid.uuid4(), basket()) for buyer in buyers for _ in range(4)]
        )
        ids = [outcome.order_id for outcome in outcomes]  # type: ignore[union-attr]
        services.start_attempts(ids, port=SilentGateway())
        payments = list(Payment.objects.filter(order_id__in=ids).select_related("order__user"))
        dice.shuffle(payments)
        WebhookReceipt.objects.bulk_create(
            WebhookReceipt(event_id=body["id"], kind=body["kind"], body=body)
            for body in map(event, payments[:16])
        )
        for payment in payments[8:]:
            let_time_pass(payment.order)
        going = [each.order for each in payments[4:20]]

        def cancel_some(going: list[Order] = going) -> None:
            for order in going:
                try:
                    cancel(order=order, by=order.user)
                except Exception as refusal:
                    if getattr(refusal, "code", "") != "too_late":
                        raise

        more = [PlaceRequest(buyer.pk, uuid.uuid4(), basket()) for buyer in buyers]
        problems = together(
            services.settle,
            cancel_some,
            lambda: expire_due_orders(limit=3),
            lambda: expire_due_orders(mover=MOVER, limit=5),
            lambda more=more: place_many(more),
            lambda: services.retry_due(port=SilentGateway()),
        )
        assert not problems
        services.settle()
        assert not broken()
