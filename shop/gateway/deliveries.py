"""The gateway's postman: takes webhooks that are due and posts them, signed, over real HTTP.

At least once, in no promised order: a delivery is leased before it is posted, so a postman who dies loses
nothing, and one that was not answered with 2xx is posted again, later and later. Ordinarily one event is one
letter; when more is due than there are connections, a letter carries several (`{"events": [...]}`).
"""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import dataclass
from typing import Any

import aiohttp
import orjson
from django.conf import settings
from django.db import connection, transaction

from livestore.base.clock import database_now
from shop.gateway.services import SUCCEEDED
from shop.gateway.signature import HEADER, sign

log = logging.getLogger(__name__)

BATCH = 800
FEW_EVENTS, MOST_EVENTS = 10, 200
"""Events in one letter: a request costs more than ten events in it, and the receiver takes no endless bodies."""
IN_FLIGHT = 8  # keep-alive connections at once
TIMEOUT_S = 10
BATCH_S = 40  # what is not posted by then goes back on the pile
LEASE_S = 60  # longer than BATCH_S + TIMEOUT_S: nobody else takes a letter that is still in hand
PATIENCE_S = 20.0  # one run of the postman; the next run goes on
PATH = "/api/v1/payments/webhook"


@dataclass(frozen=True, slots=True)
class _Letter:
    """One POST: the deliveries in it, and how often each was tried, this time included."""

    ids: tuple[int, ...]
    tries: tuple[int, ...]
    raw: bytes


def deliver(*, base_url: str | None = None, seconds: float = PATIENCE_S) -> int:
    """Post everything that is due; how many were taken by the receiver.

    `base_url` is scheme://host:port of the receiver (settings.INTERNAL_URL). Runs side by side with others.
    """
    address = (base_url or settings.INTERNAL_URL).rstrip("/") + PATH
    taken = 0
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        letters = _claim()
        if not letters:
            break
        stamp = int(database_now().timestamp())
        delivered = asyncio.run(_post_all(address, letters, stamp))
        _note(delivered=delivered, failed=[each for each in letters if each not in delivered])
        taken += sum(len(each.ids) for each in delivered)
    return taken


def _claim() -> list[_Letter]:
    """Lease what is due; slow charges are made in the moment their webhook leaves."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "WITH due AS (SELECT id FROM gateway_delivery WHERE delivered_at IS NULL "
            "AND due_at <= statement_timestamp() ORDER BY due_at, id LIMIT %s FOR UPDATE SKIP LOCKED) "
            "UPDATE gateway_delivery d SET tries = tries + 1, "
            "due_at = clock_timestamp() + make_interval(secs => %s) "
            "FROM due WHERE d.id = due.id RETURNING d.id, d.body::text, d.tries",
            [BATCH, LEASE_S],
        )
        rows = sorted(cursor.fetchall())
        bodies: list[dict[str, Any]] = [orjson.loads(row[1]) for row in rows]
        made = [body["attempt"] for body in bodies if body["kind"] == SUCCEEDED]
        cursor.execute(
            "UPDATE gateway_charge SET state = 'succeeded' "
            "WHERE attempt = ANY(%s::uuid[]) AND state = 'waiting'",
            [made],
        )
    return _letters(rows, bodies)


def _letters(rows: list[tuple[Any, ...]], bodies: list[dict[str, Any]]) -> list[_Letter]:
    """Put events into as few letters as keep every connection busy."""
    size = max(FEW_EVENTS, min(MOST_EVENTS, -(-len(rows) // IN_FLIGHT)))
    letters = []
    for place in range(0, len(rows), size):
        part = rows[place : place + size]
        events = bodies[place : place + size]
        raw = orjson.dumps(events[0] if len(events) == 1 else {"events": events})
        letters.append(_Letter(tuple(row[0] for row in part), tuple(row[2] for row in part), raw))
    return letters


async def _post_all(address: str, letters: list[_Letter], stamp: int) -> list[_Letter]:
    """Post them all over a few connections; those that were taken."""
    taken: list[_Letter] = []
    waiting = iter(letters)
    until = time.monotonic() + BATCH_S
    timeout = aiohttp.ClientTimeout(total=TIMEOUT_S)
    connector = aiohttp.TCPConnector(limit=IN_FLIGHT)

    async def postman(session: aiohttp.ClientSession) -> None:
        for letter in waiting:  # the postmen share one pile
            if time.monotonic() > until:
                return
            if await _post(session, address, letter, stamp):
                taken.append(letter)

    async with aiohttp.ClientSession(timeout=timeout, connector=connector) as session:
        await asyncio.gather(*(postman(session) for _ in range(min(IN_FLIGHT, len(letters)))))
    return taken


async def _post(session: aiohttp.ClientSession, address: str, letter: _Letter, stamp: int) -> bool:
    headers = {
        "Content-Type": "application/json",
        HEADER: sign(letter.raw, secret=settings.WEBHOOK_SECRET, stamp=stamp),
    }
    try:
        async with session.post(
            address, data=letter.raw, headers=headers, allow_redirects=False
        ) as answer:
            await answer.read()
            if answer.status // 100 == 2:
                return True
            log.warning("webhooks %s were answered with %s", letter.ids, answer.status)
    except (aiohttp.ClientError, TimeoutError, OSError) as problem:
        log.warning("webhooks %s could not be delivered: %r", letter.ids, problem)
    return False


def backoff_seconds(tries: int) -> float:
    """0.5 s after the first try, doubled each time, at most 5 minutes."""
    return min(300.0, 0.5 * 2.0 ** (max(1, min(tries, 20)) - 1))


def _note(*, delivered: list[_Letter], failed: list[_Letter]) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        if delivered:
            cursor.execute(
                "UPDATE gateway_delivery SET delivered_at = clock_timestamp() "
                "WHERE id = ANY(%s) AND delivered_at IS NULL",
                [[id_ for each in delivered for id_ in each.ids]],
            )
        if failed:
            cursor.execute(
                "UPDATE gateway_delivery d SET due_at = clock_timestamp() + make_interval(secs => f.wait) "
                "FROM unnest(%s::bigint[], %s::float8[]) AS f (id, wait) "
                "WHERE d.id = f.id AND d.delivered_at IS NULL",
                [
                    [id_ for each in failed for id_ in each.ids],
                    [backoff_seconds(tries) for each in failed for tries in each.tries],
                ],
            )


def due_count() -> int:
    """Webhooks that could be posted now."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM gateway_delivery WHERE delivered_at IS NULL AND due_at <= statement_timestamp()"
        )
        row = cursor.fetchone()
    return int(row[0]) if row else 0
