"""Between two tests that commit nothing is left, as after Django's own TRUNCATE."""

from __future__ import annotations

import threading
import time
import uuid
from typing import Any

import psycopg
import pytest
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test import TransactionTestCase

from shop.checkout.placement import place_many
from shop.checkout.requests import LineRequest, PlaceRequest
from shop.stock.services import post_movement
from tests import cast
from tests.emptying import KEPT, after_a_test, empty, tables

pytestmark = pytest.mark.django_db(transaction=True)


def filled() -> set[str]:
    found = set()
    with connection.cursor() as cursor:
        for name in tables(connection):
            cursor.execute(f"SELECT FROM {connection.ops.quote_name(name)} LIMIT 1")
            if cursor.rowcount:
                found.add(name)
    return found


def test_it_takes_the_place_of_djangos_own() -> None:
    assert TransactionTestCase._fixture_teardown is after_a_test  # type: ignore[attr-defined]


def test_nothing_is_left_but_what_migrations_have_written() -> None:
    variant = cast.variant_of(cast.product())
    request = PlaceRequest(cast.mina().pk, uuid.uuid4(), (LineRequest(variant.pk, 1),))
    [outcome] = place_many([request])
    assert not isinstance(outcome, Exception)
    post_movement(variant=variant, kind="received", quantity=5, reason="a box came", by=None)
    cast.show(cast.hana(), live=True)
    assert {"stock_movement", "purchase", "outbox"} <= filled()
    empty(connection)
    assert filled() == KEPT
    assert ContentType.objects.filter(app_label="shop", model="order").exists()
    assert Permission.objects.filter(codename="view_operations").exists()


def test_whoever_is_still_writing_is_waited_for() -> None:
    """Without the lock the row of a transaction that commits a moment later would stay."""
    with psycopg.connect(**login()) as other:
        other.execute("INSERT INTO django_session VALUES ('late', '', now())")
        worker, done = emptying_elsewhere()
        assert not done.wait(0.2)
        other.commit()
        worker.join(20)
    assert done.is_set()
    assert filled() <= KEPT


def test_a_reader_that_stands_across_is_nobodys_victim() -> None:
    """It holds a table that is locked late and wants one that is locked early: with patience on both sides, a
    deadlock, and PostgreSQL ends one of the two."""
    early, *_, late = sorted(tables(connection) - KEPT)
    with psycopg.connect(**login()) as reader:
        reader.execute(f"SELECT FROM {late}")  # type: ignore[arg-type]
        worker, done = emptying_elsewhere()
        wait_until_somebody_waits()
        reader.execute(f"SELECT FROM {early}")  # type: ignore[arg-type]
        assert not done.is_set()
        reader.commit()
        worker.join(20)
    assert done.is_set()


def login() -> dict[str, Any]:
    params = connection.get_connection_params()
    names = ("host", "port", "user", "password", "dbname")
    return {key: params[key] for key in names if key in params}


def emptying_elsewhere() -> tuple[threading.Thread, threading.Event]:
    done = threading.Event()

    def work() -> None:
        empty(connection)  # each thread has one of its own
        connection.close()
        done.set()

    worker = threading.Thread(target=work)
    worker.start()
    return worker, done


def wait_until_somebody_waits() -> None:
    until = time.monotonic() + 20
    with connection.cursor() as cursor:
        while time.monotonic() < until:
            cursor.execute(
                "SELECT FROM pg_locks WHERE NOT granted AND mode = 'AccessExclusiveLock'"
                " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
            )
            if cursor.rowcount:
                return
    raise AssertionError("nobody waits for a table")
