"""Orders in the admin: read, and moved on by the services."""

from __future__ import annotations

import pytest
from django.test import Client

from shop.models import Movement, Order, Stock
from tests import cast
from tests.admin.desk import told
from tests.shop.paying import attempted, hear, placed

pytestmark = pytest.mark.django_db(transaction=True)
LIST = "/admin/shop/order/"


@pytest.fixture
def ada(client: Client) -> Client:
    client.force_login(cast.ada())
    return client


def paid() -> Order:
    order = placed(cast.mina(), cast.variant_of(cast.product(stock=10)), 2)
    hear(attempted(order))
    order.refresh_from_db()
    assert order.status == Order.Status.PAID
    return order


def test_an_order_shows_lines_payments_history_and_no_card_number(ada: Client) -> None:
    order = paid()
    page = told(ada.get(f"{LIST}{order.pk}/change/"))
    for words in ("SILK-BONNET-0", str(order.total), "4242", "Lindenstraße 7", "pending", "Mina"):
        assert words in page
    assert order.card_number not in page
    assert order.card_number not in told(ada.get("/admin/shop/payment/"))
    assert order.card_number not in told(
        ada.get(f"/admin/shop/payment/{order.payments.get().pk}/change/")
    )


def test_an_order_can_not_be_typed_over(ada: Client) -> None:
    order = paid()
    answer = ada.post(f"{LIST}{order.pk}/change/", {"status": "delivered", "total_minor": "1"})
    assert answer.status_code == 403
    assert ada.get(f"{LIST}add/").status_code == 403
    assert ada.post(f"{LIST}{order.pk}/delete/", {"post": "yes"}).status_code == 403
    order.refresh_from_db()
    assert order.status == Order.Status.PAID


def test_orders_are_packed_together_and_what_does_not_fit_is_said(ada: Client) -> None:
    first = paid()
    late = placed(cast.theo(), cast.variant_of(cast.product("satin-cap")))
    page = ada.post(LIST, {"action": "pack", "_selected_action": [first.pk, late.pk]}, follow=True)
    assert "1 packed" in told(page)
    assert late.public_id in told(page)
    first.refresh_from_db()
    late.refresh_from_db()
    assert (first.status, late.status) == ("packed", "pending")


def test_cancelling_from_the_order_page_brings_units_and_money_back(ada: Client) -> None:
    order = paid()
    assert Stock.objects.get().on_hand == 8
    path = f"{LIST}{order.pk}/cancel/"
    dialog = ada.get(path)
    assert "Cancel this order?" in told(dialog)
    order.refresh_from_db()
    assert order.status == Order.Status.PAID  # looking at the question changes nothing
    answer = ada.post(path, {"_form_submitted": "True"})
    assert answer.headers["HX-Redirect"] == f"{LIST}{order.pk}/change/"
    order.refresh_from_db()
    assert order.status == Order.Status.CANCELLED
    assert Stock.objects.get().on_hand == 10
    assert Movement.objects.filter(kind="returned", quantity=2).exists()


def test_a_packed_order_is_not_cancelled_by_a_page_that_was_left_open(ada: Client) -> None:
    order = paid()
    ada.get(f"{LIST}{order.pk}/cancel/")
    ada.post(f"{LIST}{order.pk}/pack/", {"_form_submitted": "True"})
    ada.post(f"{LIST}{order.pk}/cancel/", {"_form_submitted": "True"})
    assert "can not be cancelled any more" in told(ada.get(f"{LIST}{order.pk}/change/"))
    order.refresh_from_db()
    assert order.status == Order.Status.PACKED
    assert Stock.objects.get().on_hand == 8
