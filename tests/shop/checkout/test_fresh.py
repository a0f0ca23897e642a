"""What a buyer is told without reading the database is what the database says."""

from __future__ import annotations

import uuid

import pytest

from livestore.base.money import Money
from shop.checkout.placement import place_many
from shop.models import Order
from shop.offers.services import start_show_price
from tests import cast
from tests.shop.buying import SHOW, ask, deal, placed

pytestmark = pytest.mark.django_db


@pytest.fixture
def mina():
    return cast.mina()


@pytest.fixture
def bonnet():
    return cast.variant_of(cast.product(stock=20))


def test_a_fresh_order_is_what_was_written(mina, bonnet):
    comb = cast.variant_of(cast.product("comb", price=500, stock=5))
    start_show_price(variant=comb, channel=SHOW, price=Money(450, "EUR"))
    deal(bonnet, units=5, per_buyer=4)
    [outcome] = place_many([ask(mina, (comb, 2, 450), (bonnet, 3, 900), channel=SHOW)])
    fresh = placed(outcome).order
    assert fresh is not None
    order = Order.objects.get()
    assert (fresh.id, fresh.public_id, fresh.key, fresh.channel) == (
        order.pk,
        order.public_id,
        order.key,
        order.channel,
    )
    assert (fresh.placed_at, fresh.expires_at) == (order.placed_at, order.expires_at)
    assert (fresh.items.minor, fresh.shipping.minor, fresh.total) == (
        order.items_minor,
        order.shipping_minor,
        order.total,
    )
    assert [
        (each.variant, each.title, each.sku, each.quantity, each.unit.minor, each.total.minor)
        for each in fresh.lines
    ] == list(
        order.lines.order_by("id").values_list(
            "variant_id", "title", "sku", "quantity", "unit_minor", "total_minor"
        )
    )


def test_an_order_that_stood_before_has_to_be_read(mina, bonnet):
    request = ask(mina, (bonnet, 1, 1299), key=uuid.uuid4())
    first, twin = (placed(each) for each in place_many([request, request]))
    assert twin.replay is True
    assert twin.order is first.order is not None
    assert placed(place_many([request])[0]).order is None
