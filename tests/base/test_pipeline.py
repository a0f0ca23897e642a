"""Statements that travel together: as if they had been sent one by one, or not at all."""

from __future__ import annotations

import datetime as dt
import uuid

import psycopg
import pytest
from django.db import connection, transaction

from livestore.base.pipeline import keep_plans, travel

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def raw():
    """This test's own connection, with a table that goes with it."""
    parameters = connection.get_connection_params()
    for name in ("cursor_factory", "context", "prepare_threshold"):
        parameters.pop(name, None)
    with psycopg.connect(**parameters) as opened:
        opened.execute("CREATE TEMP TABLE thing (id integer PRIMARY KEY, name text)")
        opened.commit()
        yield opened


def plans(raw) -> int:
    return raw.execute("SELECT count(*) FROM pg_prepared_statements").fetchone()[0]


def names(raw) -> list[str]:
    return [name for (name,) in raw.execute("SELECT name FROM thing ORDER BY id")]


PUT = "INSERT INTO thing SELECT * FROM unnest(%s::integer[], %s::text[])"


@pytest.mark.parametrize("kept", [False, True])
def test_each_sees_what_the_one_before_did_and_values_come_back_as_they_went(raw, kept):
    if kept:
        keep_plans(raw)
    odd = ['he said "hi"', "back\\slash", "{a,b}", "NULL", "", "Lindenstraße\n7", None]
    moment = dt.datetime(2026, 11, 20, 13, 0, 0, 123456, tzinfo=dt.UTC)
    key = uuid.uuid4()
    for _ in range(2):
        none, rows, [others] = travel(
            raw,
            [
                (PUT, ["{0,1,2,3,4,5,6}", odd]),
                ("SELECT name FROM thing ORDER BY id", []),
                (
                    "SELECT %s::timestamptz, %s::uuid, %s::bigint, %s::boolean, %s::text",
                    [moment, str(key), 2**40, True, None],
                ),
            ],
        )
        assert none == []
        assert [name for (name,) in rows] == odd
        assert others == (moment, key, 2**40, True, None)
        raw.rollback()
    assert plans(raw) == (3 if kept else 0)


def test_nothing_is_there_for_others_before_the_commit_which_may_travel_along(raw):
    travel(raw, [(PUT, ["{1}", ["a"]])])
    raw.rollback()
    assert names(raw) == []
    travel(raw, [(PUT, ["{1}", ["a"]])], commit=True)
    raw.rollback()
    assert names(raw) == ["a"]


@pytest.mark.parametrize("kept", [False, True])
def test_after_an_error_nothing_has_happened_and_the_connection_goes_on(raw, kept):
    if kept:
        keep_plans(raw)
    travel(raw, [(PUT, ["{1}", ["a"]])], commit=True)
    with pytest.raises(psycopg.errors.UniqueViolation) as trouble:
        travel(
            raw,
            [
                ("INSERT INTO thing VALUES (%s::integer, 'b')", [2]),
                (PUT, ["{1}", ["again"]]),
                ("SELECT 'never prepared' || %s::text", ["x"]),
            ],
            commit=True,
        )
    assert trouble.value.diag.constraint_name == "thing_pkey"
    raw.rollback()
    assert names(raw) == ["a"]
    assert travel(raw, [("SELECT 'never prepared' || %s::text", ["x"])]) == [
        [("never prepared" + "x",)]
    ]


def test_more_than_fits_into_the_socket_travels_in_both_directions(raw):
    many = [str(number) * 50 for number in range(20_000)]
    ids = "{" + ",".join(map(str, range(20_000))) + "}"
    _, rows = travel(raw, [(PUT, [ids, many]), ("SELECT name FROM thing ORDER BY id", [])])
    assert [name for (name,) in rows] == many


def test_a_lost_connection_is_an_operational_error(raw):
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [raw.info.backend_pid])
    with pytest.raises(psycopg.OperationalError):
        travel(raw, [("SELECT 1", []), ("SELECT 2", [])])
    assert raw.closed


def test_what_can_not_travel_leaves_the_connection_as_it_was(raw):
    with pytest.raises(TypeError):
        travel(raw, [("SELECT 1", []), ("SELECT %s::text", [object()])])
    assert travel(raw, [("SELECT 1", [])]) == [[(1,)]]


def test_django_sees_the_transaction_that_it_began(db):
    with transaction.atomic():
        travel(connection.connection, [("SELECT 1", [])], commit=True)
    assert connection.get_autocommit()
