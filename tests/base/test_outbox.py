"""Facts are written with the change that made them true, or not at all."""

from __future__ import annotations

import psycopg
import pytest
from django.db import connection, transaction

from livestore.base.outbox import WAKE_CHANNEL, Fact, OutboxRow, record

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_fact_outside_a_transaction_is_a_mistake() -> None:
    with pytest.raises(RuntimeError, match="inside the transaction"):
        record([Fact("shop.stock_changed", {"variant": 1})])


def test_a_rolled_back_change_leaves_no_fact() -> None:
    with transaction.atomic():
        record([Fact("shop.stock_changed", {"variant": 1})])
        assert OutboxRow.objects.exists()
        transaction.set_rollback(True)
    assert not OutboxRow.objects.exists()


def test_a_commit_wakes_whoever_listens() -> None:
    settings = connection.settings_dict
    with psycopg.connect(
        dbname=settings["NAME"], user=settings["USER"], host=settings["HOST"], autocommit=True
    ) as listener:
        listener.execute(f"LISTEN {WAKE_CHANNEL}")
        with transaction.atomic():
            record(
                [Fact("shop.stock_changed", {"variant": 1}), Fact("shop.cart_updated", person=3)]
            )
        heard = list(listener.notifies(timeout=5, stop_after=1))
    assert len(heard) == 1
    assert list(OutboxRow.objects.order_by("id").values_list("kind", "person")) == [
        ("shop.stock_changed", None),
        ("shop.cart_updated", 3),
    ]
