"""Cart and orders over HTTP, as a program with a token or the bearer of a ticket sees them.

Through both doors: Django's own, and the one that takes plain orders ahead of it (livestore.thin).
"""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from django.test import Client

from accounts.tickets.services import create_api_token, issue_ticket
from livestore.base.money import Money
from shop.models import CartLine, Order, Product, Variant
from shop.offers.services import start_show_price
from streams.room.protocol.values import CartValue, OrderValue
from tests import cast
from tests.shop.buying import SHOW, deal, faults
from tests.thin.inside import inside

pytestmark = pytest.mark.django_db(transaction=True)


class Program:
    """Somebody's program: `post("/orders", {...})`, each POST with a key of its own unless one is given."""

    door: Any = None
    """The client of the door that the test goes through; None is Django's own."""

    def __init__(self, credentials: str | None) -> None:
        self.client = self.door or Client()
        self.headers = {"Authorization": f"Bearer {credentials}"} if credentials else {}

    def send(self, method: str, path: str, body=None, key="new"):
        headers = dict(self.headers)
        if method == "POST" and key is not None:
            headers["Idempotency-Key"] = str(uuid.uuid4()) if key == "new" else str(key)
        return self.client.generic(
            method,
            f"/api/v1{path}",
            json.dumps(body) if body is not None else "",
            content_type="application/json",
            headers=headers,
        )

    def post(self, path: str, body=None, key="new"):
        return self.send("POST", path, body, key)


@pytest.fixture(autouse=True, params=["django", "thin"])
def _door(request, monkeypatch, db):
    with inside() as thin:
        monkeypatch.setattr(Program, "door", thin if request.param == "thin" else None)
        yield


@pytest.fixture(autouse=True)
def _all_is_well_afterwards(db):
    yield
    assert faults() == []


@pytest.fixture
def mina(db):
    return cast.mina()


@pytest.fixture
def program(mina) -> Program:
    return Program(create_api_token(user=mina, label="tests"))


@pytest.fixture
def bonnet() -> Variant:
    return cast.variant_of(cast.product(stock=5))


def order_of(variant: Variant, quantity: int = 1, seen: int = 1299, **more) -> dict:
    line = {"variant": variant.pk, "quantity": quantity, "seen_price": seen}
    return {"lines": [line], **more}


def error(answer, status: int) -> dict:
    assert answer.status_code == status, answer.content
    return answer.json()["error"]


def test_an_order_is_answered_with_201_and_the_whole_order(program, bonnet):
    key = uuid.uuid4()
    answer = program.post("/orders", order_of(bonnet, 2), key)
    assert answer.status_code == 201, answer.content
    value = OrderValue.model_validate(answer.json())
    assert (value.status, value.key, value.total.minor) == ("pending", str(key), 2 * 1299 + 490)
    again = program.post("/orders", order_of(bonnet, 2), key)
    assert (again.status_code, again.json()["order"]) == (201, value.order)
    assert error(program.post("/orders", order_of(bonnet, 1), key), 409)["code"] == "key_reused"
    assert Order.objects.count() == 1


def test_refusals_have_their_code_status_and_facts(program, bonnet):
    changed = error(program.post("/orders", order_of(bonnet, seen=1)), 409)
    assert changed["code"] == "price_changed"
    assert changed["data"]["lines"] == [{"variant": bonnet.pk, "price": 1299, "currency": "EUR"}]
    sold_out = error(program.post("/orders", order_of(bonnet, 6)), 409)
    assert (sold_out["code"], sold_out["data"]["lines"][0]["left"]) == ("sold_out", 5)
    deal(bonnet, units=3, per_buyer=1)
    over = error(program.post("/orders", order_of(bonnet, 2, 900, channel=SHOW)), 409)
    assert (over["code"], over["data"]["per_buyer"], over["data"]["have"]) == ("over_limit", 1, 0)
    Product.objects.update(status="archived")
    assert error(program.post("/orders", order_of(bonnet)), 409)["code"] == "not_for_sale"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"lines": []}, "lines"),
        ({"lines": [{"variant": 1, "quantity": 1}]}, "seen_price"),
        ({"lines": [{"variant": 1, "quantity": 0, "seen_price": 1}]}, "quantity"),
        ({"lines": [{"variant": 1, "quantity": "2", "seen_price": 1}]}, "quantity"),
        ({"lines": [{"variant": 1, "quantity": 1.5, "seen_price": 1}]}, "quantity"),
        ({"lines": [{"variant": 1, "quantity": 1e9, "seen_price": 1}]}, "quantity"),
        ({"lines": [{"variant": 1, "quantity": 1, "seen_price": 1, "price": 1}]}, "price"),
        ({"total": 1}, "total"),
        ({"discount": 100}, "discount"),
        ({"card": "5555555555554444"}, "card"),
        ({"address": {"full_name": "x"}}, "address"),
    ],
)
def test_what_can_not_be_read_is_422_with_the_field(program, bonnet, change, field):
    answer = error(program.post("/orders", order_of(bonnet) | change), 422)
    assert answer["code"] == "invalid"
    assert any(field in name for name in answer["fields"]), answer
    assert Order.objects.count() == 0


