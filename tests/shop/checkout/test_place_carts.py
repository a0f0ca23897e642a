"""Carts at the checkout: whose units are used, what stays in the cart."""

from __future__ import annotations

import uuid

import pytest

from livestore.base.money import Money
from shop.carts import services as carts
from shop.carts.selectors import cart_value
from shop.checkout.placement import place_many
from shop.models import CartLine, Hold, Order, Stock, Variant
from shop.offers.services import start_show_price
from tests import cast
from tests.shop.buying import SHOW, ask, codes, deal, facts, faults, past, placed

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _all_is_well_afterwards(db):
    yield
    assert faults() == []


@pytest.fixture
def mina():
    return cast.mina()


@pytest.fixture
def theo():
    return cast.theo()


@pytest.fixture
def bonnet() -> Variant:
    return cast.variant_of(cast.product(stock=5))


def test_buying_a_cart_moves_its_units_and_empties_it(mina, theo, bonnet):
    carts.add(user=mina, variant=bonnet.pk, quantity=5, channel=SHOW, key=uuid.uuid4())
    start_show_price(variant=bonnet, channel=SHOW, price=Money(1000, "EUR"))
    refused, done = place_many(
        [
            ask(theo, (bonnet, 1, 1299)),
            ask(mina, (bonnet, 5, 1000), from_cart=True),  # priced where it was picked
        ]
    )
    assert refused.code == "sold_out"
    order = Order.objects.get(pk=placed(done).order_id)
    assert order.channel == SHOW
    assert [(hold.owner, hold.quantity) for hold in Hold.objects.all()] == [("order", 5)]
    assert cart_value(mina)["lines"] == []
    assert facts("shop.cart_updated")[-1].person == mina.pk


def test_a_cart_bought_at_a_deal_gives_its_kept_units_back(mina, bonnet):
    carts.add(user=mina, variant=bonnet.pk, quantity=2, channel=SHOW, key=uuid.uuid4())
    deal(bonnet, units=3)
    placed(place_many([ask(mina, (bonnet, 2, 900), from_cart=True)])[0])
    assert Stock.objects.get(pk=bonnet.pk).left == 2
    assert not CartLine.objects.exists()


def test_buying_fewer_than_the_cart_holds_leaves_the_rest_in_it(mina, bonnet):
    carts.add(user=mina, variant=bonnet.pk, quantity=3, key=uuid.uuid4())
    placed(place_many([ask(mina, (bonnet, 2, 1299), from_cart=True)])[0])
    [line] = cart_value(mina)["lines"]
    assert line["quantity"] == 1
    assert line["held_until"] is not None


def test_buying_now_leaves_the_cart_alone_while_the_shelf_has_enough(mina, bonnet):
    carts.add(user=mina, variant=bonnet.pk, quantity=2, key=uuid.uuid4())
    placed(place_many([ask(mina, (bonnet, 3, 1299))])[0])
    assert cart_value(mina)["lines"][0]["quantity"] == 2
    placed(
        place_many([ask(mina, (bonnet, 1, 1299))])[0]
    )  # the shelf is empty: one comes out of the cart
    assert cart_value(mina)["lines"][0]["quantity"] == 1
    assert Stock.objects.get(pk=bonnet.pk).left == 0


def test_a_cart_hold_that_is_over_is_free_for_whoever_comes_first(mina, theo, bonnet):
    carts.add(user=mina, variant=bonnet.pk, quantity=5, key=uuid.uuid4())
    Hold.objects.update(expires_at=past())
    outcomes = place_many(
        [ask(theo, (bonnet, 5, 1299)), ask(mina, (bonnet, 5, 1299), from_cart=True)]
    )
    assert codes(outcomes) == ["placed", "sold_out"]
    assert cart_value(mina)["lines"][0]["held_until"] is None
