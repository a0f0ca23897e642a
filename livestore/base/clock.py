"""One clock for every decision: the database's. Process clocks only measure durations."""

from __future__ import annotations

import datetime as dt

from django.db import connection


def database_now() -> dt.datetime:
    """`clock_timestamp()`: real time, moving inside a transaction, the same for every process."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        row = cursor.fetchone()
    assert row is not None
    now: dt.datetime = row[0]
    return now


def milliseconds(moment: dt.datetime) -> int:
    """Milliseconds since 1970, as every `at` of the protocol."""
    return round(moment.timestamp() * 1000)
