"""The relay: carries facts from the outbox to rooms, people and tasks, and keeps deadlines.

One transaction: lock and read rows, announce them, delete them by id, commit. If it dies in between, the
rows are announced again and the logs leave out what they have seen. A second relay waits on the row locks.
PostgreSQL and Valkey may go away at any time: the relay goes on when they are back.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import psycopg
from django.db import Error as DatabaseError
from django.db import connection, transaction

from livestore.base.clock import database_now
from livestore.base.outbox import WAKE_CHANNEL, OutboxRow, PendingFact
from livestore.celery import app as celery
from livestore.health import RELAY_BEAT
from livestore.wiring import translate
from shop.sweeps import next_deadline, run_due
from streams.models import Show
from streams.room import announce, log, valkey
from streams.room.announcements import Announcement, Job, Kick, ToPerson, ToRoom
from streams.room.patience import end
from streams.shows.selectors import latest_values

logger = logging.getLogger(__name__)
T = TypeVar("T")

LARGEST_BATCH = 500
POLL = 0.1
"""Seconds between looks at the outbox when nobody wakes the relay."""
BEAT_EVERY, BEAT_LIVES = 1.0, 3
STUCK_AFTER = 5.0
"""Seconds without a finished turn after which the relay no longer says that it is well."""
WATCH = 2.0
LONGEST_NAP = 0.5
"""Seconds until the deadlines are read again: a nearer one may have been written."""


class Relay:
    """`run()` until `stop()`. Outbox and deadlines have a thread with a connection each."""

    def __init__(self) -> None:
        self._stop = asyncio.Event()
        self._outbox = ThreadPoolExecutor(1, thread_name_prefix="outbox")
        self._deadlines = ThreadPoolExecutor(1, thread_name_prefix="deadlines")
        self._transaction: transaction.Atomic | None = None
        self._listener: psycopg.Connection[Any] | None = None
        self._turned = time.monotonic()
        self._epochs: dict[str, str] = {}
        self.carried = 0

    def stop(self) -> None:
        """Finish the batch that is under way, then return from `run`."""
        self._stop.set()

    async def run(self) -> None:
        others = [
            asyncio.create_task(self._forever(act, every))
            for act, every in ((self._beat, BEAT_EVERY), (self._watch, WATCH), (self._sweep, 0.0))
        ]
        try:
            await self._forever(self._turn, 0.0)
        finally:
            await end(*others)
            with contextlib.suppress(*valkey.Trouble):
                await valkey.client().delete(RELAY_BEAT)
            await valkey.close()
            await self._in(self._outbox, self._close)
            await self._in(self._deadlines, lambda: connection.close())
            self._outbox.shutdown()
            self._deadlines.shutdown()

    async def _in(self, thread: ThreadPoolExecutor, act: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(thread, act)

    async def _forever(self, act: Callable[[], Any], every: float) -> None:
        """Repeat `act`; when a server is away say so once and go on trying."""
        wait, troubled = 0.1, False
        while not self._stop.is_set():
            try:
                await act()
                if troubled:
                    logger.info("%s: works again", act.__name__.strip("_"))
                wait, troubled = 0.1, False
                pause = every
            except Exception as problem:
                expected = isinstance(problem, (DatabaseError, psycopg.Error, *valkey.Trouble))
                if not troubled or not expected:
                    logger.warning(
                        "%s: %r", act.__name__.strip("_"), problem, exc_info=not expected
                    )
                troubled, pause, wait = True, wait, min(2.0, wait * 1.6)
            if pause:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._stop.wait(), pause)

    # -- the outbox -------------------------------------------------------------------------------

    async def _turn(self) -> None:
        """One batch, or a wait for one."""
        try:
            facts, said = await self._in(self._outbox, self._read)
            if facts:
                await self._announce(said)
                await self._in(self._outbox, lambda: self._finish([fact.id for fact in facts]))
                self.carried += len(facts)
        except BaseException:
            await self._in(self._outbox, self._give_up)
            raise
        self._turned = time.monotonic()
        if len(facts) < LARGEST_BATCH and not self._stop.is_set():
            await self._in(self._outbox, self._wait)

    def _read(self) -> tuple[list[PendingFact], list[Announcement]]:
        """Begin the transaction; lock and read rows in the order of their ids; say what they mean."""
        connection.close_if_unusable_or_obsolete()
        self._transaction = transaction.atomic()
        self._transaction.__enter__()
        rows = OutboxRow.objects.select_for_update().order_by("id")[:LARGEST_BATCH]
        facts = [
            PendingFact(row.pk, row.kind, row.channel, row.person, row.data, row.created_at)
            for row in rows
        ]
        said = self._translate(facts) if facts else []
        if not facts:
            self._commit()
        return facts, said

    def _translate(self, facts: list[PendingFact]) -> list[Announcement]:
        """One fact that can not be told must not hold up all the others for ever."""
        try:
            return translate(facts)
        except DatabaseError:
            raise
        except Exception:
            logger.exception("%d facts could not be told together, each is tried alone", len(facts))
        said: list[Announcement] = []
        for fact in facts:
            try:
                said += translate([fact])
            except DatabaseError:
                raise
            except Exception:
                logger.exception("fact %d (%s) can not be told", fact.id, fact.kind)
        return said

    async def _announce(self, said: list[Announcement]) -> None:
        for slug, top in (
            await announce.publish(item for item in said if isinstance(item, ToRoom))
        ).items():
            if top.fresh:
                await self._refill(slug, top.epoch)
        await announce.publish_direct([item for item in said if isinstance(item, ToPerson | Kick)])
        jobs = [item for item in said if isinstance(item, Job)]
        if jobs:
            await asyncio.to_thread(_send, jobs)

    def _finish(self, ids: list[int]) -> None:
        OutboxRow.objects.filter(pk__in=ids).delete()
        self._commit()

    def _commit(self) -> None:
        assert self._transaction is not None
        opened, self._transaction = self._transaction, None
        opened.__exit__(None, None, None)

    def _give_up(self) -> None:
        """The rows stay; the connection may be broken, so the next turn takes a new one."""
        opened, self._transaction = self._transaction, None
        with contextlib.suppress(Exception):
            if opened is not None:
                opened.__exit__(InterruptedError, InterruptedError(), None)
        with contextlib.suppress(Exception):
            connection.close()

    def _wait(self) -> None:
        """Until somebody commits a fact, or for a tenth of a second."""
        if self._listener is None or self._listener.closed:
            parameters = connection.get_connection_params()
            for name in ("cursor_factory", "context", "prepare_threshold"):
                parameters.pop(name, None)
            self._listener = psycopg.connect(**parameters, autocommit=True)
            self._listener.execute(f"LISTEN {WAKE_CHANNEL}")
            return  # whatever was committed before the LISTEN is read by the next turn
        try:
            for _ in self._listener.notifies(timeout=POLL, stop_after=1):
                pass
        except psycopg.Error:
            self._listener.close()
            raise

    def _close(self) -> None:
        if self._listener is not None:
            self._listener.close()
        connection.close()

    # -- everything else --------------------------------------------------------------------------

    async def _beat(self) -> None:
        if time.monotonic() - self._turned < STUCK_AFTER:
            await valkey.client().set(RELAY_BEAT, "1", ex=BEAT_LIVES)

    async def _watch(self) -> None:
        """Fill the newest values of every open room again when its log began anew."""
        for slug in await self._in(self._deadlines, _open_rooms):
            top = await log.look(slug)
            if self._epochs.get(slug) != top.epoch:
                await self._refill(slug, top.epoch)

    async def _refill(self, slug: str, epoch: str) -> None:
        """The LATEST values that PostgreSQL knows; those that are known already stay as they are."""
        values = await self._in(self._deadlines, lambda: latest_values(slug))
        await log.append(slug, [ToRoom(slug, event, rev=rev) for event, rev in values])
        self._epochs[slug] = epoch

    async def _sweep(self) -> None:
        """Sleep to the next deadline and do what is due."""
        wait = await self._in(self._deadlines, _seconds_to_deadline)
        if wait > 0:
            await asyncio.sleep(min(wait, LONGEST_NAP))
        else:
            done = await self._in(self._deadlines, run_due)
            if not any(done.values()):
                await asyncio.sleep(LONGEST_NAP)  # somebody else holds those rows right now


def _open_rooms() -> list[str]:
    connection.close_if_unusable_or_obsolete()
    states = [Show.State.SCHEDULED, Show.State.LIVE, Show.State.PAUSED]
    return list(Show.objects.filter(state__in=states).values_list("slug", flat=True))


def _seconds_to_deadline() -> float:
    connection.close_if_unusable_or_obsolete()
    with transaction.atomic():
        deadline = next_deadline()
        return LONGEST_NAP if deadline is None else (deadline - database_now()).total_seconds()


def _send(jobs: list[Job]) -> None:
    """Hand tasks to Celery. When that fails they are done by the sweeps, a few seconds later."""
    for job in jobs:
        try:
            celery.send_task(job.task_name, job.args, job.kwargs, retry=False, ignore_result=True)
        except Exception as problem:
            logger.warning("task %s could not be sent: %r", job.task_name, problem)


async def serve() -> Relay:
    """Run a relay until SIGTERM or SIGINT."""
    relay = Relay()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, relay.stop)
    await relay.run()
    return relay
