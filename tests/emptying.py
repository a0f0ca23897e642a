"""The database after a test that commits: emptied by DELETE instead of TRUNCATE.

Django truncates every table, which makes new files for each of them and for each of their indexes, and then writes
all content types and permissions anew: 0.3 s after each test, a third of it waiting for the disk. These tests leave
a handful of rows; to delete them takes milliseconds. As with TRUNCATE, whoever is still writing is waited for, and
neither triggers nor foreign keys are asked.

Takes the place of Django's private `TransactionTestCase._fixture_teardown` (tests/conftest.py).
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from django.db import OperationalError, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test import TransactionTestCase
from psycopg.errors import LockNotAvailable

KEPT = {"django_content_type", "auth_permission"}
"""Written by migrations, and only read by tests."""
REFERRING = """
    WITH RECURSIVE found (oid) AS (
        SELECT oid FROM pg_class WHERE oid = ANY (%s::text[]::regclass[])
        UNION
        SELECT conrelid FROM pg_constraint JOIN found ON confrelid = found.oid WHERE contype = 'f'
    )
    SELECT relname FROM pg_class JOIN found USING (oid) ORDER BY relname
"""
TRY = "200ms"
"""Shorter than PostgreSQL's `deadlock_timeout` (1 s). Tables are locked one after the other, so a reader on its way
from one to the next may stand across; whoever gives way sooner than that is never half of a deadlock, nor makes the
reader its victim."""
LONGEST = 30.0
"""Seconds after which whoever is still in the way is a fault of the test."""
MAY = "SELECT has_parameter_privilege('session_replication_role', 'SET')"

_truncate = TransactionTestCase._fixture_teardown  # type: ignore[attr-defined]


def after_a_test(case: Any) -> None:
    """For `TransactionTestCase._fixture_teardown`. Who may not switch triggers off truncates as ever."""
    for name in case._databases_names(include_mirrors=False):
        with connections[name].cursor() as cursor:
            cursor.execute(MAY)
            [may] = cursor.fetchone()
        if not may:
            _truncate(case)
            return
        empty(connections[name])


def empty(connection: BaseDatabaseWrapper) -> None:
    """Delete all rows of all tables but those that are KEPT."""
    _delete_from(connection, sorted(tables(connection) - KEPT))


def clear(connection: BaseDatabaseWrapper, *names: str) -> None:
    """As `TRUNCATE ... CASCADE`: also all rows of tables that refer to one of these. For a test's next round."""
    with connection.cursor() as cursor:
        cursor.execute(REFERRING, [list(names)])
        _delete_from(connection, [name for [name] in cursor.fetchall()])


def _delete_from(connection: BaseDatabaseWrapper, tables: Sequence[str]) -> None:
    names = [connection.ops.quote_name(name) for name in tables]
    until = time.monotonic() + LONGEST
    while True:
        try:
            return _try_to_delete_from(connection, names)
        except OperationalError as error:
            if not isinstance(error.__cause__, LockNotAvailable) or time.monotonic() > until:
                raise


def _try_to_delete_from(connection: BaseDatabaseWrapper, names: Sequence[str]) -> None:
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL lock_timeout = '{TRY}'")
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(f"LOCK TABLE {', '.join(names)} IN ACCESS EXCLUSIVE MODE")
        cursor.execute("; ".join(f"DELETE FROM {name}" for name in names))


def tables(connection: BaseDatabaseWrapper) -> set[str]:
    """What Django's flush would truncate."""
    found = connection.introspection.django_table_names(only_existing=True, include_views=False)
    return set(found)
