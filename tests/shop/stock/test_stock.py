"""The ledger: what is posted by hand, what holds and sales do to it."""

from __future__ import annotations

from contextlib import suppress

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from livestore.base.errors import Invalid, NotAllowed, Refusal
from shop.checkout.placement import place_many
from shop.models import Hold, Movement, Order, Stock, Variant
from shop.offers.services import release_orders, return_orders
from shop.stock.errors import NotEnoughStock
from shop.stock.ledger import consume_order_holds, lock_stock, release_holds, set_hold, write_stock
from shop.stock.selectors import left
from shop.stock.services import open_stock, post_movement
from shop.stock.shelf import conclude
from tests import cast
from tests.shop.buying import SHOW, ask, deal, facts, faults, placed

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _all_is_well_afterwards(db):
    yield
    assert faults() == []


@pytest.fixture
def ada():
    return cast.ada()


@pytest.fixture
def bonnet() -> Variant:
    return cast.variant_of(cast.product(stock=10))


def bought(buyer, variant, quantity=1, price=1299, channel="") -> Order:
    [outcome] = place_many([ask(buyer, (variant, quantity, price), channel=channel)])
    return Order.objects.get(pk=placed(outcome).order_id)


def paid(order: Order) -> None:
    with transaction.atomic():
        Order.objects.filter(pk=order.pk).update(status="paid")
        conclude(consume_order_holds([order.pk]))


def ended(order: Order, status: str) -> None:
    was = order.status
    with transaction.atomic():
        Order.objects.filter(pk=order.pk).update(status=status)
        conclude((release_orders if was == "pending" else return_orders)([order.pk]))


def test_a_movement_changes_the_shelf_and_is_announced(ada, bonnet):
    post_movement(variant=bonnet, kind="received", quantity=5, reason="delivery 7", by=ada)
    stock = Stock.objects.get(pk=bonnet.pk)
    assert (stock.opening, stock.on_hand, stock.left, stock.rev) == (10, 15, 15, 2)
    [fact] = facts("shop.stock_changed")
    assert (fact.data["left"], fact.data["rev"]) == (15, 2)
    [movement] = Movement.objects.all()
    assert (movement.quantity, movement.reason, movement.by) == (5, "delivery 7", ada)


@pytest.mark.parametrize(
    ("kind", "quantity", "reason", "field"),
    [
        ("received", 0, "why", "quantity"),
        ("received", -2, "why", "quantity"),
        ("correction", 10_000_000, "why", "quantity"),
        ("correction", 3, "  ", "reason"),
        ("correction", 3, "x" * 201, "reason"),
        ("sold", -1, "why", "kind"),
        ("returned", 1, "why", "kind"),
    ],
)
def test_a_movement_that_makes_no_sense_names_its_field(ada, bonnet, kind, quantity, reason, field):
    with pytest.raises(Invalid) as refusal:
        post_movement(variant=bonnet, kind=kind, quantity=quantity, reason=reason, by=ada)
    assert list(refusal.value.fields) == [field]


def test_only_an_admin_posts_movements(bonnet):
    with pytest.raises(NotAllowed):
        post_movement(variant=bonnet, kind="received", quantity=1, reason="why", by=cast.hana())


def test_units_that_somebody_holds_can_not_be_taken_away(ada, bonnet):
    bought(cast.mina(), bonnet, 8)
    with pytest.raises(NotEnoughStock) as refusal:
        post_movement(variant=bonnet, kind="correction", quantity=-3, reason="broken", by=ada)
    assert refusal.value.data == {"left": 2}
    post_movement(variant=bonnet, kind="correction", quantity=-2, reason="broken", by=ada)
    assert left([bonnet.pk, 999]) == {bonnet.pk: 0, 999: 0}


def test_opening_a_stock_twice_keeps_the_first(bonnet):
    assert open_stock(variant=bonnet, opening=77).opening == 10
    other = Variant.objects.create(product=bonnet.product, title="Blue", sku="B", price_minor=1)
    assert open_stock(variant=other, opening=3).left == 3
    with pytest.raises(Invalid):
        open_stock(variant=other, opening=-1)


def test_postgresql_refuses_more_reserved_than_there_is(bonnet):
    with pytest.raises(IntegrityError), transaction.atomic():
        Stock.objects.update(reserved=11)


def test_a_paid_order_leaves_the_shelf_once(bonnet):
    order = bought(cast.mina(), bonnet, 3)
    paid(order)
    stock = Stock.objects.get(pk=bonnet.pk)
    assert (stock.on_hand, stock.reserved) == (7, 0)
    [movement] = Movement.objects.all()
    assert (movement.kind, movement.quantity, movement.order) == ("sold", -3, order)
    with transaction.atomic():
        assert not consume_order_holds([order.pk]).variants


