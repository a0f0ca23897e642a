"""The cart with its checkout, buy now, and what a guest had in hand."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection

from accounts.models import Address, Card
from shop.models import CartLine, Hold, Order, Stock, Variant
from tests import cast
from tests.pages.shop import ADDRESS, add, browser, checkout, hidden, only_order

pytestmark = pytest.mark.django_db(transaction=True)


def test_an_empty_cart_says_what_will_be_here() -> None:
    page = browser(cast.mina()).get("/cart/").text
    assert "Your cart is empty" in page
    assert "See what is live" in page


def test_a_guest_keeps_the_thing_in_hand_until_after_login() -> None:
    variant = cast.variant_of(cast.product())
    cast.mina()
    client = browser()
    asked = add(client, variant, 2).headers["Location"]
    back = parse_qs(urlsplit(asked).query)["next"][0]
    assert back == f"/products/silk-bonnet/?variant={variant.pk}&act=cart:{variant.pk}:2"
    page = client.post(
        "/login/", {"username": "mina", "password": "demo", "next": back}, follow=True
    )
    assert "What you picked is still here" in page.text


def test_a_line_is_kept_with_a_countdown_and_can_be_changed() -> None:
    client = browser(cast.mina())
    variant = cast.variant_of(cast.product(stock=3))
    assert add(client, variant).headers["Location"] == "/cart/"
    line = CartLine.objects.get()
    page = client.get("/cart/").text
    assert "data-until=" in page
    assert "Kept for" in page
    assert "€17.89" in page  # 12.99 and sending
    part = client.post(f"/cart/lines/{line.pk}/", {"quantity": 3}, headers={"HX-Request": "true"})
    assert "<html" not in part.text
    assert 'id="cart-sum"' in part.text
    assert hidden(part.text, "line") == [f"{variant.pk}:3:1299"]
    assert Hold.objects.get().quantity == 3
    too_many = client.post(
        f"/cart/lines/{line.pk}/", {"quantity": 4}, headers={"HX-Request": "true"}
    )
    assert "notice-look" in too_many.text
    assert Hold.objects.get().quantity == 3
    assert client.post(f"/cart/lines/{line.pk}/", {"quantity": 0}).status_code == 302
    assert not CartLine.objects.exists()


def test_a_cart_emptied_by_htmx_shows_the_empty_page() -> None:
    client = browser(cast.mina())
    add(client, cast.variant_of(cast.product()))
    line = CartLine.objects.get()
    answer = client.post(f"/cart/lines/{line.pk}/remove/", headers={"HX-Request": "true"})
    assert answer.headers["HX-Redirect"] == "/cart/"


def expire_holds() -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE stock_hold SET expires_at = now() - interval '1 second'")


def test_an_expired_line_says_so_and_can_be_held_again() -> None:
    client = browser(cast.mina())
    add(client, cast.variant_of(cast.product()))
    expire_holds()
    page = client.get("/cart/").text
    assert "Not kept any more" in page
    assert "Hold again" in page
    line = CartLine.objects.get()
    client.post(f"/cart/lines/{line.pk}/hold/")
    assert "Kept for" in client.get("/cart/").text


def test_another_persons_line_can_not_be_touched() -> None:
    add(browser(cast.mina()), cast.variant_of(cast.product()))
    line = CartLine.objects.get()
    client = browser(cast.theo())
    client.post(f"/cart/lines/{line.pk}/remove/")
    client.post(f"/cart/lines/{line.pk}/", {"quantity": 5})
    assert CartLine.objects.get().quantity == 1


def test_a_cart_is_bought_on_the_same_page() -> None:
    client = browser(cast.mina())
    variant = cast.variant_of(cast.product())
    add(client, variant, 2)
    answer = checkout(client)
    order = only_order()
    assert answer.headers["Location"] == f"/orders/{order.public_id}/"
    assert (order.total_minor, order.status) == (2 * 1299 + 490, "pending")
    assert "Your cart is empty" in client.get("/cart/").text


def test_the_same_page_sent_twice_is_one_order() -> None:
    client = browser(cast.mina())
    add(client, cast.variant_of(cast.product()))
    page = client.get("/cart/").text
    form = {"key": hidden(page, "key")[0], "line": hidden(page, "line"), **ADDRESS}
    places = {client.post("/cart/", form).headers["Location"] for _ in range(2)}
    assert places == {f"/orders/{only_order().public_id}/"}


def test_a_first_purchase_asks_for_address_and_card_and_remembers_them() -> None:
    mina = cast.person("mina")
    client = browser(mina)
    add(client, cast.variant_of(cast.product()))
    nothing = checkout(client, **{"address-line1": "", "address-city": "Köln"})
    assert nothing.status_code == 422
    assert "the parcel needs it" in nothing.text
    assert 'value="Köln"' in nothing.text
    assert not Order.objects.exists()
    assert not Address.objects.exists()
    assert checkout(client, **{"address-city": "Köln"}).status_code == 302
    assert only_order().address["city"] == "Köln"
    assert Address.objects.get().city == "Köln"
    assert Card.objects.get().number == cast.PAYS


def test_a_price_that_changed_meanwhile_is_shown_before_anything_is_bought() -> None:
    client = browser(cast.mina())
    variant = cast.variant_of(cast.product())
    add(client, variant)
    page = client.get("/cart/").text
    Variant.objects.update(price_minor=1499)
    form = {"key": hidden(page, "key")[0], "line": hidden(page, "line"), **ADDRESS}
    answer = client.post("/cart/", form)
    assert answer.status_code == 422
    assert "A price has changed" in answer.text
    assert "€19.89" in answer.text
    assert hidden(answer.text, "line") == [f"{variant.pk}:1:1499"]
    assert not Order.objects.exists()


def test_what_sold_out_meanwhile_is_said_and_nothing_is_bought() -> None:
    client = browser(cast.mina())
    add(client, cast.variant_of(cast.product(stock=1)))
    expire_holds()
    Hold.objects.all().delete()
    Stock.objects.update(reserved=1)
    Hold.objects.create(variant=Variant.objects.get(), owner="order", owner_id=9, quantity=1)
    page = client.get("/cart/").text
    assert "Sold out meanwhile" in page
    answer = checkout(client)
    assert answer.status_code == 422
    assert "Sold out" in answer.text
    assert not Order.objects.exists()


def test_a_broken_page_is_refused_in_a_sentence() -> None:
    client = browser(cast.mina())
    add(client, cast.variant_of(cast.product()))
    for broken in ({"key": "nonsense"}, {"line": ["1:x:2"]}, {"line": []}):
        answer = checkout(client, **broken)
        assert answer.status_code == 422
    assert not Order.objects.exists()


def test_buy_now_is_one_page_and_one_button() -> None:
    client = browser(cast.mina())
    variant = cast.variant_of(cast.product())
    page = client.get(f"/buy/{variant.pk}/?quantity=2").text
    assert "€30.88" in page
    assert "Lindenstraße 7" in page
    form = {
        "key": hidden(page, "key")[0],
        "line": hidden(page, "line"),
        "quantity": hidden(page, "quantity")[0],
        **ADDRESS,
    }
    answer = client.post(f"/buy/{variant.pk}/", form)
    assert answer.headers["Location"] == f"/orders/{only_order().public_id}/"


def test_buy_now_asks_a_guest_to_log_in_and_comes_back() -> None:
    variant = cast.variant_of(cast.product())
    answer = browser().get(f"/buy/{variant.pk}/?quantity=2")
    assert answer.headers["Location"] == f"/login/?next=/buy/{variant.pk}/%3Fquantity%3D2"


def test_what_is_not_on_sale_can_not_be_bought() -> None:
    product = cast.product()
    variant = cast.variant_of(product)
    product.status = "archived"
    product.save()
    assert browser(cast.mina()).get(f"/buy/{variant.pk}/").status_code == 404
