"""Many statements in one journey to PostgreSQL and back, on a psycopg connection.

psycopg has a pipeline of its own, which turns to the socket for every statement and lets go of Python's lock each
time. In a process whose event loop is busy that costs a wait for the lock (up to `sys.getswitchinterval()`) per
statement, and whoever runs a checkout holds the row for which everybody waits. Here all statements are handed to
libpq first (`psycopg.pq`, its documented wrapper), sent, and then waited for: once, as a rule.
"""

from __future__ import annotations

import datetime as dt
import re
import select
from collections.abc import Sequence
from functools import cache
from itertools import count
from typing import Any
from weakref import WeakKeyDictionary

import psycopg
from psycopg.adapt import Transformer
from psycopg.pq import ExecStatus, TransactionStatus

Rows = list[tuple[Any, ...]]
Statement = tuple[str, Sequence[Any]]

IDLE, BAD = TransactionStatus.IDLE, psycopg.pq.ConnStatus.BAD
BEGIN = b"BEGIN ISOLATION LEVEL READ COMMITTED"
FAILED = {ExecStatus.FATAL_ERROR, ExecStatus.PIPELINE_ABORTED}

_numbers = count(1)
_plans: WeakKeyDictionary[psycopg.Connection[Any], dict[str, bytes]] = WeakKeyDictionary()


def keep_plans(raw: psycopg.Connection[Any]) -> None:
    """From now on every statement text that travels on this connection is prepared once and kept there.

    Only for connections with few different texts, and not through a pooler that hands out sessions.
    """
    _plans.setdefault(raw, {})


def travel(
    raw: psycopg.Connection[Any], statements: Sequence[Statement], *, commit: bool = False
) -> list[Rows]:
    """Run `(sql, values)` one after the other, and COMMIT at the end if asked to; returns the rows of each.

    Values are written `%s` and cast in the text (`%s::bigint[]`): they travel as text. They may be None, str,
    numbers, bool, datetime, or a list of those. A transaction is begun first, as psycopg does. The first error is
    raised as psycopg raises it; nothing after it has happened then, and the transaction has to be rolled back.
    """
    connection = raw.pgconn
    plans = _plans.get(raw)
    ready = [(sql, [_parameter(value) for value in values] or None) for sql, values in statements]
    # (place of the statement or None, text, name that it will be known by) of everything that has an answer
    sent: list[tuple[int | None, str, bytes]] = []
    with raw.lock:
        connection.enter_pipeline_mode()
        try:
            if connection.transaction_status == IDLE and not raw.autocommit:
                connection.send_query_params(BEGIN, None)
                sent.append((None, "", b""))
            for place, (sql, parameters) in enumerate(ready):
                if plans is None:
                    connection.send_query_params(_numbered(sql), parameters)
                else:
                    name = plans.get(sql, b"")
                    if not name:
                        name = b"livestore_%d" % next(_numbers)
                        connection.send_prepare(name, _numbered(sql))
                        sent.append((None, sql, name))
                    connection.send_query_prepared(name, parameters)
                sent.append((place, sql, b""))
            if commit:
                connection.send_query_params(b"COMMIT", None)
                sent.append((None, "", b""))
            connection.pipeline_sync()
            results = _results(connection)
        finally:
            if connection.status != BAD:
                connection.exit_pipeline_mode()
    found: list[Rows] = []
    encoding = raw.info.encoding
    for result, (mine, sql, name) in zip(results, sent, strict=False):
        if result.status in FAILED:
            raise psycopg.errors.error_from_result(result, encoding)
        if name and plans is not None:
            plans[sql] = name
        if mine is not None:
            found.append(_rows(raw, result))
    if len(results) != len(sent):
        raise psycopg.OperationalError("the connection to PostgreSQL was lost")
    return found


def _results(connection: psycopg.pq.abc.PGconn) -> list[psycopg.pq.abc.PGresult]:
    """Send everything, and wait until all of it is answered or the connection is lost."""
    results: list[psycopg.pq.abc.PGresult] = []
    poll = select.poll()
    while True:
        unsent = connection.flush()
        while connection.is_busy():
            poll.register(connection.socket, select.POLLIN | (select.POLLOUT if unsent else 0))
            poll.poll()
            connection.consume_input()
            unsent = connection.flush()
        result = connection.get_result()
        if result is None:
            if connection.status == BAD:
                return results
        elif result.status == ExecStatus.PIPELINE_SYNC:
            return results
        else:
            results.append(result)


def _rows(raw: psycopg.Connection[Any], result: psycopg.pq.abc.PGresult) -> Rows:
    if not result.ntuples:
        return []
    transformer = Transformer(raw)
    transformer.set_pgresult(result)
    return transformer.load_rows(0, result.ntuples, tuple)


@cache
def _numbered(sql: str) -> bytes:
    """PostgreSQL's `$1` for each `%s`."""
    numbers = iter(range(1, sql.count("%s") + 1))
    return re.sub("%s", lambda _: f"${next(numbers)}", sql).encode()


def _parameter(value: object) -> bytes | None:
    if value is None:
        return None
    if isinstance(value, str):
        return value.encode()
    if isinstance(value, list):
        return ("{" + ",".join(map(_element, value)) + "}").encode()
    if isinstance(value, int | float | dt.datetime):
        return str(value).encode()
    raise TypeError(f"{type(value).__name__} can not travel")


def _element(value: object) -> str:
    if value is None:
        return "NULL"
    text = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'
