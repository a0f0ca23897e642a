"""The order pages: list, timeline, another card, 3-D Secure, cancelling."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pytest

from accounts.models import Card, User
from accounts.people.cards import TEST_CARDS
from shop.models import Charge, Order, Payment
from shop.payments.services import start_attempts
from tests import cast
from tests.pages.shop import add, browser, checkout, only_order

pytestmark = pytest.mark.django_db(transaction=True)
DECLINES, SECURE = TEST_CARDS[1].number, TEST_CARDS[2].number


def bought(user: User, card: str = cast.PAYS) -> tuple[Any, Order]:
    """A browser that has just bought one thing, and the pending order."""
    client = browser(user)
    add(client, cast.variant_of(cast.product()))
    checkout(client, **{"card-number": card})
    return client, only_order()


def told(order: Order, state: str, reason: str = "") -> None:
    """What the gateway's webhook says about the newest attempt, as its row (the webhook has its own tests)."""
    payment = order.payments.latest("id")
    payment.state, payment.reason = state, reason
    payment.save()


def test_an_empty_list_says_what_will_be_here() -> None:
    assert "No orders yet" in browser(cast.mina()).get("/orders/").text


def test_an_order_waits_with_a_timeline_and_looks_again_by_itself() -> None:
    client, order = bought(cast.mina())
    page = client.get(f"/orders/{order.public_id}/").text
    assert "Almost yours" in page
    assert "Waiting for payment" in page
    assert "data-waiting" in page
    assert "js/order.js" in page
    rev = re.search(r'data-rev="(\d+)"', page)
    assert rev is not None
    assert client.get(f"/api/v1/orders/{order.public_id}").json()["rev"] == int(rev[1])
    part = client.get(f"/orders/{order.public_id}/", headers={"HX-Request": "true"}).text
    assert "<html" not in part
    assert "Almost yours" in part
    assert "Silk bonnet" in client.get("/orders/").text


def test_a_stranger_finds_no_order() -> None:
    _, order = bought(cast.mina())
    client = browser(cast.theo())
    for page in ("", "confirm/"):
        assert client.get(f"/orders/{order.public_id}/{page}").status_code == 404
    for act in ("cancel", "card", "confirm"):
        form = {"card-number": cast.PAYS}
        assert client.post(f"/orders/{order.public_id}/{act}/", form).status_code == 404
    assert only_order().status == "pending"


def test_after_a_decline_another_card_is_offered_and_becomes_the_saved_one() -> None:
    client, order = bought(cast.mina(), DECLINES)
    start_attempts([order.pk])
    told(order, Payment.State.DECLINED, "The card was declined.")
    page = client.get(f"/orders/{order.public_id}/").text
    assert "Card declined" in page
    assert "Pay with another card" in page
    assert f'value="{cast.PAYS}" checked' in page, "the card that was declined is not chosen again"
    form = {"key": str(uuid.uuid4()), "card-number": cast.PAYS}
    for _ in range(2):
        answer = client.post(f"/orders/{order.public_id}/card/", form)
        assert answer.headers["Location"] == f"/orders/{order.public_id}/"
    assert order.payments.count() == 2
    assert Card.objects.get().number == cast.PAYS


def test_three_d_secure_has_a_page_that_asks_once() -> None:
    client, order = bought(cast.mina(), SECURE)
    address = f"/orders/{order.public_id}/confirm/"
    assert client.get(address).status_code == 302
    start_attempts([order.pk])
    told(order, Payment.State.ACTION)
    assert "Confirm with your bank" in client.get(f"/orders/{order.public_id}/").text
    assert "Is this you paying?" in client.get(address).text
    assert client.post(address).headers["Location"] == f"/orders/{order.public_id}/"
    assert Charge.objects.get().state == "succeeded"


def test_an_order_can_be_cancelled_until_it_is_packed() -> None:
    client, order = bought(cast.mina())
    assert "Cancel this order" in client.get(f"/orders/{order.public_id}/").text
    client.post(f"/orders/{order.public_id}/cancel/")
    page = client.get(f"/orders/{order.public_id}/").text
    assert "Order cancelled" in page
    assert "Cancel this order" not in page
    assert only_order().status == "cancelled"


def test_a_packed_order_says_that_it_is_too_late() -> None:
    client, order = bought(cast.mina())
    Order.objects.update(status="packed", expires_at=None)
    assert "Cancel this order" not in client.get(f"/orders/{order.public_id}/").text
    client.post(f"/orders/{order.public_id}/cancel/")
    assert "can not be cancelled any more" in client.get(f"/orders/{order.public_id}/").text


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("paid", "It is yours"),
        ("packed", "Packed"),
        ("shipped", "On its way"),
        ("delivered", "Delivered"),
        ("expired", "Order expired"),
    ],
)
def test_every_state_of_an_order_has_its_page(status: str, words: str) -> None:
    client, order = bought(cast.mina())
    Order.objects.update(status=status, expires_at=None)
    page = client.get(f"/orders/{order.public_id}/").text
    assert words in page
    assert "data-waiting" not in page
    assert client.get("/orders/").status_code == 200
