"""What the thin door answers by itself: here Django is not at home."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import OperationalError
from django.test import override_settings

from accounts.tickets.services import create_api_token, issue_ticket
from livestore.base.errors import Busy
from shop.models import Order, Variant
from shop.orders.selectors import order_of, order_value
from tests import cast
from tests.shop.buying import SHOW
from tests.thin.inside import Answer, Inside, inside
from tests.thin.stage import SECRET, session_of

pytestmark = pytest.mark.django_db(transaction=True)


async def nobody(scope: Any, receive: Any, send: Any) -> None:
    """In Django's place: says what it was asked, with 299."""
    body = b""
    while True:
        message = await receive()
        body += message["body"]
        if not message.get("more_body"):
            break
    await send({"type": "http.response.start", "status": 299, "headers": []})
    await send({"type": "http.response.body", "body": body})


@pytest.fixture
def mina() -> Any:
    return cast.mina()


@pytest.fixture
def bonnet() -> Variant:
    return cast.variant_of(cast.product(stock=5))


@pytest.fixture
def alone() -> Iterator[Inside]:
    with inside(nobody) as client:
        yield client


def order(client: Inside, body: Any, **headers: str) -> Answer:
    key = {"idempotency-key": str(uuid.uuid4())}
    text = json.dumps(body)
    return client.generic("POST", "/api/v1/orders", text, "application/json", key | headers)


def of(variant: Variant, quantity: int = 1, seen: int = 1299) -> dict[str, Any]:
    return {"lines": [{"variant": variant.pk, "quantity": quantity, "seen_price": seen}]}


def test_orders_refusals_and_replays_need_no_django(
    alone: Inside, mina: Any, bonnet: Variant
) -> None:
    ticket = {"authorization": "Bearer ticket." + issue_ticket(user=mina, channel=SHOW)}
    csrf = {"cookie": f"sessionid={session_of(mina)}; csrftoken={SECRET}", "x-csrftoken": SECRET}
    token = {"authorization": f"Bearer {create_api_token(user=mina)}"}
    for shown in (ticket, csrf, token):
        placed = order(alone, of(bonnet), **shown)
        assert placed.status_code == 201
        assert placed.json() == order_value(order_of(mina, placed.json()["order"]))
    key = {"idempotency-key": "once"}
    first = order(alone, of(bonnet), **token, **key)
    assert order(alone, of(bonnet), **token, **key).json() == first.json()
    assert order(alone, of(bonnet, 5), **token).json()["error"]["code"] == "sold_out"
    assert Order.objects.count() == 4


def test_what_is_not_certain_goes_on_to_django_as_it_came(
    alone: Inside, mina: Any, bonnet: Variant
) -> None:
    ticket = {"authorization": "Bearer ticket." + issue_ticket(user=mina, channel=SHOW)}
    unclear: list[tuple[Any, dict[str, str]]] = [
        (of(bonnet), {}),
        (of(bonnet), {"authorization": "Bearer unknown"}),
        (of(bonnet), {"cookie": f"sessionid={session_of(mina)}"}),
        (of(bonnet), ticket | {"host": "evil.example"}),
        (of(bonnet, 0), ticket),
        ({"lines": []}, ticket),
        (of(bonnet) | {"channel": "another-show"}, ticket),
        (of(bonnet) | {"card": "x" * 70_000}, ticket),
    ]
    for body, headers in unclear:
        answer = order(alone, body, **headers)
        assert (answer.status_code, answer.json()) == (299, body)
    assert not Order.objects.exists()


def test_a_shop_that_is_too_busy_says_so_at_once(
    alone: Inside, mina: Any, bonnet: Variant, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def busy(request: Any) -> Any:
        return Busy(retry_after_ms=1500)

    monkeypatch.setattr("livestore.thin.orders.place_async", busy)
    answer = order(alone, of(bonnet), authorization=f"Bearer {create_api_token(user=mina)}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "busy")
    assert answer.headers["Retry-After"] == "2"


@pytest.mark.parametrize("trouble", [OperationalError("away"), ZeroDivisionError()])
def test_trouble_is_djangos_to_tell(
    alone: Inside,
    mina: Any,
    bonnet: Variant,
    trouble: Exception,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def broken(request: Any) -> Any:
        raise trouble

    monkeypatch.setattr("livestore.thin.orders.place_async", broken)
    answer = order(alone, of(bonnet), authorization=f"Bearer {create_api_token(user=mina)}")
    assert (answer.status_code, answer.json()) == (299, of(bonnet))


@pytest.mark.parametrize(
    "changed",
    [
        {"THIN_ORDERS": False},
        {"USE_X_FORWARDED_HOST": True},
        {"SESSION_SAVE_EVERY_REQUEST": True},
        {"PREPEND_WWW": True},
    ],
)
def test_settings_that_it_does_not_know_close_the_door(
    mina: Any, bonnet: Variant, changed: dict[str, Any]
) -> None:
    token = create_api_token(user=mina)
    with override_settings(**changed), inside(nobody) as client:
        assert order(client, of(bonnet), authorization=f"Bearer {token}").status_code == 299
