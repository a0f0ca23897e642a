"""Who hears of orders: the room, the buyers and the worker who lets them pay."""

from __future__ import annotations

import uuid

import pytest
from django.db import transaction

from livestore.batch import FEW_ORDERS, MERGED, OF_THE_SHOW
from livestore.wiring import PAY, RULES, translate
from shop.checkout.placement import place_many
from shop.checkout.requests import LineRequest, PlaceRequest
from shop.facts import PERSONAL
from shop.models import Order
from shop.orders.selectors import order_value
from shop.orders.services import cancel
from shop.orders.transitions import MOVER
from shop.orders.values import order_values
from streams.models import Show
from streams.room.announcements import Job, ToPerson, ToRoom
from streams.room.protocol.events import OrderUpdated
from tests import cast
from tests.shop.paying import attempted, hear
from tests.streams.relaying import pending, room_events, shows, told, types

pytestmark = pytest.mark.django_db


def bought(channel: str = "show-0", count: int = 1) -> None:
    mina = cast.mina()
    variant = Show.objects.earliest("id").items.get().product.variants.get(position=0)
    for _ in range(count):
        line = LineRequest(variant.pk, 1)
        [outcome] = place_many([PlaceRequest(mina.pk, uuid.uuid4(), (line,), channel=channel)])
        assert not isinstance(outcome, Exception)


def test_an_order_tells_the_room_the_buyer_and_the_payment_worker() -> None:
    shows(2)
    bought(count=2)
    said = told()
    placed = [e for e in room_events(said, "show-0") if e.event.type == "order.placed"]
    assert len(placed) == 2
    assert placed[0].event.model_dump() == {
        "name": "Mina",
        "simulated": False,
        "lines": [
            {
                "variant": placed[0].event.lines[0].variant,
                "title": "Bonnet · Rosewood",
                "quantity": 1,
            }
        ],
    }
    assert "order.placed" not in types(said, "show-1")
    jobs = [each for each in said if isinstance(each, Job)]
    assert jobs == [Job(PAY, (list(Order.objects.order_by("id").values_list("id", flat=True)),))]
    private = [e for e in said if isinstance(e, ToPerson) and e.event.type == "order.updated"]
    values = [OrderUpdated.model_validate(e.event.data).order for e in private]
    assert len({value.order for value in values}) == 2
    assert {e.user for e in private} == {Order.objects.earliest("id").user_id}


def test_an_order_outside_of_any_show_tells_no_room_but_is_paid() -> None:
    shows(1)
    bought(channel="")
    said = told()
    assert "order.placed" not in types(said, "show-0")
    assert [each.task_name for each in said if isinstance(each, Job)] == [PAY]


def bought_together(count: int, channel: str = "show-0") -> list[Order]:
    """So many orders of one transaction, by as many people."""
    variant = Show.objects.earliest("id").items.get().product.variants.get(position=0)
    line = LineRequest(variant.pk, 1)
    people = [cast.buyer(f"buyer{number}") for number in range(count)]
    place_many([PlaceRequest(each.pk, uuid.uuid4(), (line,), channel=channel) for each in people])
    return list(Order.objects.order_by("id"))


def test_a_few_orders_of_one_transaction_are_told_one_by_one() -> None:
    shows(1)
    bought_together(FEW_ORDERS)
    assert types(told(), "show-0").count("order.placed") == FEW_ORDERS


def test_many_orders_are_one_event_for_the_room_and_one_for_each_buyer() -> None:
    shows(2)
    orders = bought_together(FEW_ORDERS + 1)
    bought(count=2)
    facts = pending()
    rows = [fact.id for fact in facts if "placed" in fact.kind]
    assert len(rows) == 3, "one row for the six, one for each of the two"
    said = told()
    [event] = [e for e in room_events(said, "show-0") if "placed" in e.event.type]
    assert (event.event.type, event.outbox_id, event.rev) == ("orders.placed", tuple(rows), None)
    value = event.event.model_dump()
    assert (value["orders"], value["units"], value["simulated"]) == (8, 8, 0)
    assert value["lines"] == [{"variant": orders[0].lines.get().variant_id, "quantity": 8}]
    assert value["names"] == ["Mina", "Buyer5", "Buyer4"], "the newest first, nobody twice"
    assert "orders.placed" not in types(said, "show-1")
    private = [each for each in said if isinstance(each, ToPerson)]
    ids = list(Order.objects.order_by("id").values_list("id", flat=True))
    assert [each.user for each in private][:6] == [order.user_id for order in orders]
    assert len(private) == 8
    assert [each for each in said if isinstance(each, Job)] == [Job(PAY, (ids,))]


def test_orders_in_different_rooms_are_counted_in_their_own() -> None:
    shows(2)
    bought_together(FEW_ORDERS + 1)
    bought(channel="show-1")
    said = told()
    assert types(said, "show-0").count("orders.placed") == 1
    assert types(said, "show-1").count("order.placed") == 1


def test_many_changed_orders_are_one_fact_and_each_buyer_hears_of_the_own() -> None:
    shows(1)
    orders = bought_together(7)
    told()
    with transaction.atomic():
        MOVER.move([each.pk for each in orders], to="paid", reason="paid").conclude()
    assert [fact.kind for fact in pending()] == ["shop.stock_changed", "shop.orders_updated"]
    private = [each for each in told() if isinstance(each, ToPerson)]
    values = [OrderUpdated.model_validate(each.event.data).order for each in private]
    assert {(value.order, value.status, value.rev) for value in values} == {
        (order.public_id, "paid", 2) for order in orders
    }
    assert {each.user for each in private} == {order.user_id for order in orders}


def test_orders_read_without_models_are_told_as_their_models_tell_them() -> None:
    shows(1)
    [first, second, third, *_] = bought_together(6)
    attempts = {each.pk: attempted(each) for each in (first, second)}
    hear(attempts[first.pk])
    hear(attempts[second.pk], "declined")
    cancel(order=third, by=third.user)
    orders = list(Order.objects.prefetch_related("lines", "payments"))
    values = order_values([*(each.public_id for each in orders), "ord_nobody"])
    assert values == {each.public_id: order_value(each) for each in orders}
    assert {value["payment"] for value in values.values()} == {"succeeded", "declined", "none"}


def test_nothing_that_is_told_from_items_or_stock_travels_with_the_orders() -> None:
    """Lanes overtake each other (ADR 0012): such an event would say something older than what was said before."""
    for kind in set(PERSONAL) - set(MERGED) - {"shop.cart_updated"}:
        assert kind in RULES
    shows(1)
    bought(count=2)
    bought_together(6)
    facts = [fact for fact in pending() if fact.kind in PERSONAL]
    kinds = {e.event.type for e in translate(facts) if isinstance(e, ToRoom)}
    assert kinds == {"orders.placed"}
    assert set(OF_THE_SHOW).isdisjoint(PERSONAL)
