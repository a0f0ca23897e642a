"""Order -> attempt -> gateway -> signed webhook over real HTTP -> paid: every card, nothing faked."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from livestore.base.threads import crew
from shop.gateway.deliveries import deliver
from shop.models import Delivery, Order, Payment
from shop.orders.selectors import order_value
from shop.orders.services import cancel, expire_due_orders
from shop.orders.transitions import Status
from shop.payments import services
from tests import cast
from tests.shop.paying import (
    DECLINES,
    NOISY,
    SECURE,
    SLOW,
    TIMES_OUT,
    broken,
    let_time_pass,
    placed,
)

pytestmark = pytest.mark.django_db(transaction=True)
State = Payment.State


@pytest.fixture
def url(live_server: Any) -> Any:
    """A server that runs the whole site; its database threads end with the test."""
    yield live_server.url
    crew.stop()


def later(url: str) -> None:
    """All deadlines of gateway and attempts come now."""
    for _ in range(8):
        with connection.cursor() as cursor:
            cursor.execute("UPDATE gateway_delivery SET due_at = clock_timestamp()")
            cursor.execute(
                "UPDATE payment SET next_try_at = clock_timestamp() WHERE next_try_at IS NOT NULL"
            )
        services.retry_due()
        deliver(base_url=url)


def bought(card: str) -> Order:
    variant = cast.variant_of(cast.product(stock=10))
    order = placed(cast.buyer("mina", card=card), variant, 2)
    services.start_attempts([order.pk])
    return order


def end(order: Order) -> tuple[str, list[str]]:
    order.refresh_from_db()
    return order.status, [each.state for each in order.payments.order_by("id")]


@pytest.mark.parametrize("card", [cast.PAYS, SLOW, TIMES_OUT, NOISY])
def test_every_card_that_pays_pays_once(url: str, card: str) -> None:
    order = bought(card)
    deliver(base_url=url)
    later(url)
    assert end(order) == (Status.PAID, [State.SUCCEEDED])
    assert order.moves.filter(after=Status.PAID).count() == 1
    assert not Delivery.objects.filter(delivered_at=None).exists()
    assert not broken()


def test_a_declined_buyer_is_told_and_pays_with_3d_secure_instead(url: str) -> None:
    order = bought(DECLINES)
    deliver(base_url=url)
    assert end(order) == (Status.PENDING, [State.DECLINED])
    services.change_card(order=order, user=order.user, card_number=SECURE)
    deliver(base_url=url)
    assert end(order) == (Status.PENDING, [State.DECLINED, State.ACTION])
    assert order_value(order)["action"] == "confirm"
    services.confirm_action(order=order, user=order.user)
    deliver(base_url=url)
    assert end(order) == (Status.PAID, [State.DECLINED, State.SUCCEEDED])
    assert not broken()


@pytest.mark.parametrize("card", [cast.PAYS, SLOW, TIMES_OUT, NOISY])
def test_a_charge_that_comes_after_the_order_expired_is_refunded(url: str, card: str) -> None:
    order = bought(card)
    let_time_pass(order)
    assert expire_due_orders() == 1
    later(url)
    assert end(order) == (Status.EXPIRED, [State.REFUNDED])
    assert not broken()


def test_a_paid_order_that_is_cancelled_gets_its_money_back(url: str) -> None:
    order = bought(cast.PAYS)
    deliver(base_url=url)
    order.refresh_from_db()
    cancel(order=order, by=order.user)
    assert order_value(order)["message"].endswith("Your money is on its way back.")
    later(url)
    assert end(order) == (Status.CANCELLED, [State.REFUNDED])
    assert not broken()
