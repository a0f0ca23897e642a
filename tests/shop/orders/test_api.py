"""Orders over HTTP: mine only, and every act is the service's."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from accounts.tickets.services import issue_ticket
from livestore.base.threads import crew
from shop.models import Order, Payment
from shop.orders.transitions import Status
from streams.room.protocol.values import OrderValue
from tests import cast
from tests.shop.paying import DECLINES, attempted, event, hear, placed, signed

pytestmark = pytest.mark.django_db


@pytest.fixture
def order() -> Order:
    return placed(cast.mina(), cast.variant_of(cast.product(stock=10)), 2)


@pytest.fixture
def mina(order: Order) -> Client:
    client = Client()
    client.force_login(order.user)
    return client


def post(client: Client, order: Order, act: str, body: Any = None, key: Any = None) -> Any:
    headers = {"Idempotency-Key": str(key or uuid.uuid4())} if key != "" else {}
    return client.post(
        f"/api/v1/orders/{order.public_id}/{act}",
        body,
        content_type="application/json",
        headers=headers,
    )


def test_a_buyer_sees_her_orders_and_nobody_elses(order: Order, mina: Client) -> None:
    listed = mina.get("/api/v1/orders").json()
    assert listed["count"] == 1
    OrderValue(**listed["items"][0])
    one = mina.get(f"/api/v1/orders/{order.public_id}").json()
    assert one == listed["items"][0]
    assert one["total"] == {"minor": 2 * 1299 + order.shipping_minor, "currency": "EUR"}
    theo = Client()
    theo.force_login(cast.theo())
    assert theo.get("/api/v1/orders").json() == {"items": [], "count": 0}
    for answer in (
        theo.get(f"/api/v1/orders/{order.public_id}"),
        post(theo, order, "cancel"),
        post(theo, order, "confirm"),
        post(theo, order, "card", {"card": cast.PAYS}),
    ):
        assert answer.status_code == 404
        assert answer.json()["error"]["code"] == "not_found"


def test_a_guest_is_asked_to_log_in(order: Order) -> None:
    assert Client().get("/api/v1/orders").status_code == 401
    assert post(Client(), order, "cancel").status_code == 401


def test_a_ticket_opens_the_orders_of_its_show_only(order: Order) -> None:
    user = order.user
    there = placed(user, cast.variant_of(cast.product("cable")), channel="evening-edit")
    ticket = issue_ticket(user=user, channel="evening-edit")
    client = Client(headers={"Authorization": f"Bearer ticket.{ticket}"})
    assert [each["order"] for each in client.get("/api/v1/orders").json()["items"]] == [
        there.public_id
    ]
    assert client.get(f"/api/v1/orders/{order.public_id}").status_code == 404
    assert client.get(f"/api/v1/orders/{there.public_id}").status_code == 200


def test_cancel_needs_a_key_and_changes_the_order_once(order: Order, mina: Client) -> None:
    refused = post(mina, order, "cancel", key="")
    assert refused.status_code == 422
    assert "Idempotency-Key" in str(refused.json()["error"]["fields"])
    for _ in range(2):
        answer = post(mina, order, "cancel")
        assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")
    order.refresh_from_db()
    assert order.rev == 2


def test_a_declined_card_is_replaced_over_the_api(order: Order, mina: Client) -> None:
    hear(attempted(order), "declined")
    bad = post(mina, order, "card", {"card": "4111 1111 1111 1111"})
    assert (bad.status_code, list(bad.json()["error"]["fields"])) == (422, ["card"])
    key = uuid.uuid4()
    answer = post(mina, order, "card", {"card": "4242 4242 4242 4242"}, key)
    assert (answer.status_code, answer.json()["payment"]) == (200, "started")
    assert post(mina, order, "card", {"card": "4242424242424242"}, key).status_code == 200
    reused = post(mina, order, "card", {"card": DECLINES}, key)
    assert (reused.status_code, reused.json()["error"]["code"]) == (409, "key_reused")
    assert order.payments.count() == 2


def test_3d_secure_is_confirmed_over_the_api(order: Order, mina: Client) -> None:
    nothing = post(mina, order, "confirm")
    assert (nothing.status_code, nothing.json()["error"]["code"]) == (409, "nothing_to_confirm")
    payment = attempted(order)
    hear(payment, "requires_action")
    shown = mina.get(f"/api/v1/orders/{order.public_id}").json()
    assert (shown["payment"], shown["action"]) == ("requires_action", "confirm")


def webhook(**letter: Any) -> Any:
    return Client(enforce_csrf_checks=True).post(
        "/api/v1/payments/webhook",
        letter["raw"],
        content_type="application/json",
        headers={"Livestore-Signature": letter["signature"]},
    )


@pytest.fixture
def database_threads() -> Iterator[None]:
    """The door works on threads of its own; their connections end with the test."""
    yield
    crew.stop()


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("database_threads")
def test_the_webhook_door_takes_the_gateway_without_session_or_csrf() -> None:
    order = placed(cast.mina(), cast.variant_of(cast.product(stock=10)))
    payment = attempted(order)
    letter = signed(event(payment))
    forged = webhook(raw=letter["raw"] + b" ", signature=letter["signature"])
    assert (forged.status_code, forged.json()["error"]["code"]) == (400, "bad_webhook")
    assert webhook(**signed(event(payment), age=600)).status_code == 400
    assert webhook(raw=b"x" * 20_000, signature="").status_code == 400
    assert [webhook(**letter).json() for _ in range(2)] == [{"new": True}, {"new": False}]
    assert webhook(**signed(event(payment, "disputed"))).status_code == 200
    order.refresh_from_db()
    payment.refresh_from_db()
    assert (order.status, payment.state) == (Status.PAID, Payment.State.SUCCEEDED)