def test_an_order_without_a_key_is_refused(program, bonnet):
    answer = error(program.post("/orders", order_of(bonnet), key=None), 422)
    assert any("dempotency" in name for name in answer["fields"]), answer
    for unusable in ("", "k" * 256):
        error(program.post("/orders", order_of(bonnet), key=unusable), 422)


def test_a_key_that_is_no_uuid_is_one_key_all_the_same(program, bonnet):
    first = program.post("/orders", order_of(bonnet), key="order-17")
    again = program.post("/orders", order_of(bonnet), key="order-17")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json()["order"] == again.json()["order"]
    assert error(program.post("/orders", order_of(bonnet, 2), "order-17"), 409)["code"] == (
        "key_reused"
    )
    assert program.post("/orders", order_of(bonnet), key="order-18").status_code == 201
    assert Order.objects.count() == 2


def test_a_guest_is_asked_to_log_in(bonnet):
    guest = Program(None)
    assert error(guest.post("/orders", order_of(bonnet)), 401)["code"] == "login_required"
    assert error(guest.send("GET", "/cart"), 401)["code"] == "login_required"


def test_a_viewer_without_a_card_is_asked_for_one(bonnet):
    noor = cast.person("noor")
    program = Program(create_api_token(user=noor, label="tests"))
    assert error(program.post("/orders", order_of(bonnet)), 422)["code"] == "address_needed"
    address = {"full_name": "Noor", "line1": "Weg 1", "postal_code": "1010", "city": "Wien"}
    asked = order_of(bonnet, address=address)
    needs_card = error(program.post("/orders", asked), 422)
    assert (needs_card["code"], list(needs_card["fields"])) == ("card_needed", ["card"])
    assert program.post("/orders", asked | {"card": cast.PAYS}).status_code == 201


def test_a_ticket_buys_in_its_own_show_only(mina, bonnet):
    start_show_price(variant=bonnet, channel=SHOW, price=Money(1000, "EUR"))
    cast.show(cast.hana(), bonnet.product)
    program = Program("ticket." + issue_ticket(user=mina, channel=SHOW))
    assert error(program.post("/orders", order_of(bonnet, channel="other")), 403)["code"]
    placed = program.post("/orders", order_of(bonnet, seen=1000))
    assert placed.status_code == 201, placed.content
    assert placed.json()["channel"] == SHOW
    added = program.post("/cart/lines", {"variant": bonnet.pk})
    assert added.status_code == 201
    assert added.json()["lines"][0]["channel"] == SHOW


def test_the_whole_life_of_a_cart_over_http(program, bonnet):
    added = program.post("/cart/lines", {"variant": bonnet.pk, "quantity": 2})
    assert added.status_code == 201, added.content
    [line] = CartValue.model_validate(added.json()).lines
    path = f"/cart/lines/{line.id}"
    assert program.send("PATCH", path, {"quantity": 3}).json()["lines"][0]["quantity"] == 3
    assert error(program.send("PATCH", path, {"quantity": 9}), 409)["code"] == "sold_out"
    assert error(program.send("PATCH", path, {"quantity": -1}), 422)["fields"]
    assert program.post(f"{path}/hold").status_code == 200
    error(program.post(f"{path}/hold", key=None), 422)
    error(program.post("/cart/lines", {"variant": bonnet.pk}, key=None), 422)
    cart = program.send("GET", "/cart").json()
    assert cart["total"]["minor"] == 3 * 1299 + 490
    bought = program.post("/orders", order_of(bonnet, 3, from_cart=True))
    assert bought.status_code == 201
    assert program.send("GET", "/cart").json()["lines"] == []
    added = program.post("/cart/lines", {"variant": bonnet.pk})
    [line] = added.json()["lines"]
    assert program.send("DELETE", f"/cart/lines/{line['id']}").json()["lines"] == []
    assert not CartLine.objects.exists()


def test_a_session_needs_its_csrf_token(mina, bonnet):
    client = Client(enforce_csrf_checks=True)
    client.force_login(mina)
    answer = client.post(
        "/api/v1/orders",
        json.dumps(order_of(bonnet)),
        content_type="application/json",
        headers={"Idempotency-Key": str(uuid.uuid4())},
    )
    assert answer.status_code == 403
    assert Order.objects.count() == 0
