"""What the world hears of many orders at once."""

from __future__ import annotations

import pytest

from shop.checkout.placement import place_many
from shop.models import Order
from tests import cast
from tests.shop.buying import SHOW, ask, facts

pytestmark = pytest.mark.django_db


def test_orders_of_one_batch_and_channel_are_one_fact_in_the_order_of_their_arrival():
    bonnet = cast.variant_of(cast.product(stock=20))
    buyers = [cast.buyer(name) for name in ("vera", "ada", "mina")]
    requests = [ask(each, (bonnet, 2, 1299), channel=SHOW) for each in buyers]
    place_many([*requests, ask(buyers[1], (bonnet, 1, 1299))])
    [stock], [alone], [many] = (
        facts("shop.stock_changed"),
        facts("shop.order_placed"),
        facts("shop.orders_placed"),
    )
    assert stock.data["left"] == 13
    assert stock.pk < min(alone.pk, many.pk)
    assert (alone.channel, alone.data["user"]) == ("", buyers[1].pk)
    assert many.channel == SHOW
    assert [each["user"] for each in many.data["orders"]] == [each.pk for each in buyers]
    for each in many.data["orders"]:
        order = Order.objects.get(public_id=each["order"])
        assert each == {
            "order": order.public_id,
            "id": order.pk,
            "user": order.user_id,
            "name": order.user.name,
            "simulated": False,
            "lines": [{"variant": bonnet.pk, "title": "Silk bonnet · Rosewood", "quantity": 2}],
            "total": {"minor": 2 * 1299 + 490, "currency": "EUR"},
        }
