"""Each invariant holds after honest work and really fails when the books are broken by hand."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection

from livestore.base.models import OutboxRow
from livestore.base.money import Money
from shop.invariants import INVARIANTS, check
from shop.models import Hold, Offer, OfferUse, Order, Payment, Stock
from shop.offers.services import start_deal
from shop.orders.services import cancel
from shop.orders.transitions import Status
from tests import cast
from tests.shop.paying import attempted, event, hear, placed

pytestmark = pytest.mark.django_db


def counts() -> dict[str, int]:
    return {each.name: each.count for each in check()}


def sql(statement: str, *values: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, list(values))


def without(table: str, constraint: str) -> None:
    """PostgreSQL itself would refuse the damage: take its refusal away, inside this test's transaction."""
    sql("SET CONSTRAINTS ALL IMMEDIATE")
    sql(f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {constraint}")
    sql(f"DROP INDEX IF EXISTS {constraint}")


@pytest.fixture
def honest() -> Order:
    """A paid order, a pending one, a cancelled one that had been paid, and a running deal."""
    variant = cast.variant_of(cast.product(stock=50))
    mina, theo = cast.mina(), cast.theo()
    paid = placed(mina, variant, 2)
    hear(attempted(paid))
    placed(theo, variant, 3)
    gone = placed(theo, variant, 1)
    hear(attempted(gone))
    cancel(order=gone, by=theo)
    start_deal(
        variant=variant,
        channel="evening-edit",
        price=Money(999, "EUR"),
        units=10,
        per_buyer=2,
        seconds=600,
    )
    placed(mina, variant, 2, channel="evening-edit")
    OutboxRow.objects.all().delete()  # as the relay would have done
    paid.refresh_from_db()
    assert paid.status == Status.PAID
    return paid


def test_honest_work_keeps_them_all(honest: Order) -> None:
    assert OfferUse.objects.get().units == 2
    assert set(counts().values()) == {0}
    assert [each.name for each in INVARIANTS] == [
        f"I{number}" for number in (1, 2, 3, 4, 5, 7, 9, 10, 11)
    ]


def shelf_typed_over(order: Order) -> None:
    Stock.objects.update(on_hand=999)


def opening_changed(order: Order) -> None:
    Stock.objects.update(opening=49)


def reserved_typed_over(order: Order) -> None:
    Stock.objects.update(reserved=1)


def hold_lost(order: Order) -> None:
    Hold.objects.filter(owner=Hold.Owner.ORDER).first().delete()  # type: ignore[union-attr]


def paid_without_payment(order: Order) -> None:
    order.payments.all().delete()


def paid_too_little(order: Order) -> None:
    order.payments.update(amount_minor=1)


def paid_in_another_currency(order: Order) -> None:
    order.payments.update(currency="USD")


def paid_twice(order: Order) -> None:
    without("payment", "payment_one_success_per_order")
    again = order.payments.get()
    again.pk, again.attempt = None, uuid.uuid4()
    again.save(force_insert=True)


def expired_but_kept_the_money(order: Order) -> None:
    Order.objects.filter(pk=order.pk).update(status=Status.EXPIRED)


def over_the_limit(order: Order) -> None:
    without("offer_use", "offer_use_within_limit")
    Offer.objects.update(per_buyer=1)


def limit_forgotten(order: Order) -> None:
    OfferUse.objects.update(units=1)


def deal_miscounted(order: Order) -> None:
    Offer.objects.update(sold=5)


def dead_order_holds(order: Order) -> None:
    Order.objects.filter(status=Status.PENDING).update(status=Status.CANCELLED)


def pending_without_hold(order: Order) -> None:
    Hold.objects.filter(owner=Hold.Owner.ORDER).delete()


def ended_deal_holds(order: Order) -> None:
    Offer.objects.update(state=Offer.State.ENDED)


def cart_line_lost(order: Order) -> None:
    Hold.objects.create(
        variant=Stock.objects.get().variant, owner=Hold.Owner.CART, owner_id=12345, quantity=1
    )


def fact_forgotten(order: Order) -> None:
    OutboxRow.objects.create(kind="shop.stock_changed")
    sql("UPDATE outbox SET created_at = clock_timestamp() - interval '6 seconds'")


def payment_forgotten(order: Order) -> None:
    OutboxRow.objects.create(kind="shop.orders_placed")
    sql("UPDATE outbox SET created_at = clock_timestamp() - interval '61 seconds'")


def total_does_not_add_up(order: Order) -> None:
    without("purchase", "order_total_adds_up")
    Order.objects.filter(pk=order.pk).update(shipping_minor=1)


def line_does_not_add_up(order: Order) -> None:
    without("purchase_line", "order_line_adds_up")
    order.lines.update(total_minor=1)


def line_lost(order: Order) -> None:
    order.lines.all().delete()


def sold_but_never_booked_out(order: Order) -> None:
    Order.objects.filter(status=Status.PENDING).update(status=Status.PAID)


def booked_out_but_never_sold(order: Order) -> None:
    Order.objects.filter(pk=order.pk).update(status=Status.CANCELLED)


def one_key_two_orders(order: Order) -> None:
    without("purchase", "order_one_effect_per_key")
    Order.objects.update(key=order.key, user=order.user)


def one_attempt_two_payments(order: Order) -> None:
    without("payment", "payment_one_success_per_order")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname FROM pg_constraint WHERE conrelid = 'payment'::regclass AND contype = 'u'"
        )
        for (name,) in cursor.fetchall():
            without("payment", name)
    Payment.objects.update(attempt=uuid.uuid4())


