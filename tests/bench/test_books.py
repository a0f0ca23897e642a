"""What the benchmarks read from the shop's books: a zero there must mean something."""

from __future__ import annotations

import os

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from bench.books import Books
from bench.cpu import BEHIND, POSTGRES, VALKEY, WEB, Meter, group_of
from shop.checkout.placement import place_many
from shop.models import Variant
from tests import cast
from tests.shop.buying import ask, placed


@pytest.fixture
def bonnet(transactional_db: None) -> Variant:
    return cast.variant_of(cast.product(stock=2))


@pytest.fixture
def books(bonnet: Variant) -> Books:
    """Of the test's own database, by a connection of its own, as during a measurement."""
    test_database = str(connection.settings_dict["NAME"])
    plain = str(settings.DATABASE_URL).partition("?")
    return Books(f"{plain[0].rpartition('/')[0]}/{test_database}?{plain[2]}")


def test_an_order_that_was_acknowledged_and_is_gone_is_missed(
    bonnet: Variant, books: Books
) -> None:
    orders = [
        placed(outcome).public_id
        for outcome in place_many(
            [ask(cast.mina(), (bonnet, 1, 1299)), ask(cast.theo(), (bonnet, 1, 1299))]
        )
    ]
    assert books.missing(orders) == []
    assert books.missing([*orders, "ord_never"]) == ["ord_never"]


def test_units_are_those_of_orders_that_stand(bonnet: Variant, books: Books) -> None:
    place_many([ask(cast.mina(), (bonnet, 2, 1299))])
    assert books.units_sold(bonnet.pk) == 2
    assert books.statuses(bonnet.pk) == {"pending": 1}
    with psycopg.connect(books.url) as other:
        other.execute("UPDATE purchase SET status = 'expired'")
    assert books.units_sold(bonnet.pk) == 0


def test_payments_that_do_not_come_are_not_waited_for_without_end(
    bonnet: Variant, books: Books
) -> None:
    assert books.drain(within=0.0)
    place_many([ask(cast.mina(), (bonnet, 1, 1299))])
    assert books.pending() == 1
    assert not books.drain(within=0.0)


def test_each_process_belongs_to_one_part_of_the_stack() -> None:
    names = ["web-1", "web-2", "postgres", "valkey", "relay", "worker", "beat"]
    assert [group_of(name) for name in names] == [WEB, WEB, POSTGRES, VALKEY, *[BEHIND] * 3]


def test_work_is_charged_to_the_part_that_did_it() -> None:
    before = Meter.read({"web-1": os.getpid(), "valkey": os.getppid()})
    sum(n * n for n in range(2_000_000))
    parts = before.per_order(Meter.read({"web-1": os.getpid(), "valkey": os.getppid()}), 10)
    assert parts[WEB] > 1_000
    assert parts[POSTGRES] == 0
