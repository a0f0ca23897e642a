"""Every deadline is a row; the list of sweeps finds the next one and does what is due."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest
from django.db import connection

from livestore.base.clock import database_now
from livestore.base.money import Money
from shop import sweeps
from shop.models import Hold, Offer, Order, WebhookReceipt
from shop.offers.services import start_deal
from shop.orders.transitions import Status
from tests import cast
from tests.shop.paying import attempted, broken, event, let_time_pass, placed

pytestmark = pytest.mark.django_db
NOTHING = {"orders": 0, "cart holds": 0, "offers": 0, "webhooks": 0}


def test_with_nothing_to_wait_for_there_is_no_deadline() -> None:
    assert sweeps.next_deadline() is None
    assert sweeps.run_due() == NOTHING


def test_the_next_deadline_is_the_earliest_of_all_kinds() -> None:
    variant = cast.variant_of(cast.product(stock=20))
    order = placed(cast.mina(), variant)
    assert sweeps.next_deadline() == order.expires_at
    deal = start_deal(
        variant=variant,
        channel="evening-edit",
        price=Money(900, "EUR"),
        units=5,
        per_buyer=None,
        seconds=60,
    )
    deal.refresh_from_db()
    assert sweeps.next_deadline() == deal.ends_at
    held = Hold.objects.create(
        variant=variant,
        owner=Hold.Owner.CART,
        owner_id=1,
        quantity=1,
        expires_at=database_now() + dt.timedelta(seconds=30),
    )
    assert sweeps.next_deadline() == held.expires_at
    body = event(attempted(order))
    receipt = WebhookReceipt.objects.create(event_id=body["id"], kind=body["kind"], body=body)
    receipt.refresh_from_db()
    # Three seconds later: whoever took a webhook sees to it, the sweep is for what was left lying.
    assert sweeps.next_deadline() == receipt.due_at + dt.timedelta(seconds=3)


def test_what_is_due_is_done_and_the_deadline_moves_on() -> None:
    variant = cast.variant_of(cast.product(stock=20))
    let_time_pass(placed(cast.mina(), variant))
    deal = start_deal(
        variant=variant,
        channel="evening-edit",
        price=Money(900, "EUR"),
        units=5,
        per_buyer=None,
        seconds=60,
    )
    paid = placed(cast.theo(), variant)
    body = event(attempted(paid))
    WebhookReceipt.objects.create(event_id=body["id"], kind=body["kind"], body=body)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE offer SET ends_at = clock_timestamp() - interval '1 ms'")
    assert sweeps.run_due() == {"orders": 1, "cart holds": 0, "offers": 1, "webhooks": 1}
    assert sweeps.run_due() == NOTHING
    deal.refresh_from_db()
    assert deal.state == Offer.State.ENDED
    assert sorted(Order.objects.values_list("status", flat=True)) == [Status.EXPIRED, Status.PAID]
    assert sweeps.next_deadline() is None
    assert not broken()


def test_a_sweep_that_fails_does_not_stop_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    def stumble() -> int:
        raise RuntimeError("something that nobody thought of")

    first, *others = sweeps.SWEEPS
    monkeypatch.setattr(sweeps, "SWEEPS", (dataclasses.replace(first, run=stumble), *others))
    paid = placed(cast.theo(), cast.variant_of(cast.product()))
    body = event(attempted(paid))
    WebhookReceipt.objects.create(event_id=body["id"], kind=body["kind"], body=body)
    assert sweeps.run_due() == NOTHING | {"webhooks": 1}