def one_event_twice(order: Order) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname FROM pg_constraint "
            "WHERE conrelid = 'webhook_receipt'::regclass AND contype = 'u'"
        )
        for (name,) in cursor.fetchall():
            without("webhook_receipt", name)
    sql("UPDATE webhook_receipt SET event_id = %s", event(order.payments.get())["id"])


def moved_twice(order: Order) -> None:
    order.moves.create(before=Status.PENDING, after=Status.PAID)


NOBODY = 987654321


def buyer_unknown(order: Order) -> None:
    Order.objects.filter(pk=order.pk).update(user=NOBODY)


def order_of_a_line_unknown(order: Order) -> None:
    order.lines.update(order=NOBODY)


def variant_of_a_line_unknown(order: Order) -> None:
    order.lines.update(variant=NOBODY)


def offer_of_a_line_unknown(order: Order) -> None:
    order.lines.update(offer=NOBODY)


def order_of_a_move_unknown(order: Order) -> None:
    order.moves.update(order=NOBODY)


def variant_of_a_hold_unknown(order: Order) -> None:
    Hold.objects.update(variant=NOBODY)


def offer_of_a_limit_unknown(order: Order) -> None:
    OfferUse.objects.update(offer=NOBODY)


def person_of_a_limit_unknown(order: Order) -> None:
    OfferUse.objects.update(user=NOBODY)


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        ("I1", shelf_typed_over),
        ("I1", opening_changed),
        ("I2", reserved_typed_over),
        ("I2", hold_lost),
        ("I3", paid_without_payment),
        ("I3", paid_too_little),
        ("I3", paid_in_another_currency),
        ("I3", paid_twice),
        ("I3", expired_but_kept_the_money),
        ("I4", over_the_limit),
        ("I4", limit_forgotten),
        ("I4", deal_miscounted),
        ("I5", dead_order_holds),
        ("I5", pending_without_hold),
        ("I5", ended_deal_holds),
        ("I5", cart_line_lost),
        ("I7", fact_forgotten),
        ("I7", payment_forgotten),
        ("I9", total_does_not_add_up),
        ("I9", line_does_not_add_up),
        ("I9", line_lost),
        ("I9", sold_but_never_booked_out),
        ("I9", booked_out_but_never_sold),
        ("I10", one_key_two_orders),
        ("I10", one_attempt_two_payments),
        ("I10", one_event_twice),
        ("I10", moved_twice),
        ("I11", buyer_unknown),
        ("I11", order_of_a_line_unknown),
        ("I11", variant_of_a_line_unknown),
        ("I11", offer_of_a_line_unknown),
        ("I11", order_of_a_move_unknown),
        ("I11", variant_of_a_hold_unknown),
        ("I11", offer_of_a_limit_unknown),
        ("I11", person_of_a_limit_unknown),
    ],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_damage_is_seen(honest: Order, name: str, damage: Callable[[Order], None]) -> None:
    damage(honest)
    assert counts()[name] > 0


def test_the_command_prints_all_and_exits_with_1_when_one_is_broken(honest: Order) -> None:
    out = StringIO()
    call_command("check_invariants", stdout=out)
    assert out.getvalue().count(" ok ") >= 8
    shelf_typed_over(honest)
    out, err = StringIO(), StringIO()
    with pytest.raises(SystemExit) as end:
        call_command("check_invariants", stdout=out, stderr=err)
    assert end.value.code == 1
    assert "I1" in err.getvalue()
    assert "BROKEN" in out.getvalue()
