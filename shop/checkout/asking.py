"""Asking PostgreSQL many things in one journey there and back.

A rush waits for one row's lock, and whoever holds it should not travel: between any two statements the checkout's
thread has to be woken, wait for its turn of the processor and of Python's lock. So the statements of a batch are
sent together (libpq's pipeline) and answered together. PostgreSQL runs them one after the other, each with a view
of its own, as if they had been sent one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import psycopg
from django.db import DatabaseError, connection

from livestore.base.pipeline import keep_plans, travel
from shop.checkout.batch import Batch, Rows

Take = Callable[[Rows], None]

SETTINGS = {
    # Plans are kept, and PostgreSQL thinks for ever that a table is as empty as on the day it was last looked at:
    # reading all of it would be the best way then, and 20 times slower in the sale that fills it. Every statement
    # of the checkout finds its few rows by a key, so that is the only way it may choose.
    "enable_seqscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    "plan_cache_mode": "force_generic_plan",
    "jit": "off",
}


@dataclass(slots=True)
class Asked:
    sql: str
    values: tuple[Any, ...]
    take: Take | None


def make_own(lock_timeout_ms: int) -> None:
    """Make this thread's connection one for checkouts only: it keeps its plans, and has SETTINGS.

    lock_timeout_ms  how long to wait for a row that somebody else has locked
    """
    connection.ensure_connection()
    keep_plans(connection.connection)
    settings = SETTINGS | {"lock_timeout": str(lock_timeout_ms)}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config(name, value, false) FROM unnest(%s::text[], %s::text[]) AS new (name, value)",
            [list(settings), list(settings.values())],
        )


def give_up_own() -> None:
    """Close this thread's connection for good: a pool must not hand it, with its settings, to anybody else."""
    if connection.connection is not None:
        with suppress(psycopg.Error):
            connection.connection.close()
    try:
        connection.close()
    except DatabaseError:
        connection.connection = None


def rows_of(sql: str, *values: Any) -> Rows:
    """All rows of one statement on this thread's connection, now."""
    found: Rows = []
    _travel([Asked(sql, values, found.extend)])
    return found


def ask(batch: Batch, take: Take | None, sql: str, *values: Any) -> None:
    """Have a statement run, and its rows handed to `take`: at the end of `together`, or now outside of it."""
    asked = Asked(sql, values, take)
    if batch.asked is None:
        _travel([asked])
    else:
        batch.asked.append(asked)


@contextmanager
def together(batch: Batch, *, commit: bool = False) -> Iterator[None]:
    """What is asked inside is sent at the end, in order, and answered in order. `commit`: and so is the COMMIT.

    Where the transaction is not this batch's own (a test's savepoint), committing is left to who began it.
    """
    batch.asked = []
    try:
        yield
        asked, batch.asked = batch.asked, None
        _travel(asked, commit=commit and not connection.savepoint_ids)
    finally:
        batch.asked = None


def answered(batch: Batch) -> None:
    """Inside of `together`: send what was asked so far and wait for the answers."""
    if batch.asked:
        asked, batch.asked = batch.asked, []
        _travel(asked)


def _travel(asked: list[Asked], *, commit: bool = False) -> None:
    connection.ensure_connection()
    with connection.wrap_database_errors:
        found = travel(
            connection.connection, [(each.sql, each.values) for each in asked], commit=commit
        )
    for each, rows in zip(asked, found, strict=True):
        if each.take is not None:
            each.take(rows)
