"""The catalogue over HTTP."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accounts.tickets.services import create_api_token
from shop.models import Product
from tests import cast

pytestmark = pytest.mark.django_db


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


@pytest.fixture
def keeper() -> dict[str, str]:
    return bearer(create_api_token(user=cast.ada(), label="test"))


def send(client: Client, method: str, path: str, body: object, headers: dict[str, str]) -> Any:
    return getattr(client, method)(
        f"/api/v1{path}", body, content_type="application/json", headers=headers
    )


def test_a_guest_reads_the_catalogue(client: Client) -> None:
    cast.product("silk-bonnet", shades=("Rosewood", "Ink"))
    cast.product("hidden")
    Product.objects.filter(handle="hidden").update(status=Product.Status.DRAFT)
    found = client.get("/api/v1/products").json()
    assert found["count"] == 1
    assert found["items"][0]["price_from"] == {"minor": 1299, "currency": "EUR"}
    assert found["items"][0]["left"] == 100
    one = client.get("/api/v1/products/silk-bonnet").json()
    assert found["items"][0]["variants"] == one["variants"]
    assert client.get(f"/api/v1/products/{one['id']}").json() == one
    hidden = Product.objects.get(handle="hidden")
    assert client.get(f"/api/v1/products/{hidden.pk}").json()["error"]["code"] == "no_such_product"
    assert [variant["title"] for variant in one["variants"]] == ["Rosewood", "Ink"]
    assert client.get("/api/v1/products/hidden").json()["error"]["code"] == "no_such_product"
    assert client.get("/api/v1/categories").json()["items"] == [{"slug": "hair", "name": "Hair"}]


@pytest.mark.parametrize(
    ("q", "hits"), [("silk", 1), ("SATIN-CAP-0", 1), ("cap satin", 1), ("wool", 0), ("hair", 2)]
)
def test_a_search_finds_products_that_hold_every_word(client: Client, q: str, hits: int) -> None:
    cast.product("silk-bonnet")
    cast.product("satin-cap")
    found = client.get("/api/v1/products", {"q": q}).json()
    assert (found["count"], len(found["items"])) == (hits, hits)


def test_an_admin_makes_changes_and_extends_a_product(
    client: Client, keeper: dict[str, str]
) -> None:
    made = send(
        client,
        "post",
        "/products",
        {
            "title": "Silk bonnet",
            "variants": [{"sku": "B-1", "price": {"minor": 1299, "currency": "EUR"}, "opening": 5}],
        },
        keeper,
    )
    assert made.status_code == 201
    product = made.json()
    assert product["variants"][0]["left"] == 5
    changed = send(
        client, "patch", "/products/silk-bonnet", {"rev": product["rev"], "vendor": "P"}, keeper
    )
    assert changed.json()["vendor"] == "P"
    late = send(
        client, "patch", "/products/silk-bonnet", {"rev": product["rev"], "vendor": "Q"}, keeper
    )
    assert late.status_code == 409
    assert late.json()["error"]["code"] == "changed_meanwhile"
    more = {"sku": "B-2", "price": {"minor": 1499, "currency": "EUR"}}
    assert (
        len(send(client, "post", "/products/silk-bonnet/variants", more, keeper).json()["variants"])
        == 2
    )
    pk = product["variants"][0]["id"]
    priced = send(
        client, "patch", f"/variants/{pk}", {"price": {"minor": 999, "currency": "EUR"}}, keeper
    )
    assert priced.json()["price_from"]["minor"] == 999


def test_stock_can_not_be_typed_over_the_api(client: Client, keeper: dict[str, str]) -> None:
    variant = cast.variant_of(cast.product(stock=50))
    answer = send(client, "patch", f"/variants/{variant.pk}", {"on_hand": 99}, keeper)
    assert answer.status_code == 422
    variant.stock.refresh_from_db()
    assert variant.stock.on_hand == 50


def test_only_admins_write(client: Client) -> None:
    cast.product("silk-bonnet")
    assert send(client, "post", "/products", {"title": "x"}, {}).status_code == 401
    mine = bearer(create_api_token(user=cast.hana(), label="test"))
    assert send(client, "patch", "/products/silk-bonnet", {"title": "x"}, mine).status_code == 403


def test_wrong_fields_are_named(client: Client, keeper: dict[str, str]) -> None:
    answer = send(
        client,
        "post",
        "/products",
        {"title": "Bonnet", "variants": [{"sku": "", "price": {"minor": 1, "currency": "EUR"}}]},
        keeper,
    )
    assert answer.status_code == 422
    assert answer.json()["error"]["fields"] == {"sku": "This can not be empty."}
    assert not Product.objects.exists()


@pytest.mark.parametrize(
    "query", [{"limit": "0"}, {"limit": "201"}, {"offset": "-1"}, {"limit": "x"}]
)
def test_a_page_outside_of_its_bounds_is_refused(client: Client, query: dict[str, str]) -> None:
    answer = client.get("/api/v1/products", query)
    assert answer.status_code == 422
    assert set(answer.json()["error"]["fields"]) == set(query)
