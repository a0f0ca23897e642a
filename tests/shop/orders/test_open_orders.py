"""What goes on for many buyers, read together: each is what it is alone."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from livestore.base.clock import database_now
from shop.models import Order
from shop.orders.selectors import RECENT, open_order_values, open_orders, order_value
from tests import cast
from tests.shop.paying import attempted, placed

pytestmark = pytest.mark.django_db


def moved(order: Order, status: str, ago: dt.timedelta | None = None) -> Order:
    """The order as if it had come this far; only what `open_orders` looks at."""
    paid_at = None if ago is None else database_now() - ago
    Order.objects.filter(pk=order.pk).update(status=status, paid_at=paid_at)
    return order


@pytest.fixture
def people() -> list[User]:
    """Nothing; two pending, one of them being paid; paid just now and long ago; expired and shipped."""
    bonnet = cast.variant_of(cast.product(stock=40))
    nobody, mina = cast.person("nobody"), cast.mina()
    theo, ria = cast.theo(), cast.buyer("ria")
    placed(mina, bonnet, 2)
    attempted(placed(mina, bonnet))
    moved(placed(theo, bonnet), "paid", RECENT - dt.timedelta(minutes=1))
    moved(placed(theo, bonnet), "paid", RECENT + dt.timedelta(minutes=1))
    moved(placed(ria, bonnet), "expired")
    moved(placed(ria, bonnet), "shipped", dt.timedelta(minutes=1))
    return [nobody, mina, theo, ria]


def test_open_orders_of_many_are_each_what_they_are_alone(people: list[User]) -> None:
    together = open_order_values([user.pk for user in people])
    for user in people:
        alone = [order_value(order) for order in open_orders(user)]
        assert together.get(user.pk, []) == alone
    _, mina, theo, _ = people
    assert {user: len(orders) for user, orders in together.items()} == {mina.pk: 2, theo.pk: 1}
    assert [order["payment"] for order in together[mina.pk]] == ["started", "none"]


def test_who_has_nothing_open_costs_one_query(people: list[User]) -> None:
    nobody, mina, theo, ria = (user.pk for user in people)
    for users, most in (([nobody, ria], 1), ([mina], 4), ([nobody, mina, theo, ria], 4)):
        with CaptureQueriesContext(connection) as counted:
            open_order_values(users)
        assert len(counted) == most
