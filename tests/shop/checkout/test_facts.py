"""What the world hears of many orders at once."""

from __future__ import annotations

import psycopg
import pytest
from django.db import connection

from livestore.base.outbox import WAKE_CHANNEL
from shop.checkout.placement import place_many
from shop.models import Order
from tests import cast
from tests.shop.buying import SHOW, ask, deal, facts

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


@pytest.mark.django_db(transaction=True)
def test_the_last_unit_of_a_deal_wakes_who_tells_that_it_is_over():
    """The call names the kinds: a relay that lets stock wait gets up for the end of a deal."""
    bonnet = cast.variant_of(cast.product(stock=20))
    deal(bonnet, units=1)
    with psycopg.connect(connection.connection.info.dsn, autocommit=True) as listener:
        listener.execute(f"LISTEN {WAKE_CHANNEL}")
        place_many([ask(cast.mina(), (bonnet, 1, 900), channel=SHOW)])
        [call] = listener.notifies(timeout=5, stop_after=1)
    assert {"shop.offer_ended", "shop.stock_changed", "shop.order_placed"} == set(
        call.payload.split(",")
    )
