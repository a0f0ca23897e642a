"""An order moves along one table; each move has its effect on the shelf once."""

from __future__ import annotations

import itertools

import pytest
from django.db import transaction

from livestore.base.errors import Conflict, NotAllowed, NotFound
from livestore.base.models import OutboxRow
from shop.models import Hold, Movement, Order, Payment, Stock
from shop.orders import services
from shop.orders.transitions import MOVER, SOLD, TABLE, TERMINAL, Status, move, sources
from shop.payments.services import retry_due
from tests import cast
from tests.shop.paying import SilentGateway, attempted, broken, hear, let_time_pass, placed

pytestmark = pytest.mark.django_db


@pytest.fixture
def order() -> Order:
    return placed(cast.mina(), cast.variant_of(cast.product(stock=10)), 3)


def stock() -> Stock:
    return Stock.objects.get()


def paid(order: Order) -> Order:
    hear(attempted(order))
    order.refresh_from_db()
    assert order.status == Status.PAID
    return order


def brought_to(order: Order, status: str) -> Order:
    """By allowed moves only."""
    if status in SOLD:
        paid(order)
        for step in (Status.PACKED, Status.SHIPPED, Status.DELIVERED):
            if order.status == status:
                break
            move(order_id=order.pk, to=step, reason="test")
            order.refresh_from_db()
    elif status != Status.PENDING:
        move(order_id=order.pk, to=status, reason="test")
        order.refresh_from_db()
    assert order.status == status
    return order


@pytest.mark.parametrize(("before", "after"), list(itertools.product(list(Status), list(Status))))
def test_an_order_moves_only_along_the_table(order: Order, before: str, after: str) -> None:
    brought_to(order, before)
    rev, moves = order.rev, order.moves.count()
    if after in TABLE[before]:
        moved = move(order_id=order.pk, to=after, reason="because")
        order.refresh_from_db()
        assert (order.status, order.rev, moved.rev) == (after, rev + 1, rev + 1)
        last = order.moves.last()
        assert last is not None
        assert (last.before, last.after, last.reason) == (before, after, "because")
    else:
        with pytest.raises(Conflict):
            move(order_id=order.pk, to=after, reason="because")
        order.refresh_from_db()
        assert (order.status, order.rev, order.moves.count()) == (before, rev, moves)


def test_terminal_states_lead_nowhere_and_everything_else_leads_somewhere() -> None:
    assert {Status.DELIVERED, Status.EXPIRED, Status.CANCELLED} == TERMINAL
    assert set(TABLE) == set(Status)
    assert sources(Status.CANCELLED) == [Status.PAID, Status.PENDING]


def test_a_paid_order_takes_its_units_off_the_shelf(order: Order) -> None:
    paid(order)
    assert (stock().on_hand, stock().reserved) == (7, 0)
    assert [(m.kind, m.quantity) for m in Movement.objects.all()] == [(Movement.Kind.SOLD, -3)]
    assert order.paid_at is not None
    assert not broken()


def test_an_expired_order_lets_its_units_go(order: Order) -> None:
    let_time_pass(order)
    assert services.expire_due_orders() == 1
    order.refresh_from_db()
    assert order.status == Status.EXPIRED
    assert (stock().on_hand, stock().reserved, stock().left) == (10, 0, 10)
    assert not Hold.objects.exists()
    facts = OutboxRow.objects.order_by("id").values_list("kind", "data")
    assert ("shop.order_updated", {"order": order.public_id, "rev": order.rev}) in facts
    assert any(kind == "shop.stock_changed" and data["left"] == 10 for kind, data in facts)
    assert services.expire_due_orders() == 0
    assert not broken()


def test_an_order_whose_time_is_not_up_stays(order: Order) -> None:
    assert services.expire_due_orders() == 0
    with transaction.atomic():
        assert not MOVER.move([order.pk], to=Status.EXPIRED, reason="", due_only=True).orders


def test_many_orders_expire_in_batches() -> None:
    variant = cast.variant_of(cast.product(stock=30))
    mina = cast.mina()
    for _ in range(7):
        let_time_pass(placed(mina, variant, 2))
    assert services.expire_due_orders(limit=3) == 7
    assert stock().left == 30


def test_a_buyer_cancels_before_payment_and_the_units_are_back(order: Order) -> None:
    services.cancel(order=order, by=order.user)
    assert order.status == Status.CANCELLED
    assert (stock().on_hand, stock().reserved) == (10, 0)
    assert not Movement.objects.exists()
    assert not broken()


def test_a_double_click_on_cancel_returns_stock_and_money_once(order: Order) -> None:
    paid(order)
    gateway = SilentGateway()
    for _ in range(2):
        services.cancel(order=order, by=order.user)
        retry_due(port=gateway)
    assert order.status == Status.CANCELLED
    assert (stock().on_hand, stock().reserved) == (10, 0)
    assert sorted(m.quantity for m in Movement.objects.all()) == [-3, 3]
    payment = order.payments.get()
    assert payment.state == Payment.State.REFUND_DUE
    assert gateway.refunded == [payment.attempt]
    hear(payment, "refunded")
    payment.refresh_from_db()
    assert payment.state == Payment.State.REFUNDED
    assert not broken()


def test_a_packed_order_can_not_be_cancelled(order: Order) -> None:
    ada = cast.ada()
    services.pack(order=paid(order), by=ada)
    for person in (order.user, ada):
        with pytest.raises(Conflict) as refusal:
            services.cancel(order=order, by=person)
        assert refusal.value.code == "too_late"
    assert order.payments.get().state == Payment.State.SUCCEEDED
    assert stock().on_hand == 7


def test_staff_packs_ships_and_delivers_and_nobody_else(order: Order) -> None:
    paid(order)
    with pytest.raises(NotAllowed):
        services.pack(order=order, by=order.user)
    ada = cast.ada()
    services.pack(order=order, by=ada)
    services.ship(order=order, by=ada)
    services.deliver(order=order, by=ada)
    assert order.status == Status.DELIVERED
    assert [each.by for each in order.moves.order_by("id")][-3:] == [ada, ada, ada]
    assert not broken()


def test_a_stranger_can_not_cancel_and_does_not_learn_that_the_order_exists(order: Order) -> None:
    with pytest.raises(NotFound):
        services.cancel(order=order, by=cast.theo())
    order.refresh_from_db()
    assert order.status == Status.PENDING
