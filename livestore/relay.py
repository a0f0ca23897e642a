"""The relay: carries facts from the outbox to rooms, people and tasks, and keeps deadlines.

One transaction: lock and read rows, announce them, delete them by id, commit. If it dies in between, the
rows are announced again and the logs leave out what they have seen. A second relay waits on the row locks.
Facts that a room waits for and facts about single people's orders go in lanes of their own (livestore.lanes).
PostgreSQL and Valkey may go away at any time: the relay goes on when they are back.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, TypeVar

import psycopg
from django.db import Error as DatabaseError
from django.db import connection, transaction

from livestore import figures
from livestore.base.clock import database_now
from livestore.base.outbox import PendingFact
from livestore.base.publishing import Publisher
from livestore.base.tracing import bound
from livestore.batch import trace_of, weight
from livestore.celery import REQUEST_HEADER
from livestore.celery import app as celery
from livestore.health import RELAY_BEAT
from livestore.lanes import RULES, Lane, LaneRule
from livestore.wiring import translate
from shop.sweeps import next_deadline, run_due
from streams.models import Show
from streams.room import announce, log, valkey
from streams.room.announcements import Announcement, Job, Kick, ToPerson, ToRoom
from streams.room.patience import end
from streams.shows.selectors import latest_values

logger = logging.getLogger(__name__)
T = TypeVar("T")

JOBS = celery.conf.broker_transport_options["global_keyprefix"] + celery.conf.task_default_queue
"""Where Valkey keeps the tasks that no worker has taken yet."""

BEAT_EVERY, BEAT_LIVES = 1.0, 3
STUCK_AFTER = 5.0
"""Seconds without a finished turn after which the relay no longer says that it is well."""
WATCH = 2.0
COUNT = 5.0
"""Seconds between looks at what waits, for the figures."""
LONGEST_NAP = 0.5
"""Seconds until the deadlines are read again: a nearer one may have been written."""
SWITCH = 0.0005
"""Seconds after which Python lets another thread go on: a pin's lane has not to wait long for the other lane's work."""


class Relay:
    """`run()` until `stop()`. Each lane of the outbox and the deadlines have a thread with a connection each."""

    def __init__(self, rules: Sequence[LaneRule] = RULES) -> None:
        self._stop = asyncio.Event()
        self.lanes = [Lane(rule) for rule in rules]
        self._deadlines = ThreadPoolExecutor(1, thread_name_prefix="deadlines")
        self._epochs: dict[str, str] = {}
        self.carried = 0

    def stop(self) -> None:
        """Finish the batches that are under way, then return from `run`."""
        self._stop.set()

    async def run(self) -> None:
        others = [
            asyncio.create_task(self._forever(act, every))
            for act, every in (
                (self._beat, BEAT_EVERY),
                (self._watch, WATCH),
                (self._sweep, 0.0),
                (self._count, COUNT),
            )
        ]
        try:
            await asyncio.gather(
                *(self._forever(partial(self._turn, lane), 0.0) for lane in self.lanes)
            )
        finally:
            await end(*others)
            with contextlib.suppress(*valkey.Trouble):
                await valkey.client().delete(RELAY_BEAT)
            await valkey.close()
            for lane in self.lanes:
                await lane.close()
            await self._on_time(lambda: connection.close())
            self._deadlines.shutdown()

    async def _on_time(self, act: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._deadlines, act)

    async def _forever(self, act: Callable[[], Any], every: float) -> None:
        """Repeat `act`; when a server is away say so once and go on trying."""
        name = getattr(act, "func", act).__name__.strip("_")
        wait, troubled = 0.1, False
        while not self._stop.is_set():
            try:
                await act()
                if troubled:
                    logger.info("%s: works again", name)
                wait, troubled = 0.1, False
                pause = every
            except Exception as problem:
                expected = isinstance(problem, (DatabaseError, psycopg.Error, *valkey.Trouble))
                if not troubled or not expected:
                    logger.warning("%s: %r", name, problem, exc_info=not expected)
                troubled, pause, wait = True, wait, min(2.0, wait * 1.6)
            if pause:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._stop.wait(), pause)

    # -- the outbox -------------------------------------------------------------------------------

    async def _turn(self, lane: Lane) -> None:
        """One batch of a lane, or a wait for one."""
        began = time.perf_counter()
        try:
            facts, said = await lane.do(lambda: self._read(lane))
            if facts:
                await self._announce(said)
                await lane.do(lambda: self._finish(lane, [fact.id for fact in facts]))
                self.carried += len(facts)
                figures.carried(lane.rule.name, facts, time.perf_counter() - began)
        except BaseException:
            await lane.do(lane.give_up)
            raise
        lane.turned = time.monotonic()
        if facts:
            await asyncio.sleep(lane.pause(sum(map(weight, facts))))
        if not lane.more and not self._stop.is_set():
            await lane.do(lane.wait)

    def _read(self, lane: Lane) -> tuple[list[PendingFact], list[Announcement]]:
        facts = lane.read()
        return facts, self._translate(facts) if facts else []

    def _finish(self, lane: Lane, ids: list[int]) -> None:
        lane.finish(ids)

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
                with bound(trace_of(fact)):
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

    # -- everything else --------------------------------------------------------------------------

    async def _beat(self) -> None:
        if time.monotonic() - min(lane.turned for lane in self.lanes) < STUCK_AFTER:
            await valkey.client().set(RELAY_BEAT, "1", ex=BEAT_LIVES)

    async def _watch(self) -> None:
        """Fill the newest values of every open room again when its log began anew."""
        for slug in await self._on_time(_open_rooms):
            top = await log.look(slug)
            if self._epochs.get(slug) != top.epoch:
                await self._refill(slug, top.epoch)

    async def _refill(self, slug: str, epoch: str) -> None:
        """The LATEST values that PostgreSQL knows; those that are known already stay as they are."""
        values = await self._on_time(lambda: latest_values(slug))
        await log.append(slug, [ToRoom(slug, event, rev=rev) for event, rev in values])
        self._epochs[slug] = epoch

    async def _sweep(self) -> None:
        """Sleep to the next deadline and do what is due."""
        wait = await self._on_time(_seconds_to_deadline)
        if wait > 0:
            await asyncio.sleep(min(wait, LONGEST_NAP))
        else:
            done = await self._on_time(run_due)
            if not any(done.values()):
                await asyncio.sleep(LONGEST_NAP)  # somebody else holds those rows right now

    async def _count(self) -> None:
        """What waits in PostgreSQL and in Valkey, for the figures."""
        await self._on_time(figures.backlog.read)
        figures.backlog.learn_jobs(await valkey.client().llen(JOBS))


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
            celery.send_task(
                job.task_name,
                job.args,
                job.kwargs,
                retry=False,
                ignore_result=True,
                headers={REQUEST_HEADER: job.request} if job.request else None,
            )
        except Exception as problem:
            logger.warning("task %s could not be sent: %r", job.task_name, problem)


async def serve() -> Relay:
    """Run a relay until SIGTERM or SIGINT."""
    sys.setswitchinterval(SWITCH)
    relay = Relay()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, relay.stop)
    publisher = Publisher("relay", loop)
    publisher.start()
    try:
        await relay.run()
    finally:
        await asyncio.to_thread(publisher.stop)
    return relay
