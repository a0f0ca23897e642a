"""Stock in the admin: movements with a reason, and no other way."""

from __future__ import annotations

import pytest
from django.test import Client

from livestore.base.models import OutboxRow
from shop.models import Movement, Stock, Variant
from tests import cast
from tests.admin.desk import opened, sent, told

pytestmark = pytest.mark.django_db
ADD = "/admin/shop/movement/add/"


@pytest.fixture
def ada(client: Client) -> Client:
    client.force_login(cast.ada())
    return client


@pytest.fixture
def variant() -> Variant:
    return cast.variant_of(cast.product(stock=10))


def test_a_movement_is_posted_with_its_reason_and_its_author(ada: Client, variant: Variant) -> None:
    form = opened(ada, f"{ADD}?variant={variant.pk}")
    assert form["variant"] == str(variant.pk)
    sent(ada, ADD, form, kind="received", quantity="5", reason="delivery 4711")
    movement = Movement.objects.get()
    assert (movement.quantity, movement.reason) == (5, "delivery 4711")
    assert movement.by is not None
    assert movement.by.username == "ada"
    assert Stock.objects.get().on_hand == 15
    assert OutboxRow.objects.filter(kind="shop.stock_changed").count() == 1


def test_the_same_page_sent_twice_is_one_movement(ada: Client, variant: Variant) -> None:
    form = opened(ada, f"{ADD}?variant={variant.pk}")
    for _ in range(2):
        page = sent(ada, ADD, form, kind="received", quantity="5", reason="delivery 4711")
    assert "posted already" in told(page)
    assert Stock.objects.get().on_hand == 15


def test_units_that_somebody_holds_can_not_be_taken_and_the_page_keeps_what_was_typed(
    ada: Client, variant: Variant
) -> None:
    Stock.objects.update(reserved=8)
    form = opened(ada, f"{ADD}?variant={variant.pk}")
    page = sent(ada, ADD, form, kind="correction", quantity="-5", reason="broken")
    assert Stock.objects.get().on_hand == 10
    assert not Movement.objects.exists()
    assert 'value="-5"' in told(page)
    assert "broken" in told(page)
    sent(ada, ADD, form, kind="correction", quantity="-2", reason="broken")
    assert Stock.objects.get().on_hand == 8


@pytest.mark.parametrize(
    "changes",
    [{"reason": ""}, {"quantity": "0"}, {"kind": "sold"}, {"quantity": "-3"}, {"quantity": "x"}],
)
def test_a_movement_needs_units_a_kind_made_by_hand_and_a_reason(
    ada: Client, variant: Variant, changes: dict[str, str]
) -> None:
    form = opened(ada, f"{ADD}?variant={variant.pk}")
    sent(ada, ADD, form | {"kind": "received", "quantity": "3", "reason": "delivery"} | changes)
    assert not Movement.objects.exists()
    assert Stock.objects.get().on_hand == 10


def test_movements_and_stock_can_not_be_changed_or_deleted(ada: Client, variant: Variant) -> None:
    sent(
        ada,
        ADD,
        opened(ada, f"{ADD}?variant={variant.pk}"),
        kind="received",
        quantity="5",
        reason="x",
    )
    movement = Movement.objects.get()
    for path in (f"/admin/shop/movement/{movement.pk}", f"/admin/shop/stock/{variant.pk}"):
        assert ada.get(f"{path}/change/").status_code == 200
        assert ada.post(f"{path}/change/", {"quantity": "50", "on_hand": "50"}).status_code == 403
        assert ada.post(f"{path}/delete/", {"post": "yes"}).status_code == 403
    assert (Movement.objects.get().quantity, Stock.objects.get().on_hand) == (5, 15)


def test_the_list_shows_what_is_left_and_finds_what_runs_out(ada: Client, variant: Variant) -> None:
    Stock.objects.update(reserved=10)
    cast.product("satin-cap", stock=40)
    page = told(ada.get("/admin/shop/stock/", {"left": "none"}))
    assert "SILK-BONNET-0" in page
    assert "SATIN-CAP-0" not in page
    assert f"?variant={variant.pk}" in page