def test_an_expired_order_gives_its_units_back(bonnet):
    order = bought(cast.mina(), bonnet, 3)
    ended(order, "expired")
    assert left([bonnet.pk]) == {bonnet.pk: 10}
    assert not Movement.objects.exists()
    with transaction.atomic():
        assert not release_orders([order.pk]).variants


def test_a_cancelled_paid_order_comes_back_to_the_shelf_once(bonnet):
    order = bought(cast.mina(), bonnet, 3)
    paid(order)
    order.refresh_from_db()
    ended(order, "cancelled")
    assert left([bonnet.pk]) == {bonnet.pk: 10}
    assert [m.quantity for m in Movement.objects.order_by("id")] == [-3, 3]
    with transaction.atomic():
        conclude(return_orders([order.pk]))
    assert left([bonnet.pk]) == {bonnet.pk: 10}


def test_units_go_back_to_a_deal_that_still_runs(bonnet):
    mina = cast.mina()
    offer = deal(bonnet, units=4, per_buyer=2)
    order = bought(mina, bonnet, 2, 900, SHOW)
    ended(order, "expired")
    offer.refresh_from_db()
    assert offer.sold == 0
    assert Hold.objects.get(owner="deal").quantity == 4
    assert left([bonnet.pk]) == {bonnet.pk: 6}
    bought(mina, bonnet, 2, 900, SHOW)  # the limit was given back too


def test_units_of_a_deal_that_has_ended_go_to_the_shelf(bonnet):
    offer = deal(bonnet, units=2, per_buyer=2)
    order = bought(cast.mina(), bonnet, 2, 900, SHOW)  # the last ones: the deal is over
    ended(order, "cancelled")
    offer.refresh_from_db()
    assert (offer.state, offer.sold) == ("ended", 0)
    assert left([bonnet.pk]) == {bonnet.pk: 10}


def test_paid_units_of_a_running_deal_go_back_to_the_deal(bonnet):
    deal(bonnet, units=4)
    order = bought(cast.mina(), bonnet, 1, 900, SHOW)
    paid(order)
    order.refresh_from_db()
    ended(order, "cancelled")
    assert Hold.objects.get(owner="deal").quantity == 4
    assert left([bonnet.pk]) == {bonnet.pk: 6}


def test_several_orders_of_one_buyer_are_given_back_together(bonnet):
    mina = cast.mina()
    deal(bonnet, units=6, per_buyer=3)
    orders = [bought(mina, bonnet, 1, 900, SHOW) for _ in range(3)]
    with transaction.atomic():
        Order.objects.filter(pk__in=[order.pk for order in orders[:2]]).update(status="expired")
        conclude(release_orders([order.pk for order in orders[:2]]))
    assert Hold.objects.get(owner="deal").quantity == 5


class AnyHistory(TestCase):
    """Whatever is done to one variant, the ledger adds up and the holds are what is reserved."""

    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(
        st.lists(
            st.tuples(
                st.sampled_from(
                    ["hold", "post", "buy", "pay", "expire", "cancel", "release", "deal"]
                ),
                st.integers(1, 4),
                st.integers(0, 5),
            ),
            max_size=25,
        )
    )
    def test_any_history_of_one_variant_adds_up(self, acts):
        mina, ada = cast.mina(), cast.ada()
        variant = cast.variant_of(cast.product(stock=6))
        for act, quantity, which in acts:
            with suppress(Refusal, AssertionError):  # refused: nothing may have happened
                self.do(act, quantity, which, mina, ada, variant)
            assert faults() == []

    def do(self, act, quantity, which, mina, ada, variant):
        pending = list(Order.objects.filter(status="pending"))
        sold = list(Order.objects.filter(status="paid"))
        with transaction.atomic():
            if act == "hold":
                stock = lock_stock([variant.pk])[variant.pk]
                set_hold(stock, owner="cart", owner_id=which, quantity=quantity)
                write_stock([stock])
            elif act == "release":
                release_holds(owner="cart", owner_ids=[which])
            elif act == "post":
                sign = 1 if which % 2 else -1
                post_movement(
                    variant=variant, kind="correction", quantity=sign * quantity, reason="x", by=ada
                )
            elif act == "buy":
                bought(mina, variant, quantity, None, SHOW)
            elif act == "deal":
                deal(variant, units=quantity, per_buyer=2)
            elif act == "pay" and pending:
                paid(pending[which % len(pending)])
            elif act == "expire" and pending:
                ended(pending[which % len(pending)], "expired")
            elif act == "cancel" and sold:
                ended(sold[which % len(sold)], "cancelled")
