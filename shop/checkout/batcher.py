"""The batcher: requests of a process become transactions, whatever arrived while the last one ran is the next.

One thread with one connection of its own; a single buyer is a batch of one and waits for nobody. The queue
is bounded: over the bound the answer is `busy` at once, which is kinder than a wait without an end.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from functools import partial

from django.db import DatabaseError, InterfaceError, OperationalError, connection

from livestore.base.errors import Busy
from shop.checkout import figures
from shop.checkout.asking import give_up_own, make_own
from shop.checkout.placement import Placement
from shop.checkout.requests import Outcome, PlaceRequest
from shop.checkout.waiting import Answer, Waiting, answer_all, settle

LARGEST_BATCH = 500
LONGEST_QUEUE = 20_000
LOCK_TIMEOUT_MS = 5_000
SWITCH = 0.0005
"""Seconds after which Python lets another thread go on, instead of 5 ms: the checkout's thread holds the row for which
every other process waits, while a busy event loop does not let go of Python's lock by itself."""
GIVE_UP_AFTER = 30.0  # seconds of a database that is away; the key makes trying again safe

log = logging.getLogger(__name__)


class Batcher:
    """`submit` from anywhere, in any number; `close` answers what is queued and ends the thread."""

    def __init__(
        self,
        placement: Callable[[], Placement] = Placement,
        *,
        largest_batch: int = LARGEST_BATCH,
        longest_queue: int = LONGEST_QUEUE,
        give_up_after: float = GIVE_UP_AFTER,
    ) -> None:
        self._placement = placement
        self._largest_batch = largest_batch
        self._longest_queue = longest_queue
        self._give_up_after = give_up_after
        self._queue: deque[Waiting] = deque()
        self._something = threading.Condition()
        self._closing = False
        self._connected = False
        self._thread = threading.Thread(target=self._run, name="checkout", daemon=True)
        self._thread.start()

    def __len__(self) -> int:
        """How many wait for the next batch."""
        return len(self._queue)

    def submit(self, request: PlaceRequest) -> Future[Outcome]:
        """The outcome will come: Placed after COMMIT, or a Refusal. A defect of ours comes as an exception."""
        future: Future[Outcome] = Future()
        if not self._put(Waiting(request, partial(settle, future))):
            future.set_result(Busy())
        return future

    def ask(self, request: PlaceRequest, answered: Callable[[Answer], None]) -> None:
        """From an event loop, which calls `answered` some time after this call: no future and no task."""
        loop = asyncio.get_running_loop()
        if not self._put(Waiting(request, answered, loop)):
            loop.call_soon(answered, Busy())

    def place(self, request: PlaceRequest) -> Outcome:
        """Wait for the outcome on this thread."""
        return self.submit(request).result()

    async def place_async(self, request: PlaceRequest) -> Outcome:
        """Wait for the outcome without a thread. Giving up waiting does not take the request back."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Outcome] = loop.create_future()
        if not self._put(Waiting(request, partial(settle, future), loop)):
            return Busy()
        return await future

    def close(self) -> None:
        """Take nothing more, answer what is queued, end the thread and its connection."""
        with self._something:
            self._closing = True
            self._something.notify()
        self._thread.join()

    def _put(self, waiting: Waiting) -> bool:
        with self._something:
            if self._closing or len(self._queue) >= self._longest_queue:
                return False
            self._queue.append(waiting)
            self._something.notify()
            return True

    def _run(self) -> None:
        try:
            while batch := self._next():
                began = time.perf_counter()
                try:
                    answers = self._place([waiting.request for waiting in batch])
                except (
                    BaseException
                ) as defect:  # nobody may wait for ever because of a defect of ours
                    log.exception("a batch of %d orders failed", len(batch))
                    answers = [defect] * len(batch)
                answer_all(zip(batch, answers, strict=True))
                figures.batch_done(batch, answers, began)
        finally:
            give_up_own()

    def _next(self) -> list[Waiting]:
        """What has arrived, at most one batch; empty when closing and nothing is left."""
        with self._something:
            while not self._queue and not self._closing:
                self._something.wait()
            return [
                self._queue.popleft() for _ in range(min(len(self._queue), self._largest_batch))
            ]

    def _place(self, requests: Sequence[PlaceRequest]) -> Sequence[Answer]:
        """Place a batch; a database that is away or a deadlock means the same batch again."""
        deadline = time.monotonic() + self._give_up_after
        pause = 0.02
        while True:
            try:
                self._connect()
                return self._placement().place_many(requests)
            except (OperationalError, InterfaceError) as trouble:
                # Also when the connection broke after COMMIT: UNIQUE (user, key) turns those into replays.
                self._disconnect()
                over = time.monotonic() + pause > deadline or (self._closing and pause > 0.5)
                if over or _lock_is_kept(trouble):
                    log.error("checkout gave up on %d orders: %s", len(requests), trouble)
                    return [Busy() for _ in requests]
                figures.retries.add()
                log.warning("checkout tries again in %.2f s: %s", pause, trouble)
                time.sleep(pause)
                pause = min(pause * 2, 1.0)
            except DatabaseError:
                self._disconnect()  # a kept plan may be the trouble, after a migration
                if len(requests) == 1:
                    raise
                # One of them holds something that PostgreSQL refuses: the others do not pay for it.
                log.exception("a batch of %d orders was refused by the database", len(requests))
                return [self._place_alone(request) for request in requests]

    def _place_alone(self, request: PlaceRequest) -> Answer:
        try:
            return self._place([request])[0]
        except Exception as defect:
            return defect

    def _connect(self) -> None:
        if not self._connected or connection.connection is None:
            # A forgotten lock elsewhere answers `busy` here, it does not stop the shop.
            make_own(LOCK_TIMEOUT_MS)
            self._connected = True

    def _disconnect(self) -> None:
        self._connected = False
        give_up_own()


def _lock_is_kept(trouble: Exception) -> bool:
    return getattr(trouble.__cause__, "sqlstate", None) == "55P03"


_own: Batcher | None = None
_own_pid = 0
_own_lock = threading.Lock()


def _waiting_here() -> int:
    return len(_own) if _own is not None else 0


figures.watch_queue(_waiting_here)


def process_batcher() -> Batcher:
    """The one batcher of this process, started by the first order (and again after a fork)."""
    global _own, _own_pid
    own = _own
    if own is not None and _own_pid == os.getpid():
        return own
    with _own_lock:
        if _own is None or _own_pid != os.getpid():
            sys.setswitchinterval(min(sys.getswitchinterval(), SWITCH))
            _own, _own_pid = Batcher(), os.getpid()
        return _own


def close_process_batcher() -> None:
    """Answer what is queued and stop; the next order starts a new one."""
    global _own
    with _own_lock:
        if _own is not None and _own_pid == os.getpid():
            _own.close()
        _own = None


def place(request: PlaceRequest) -> Outcome:
    """Place one order through this process's batcher, waiting on this thread."""
    return process_batcher().place(request)


async def place_async(request: PlaceRequest) -> Outcome:
    """Place one order through this process's batcher, without a thread."""
    return await process_batcher().place_async(request)
