"""Who sends an order: many are looked up together, and remembered for a moment."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence

from accounts.tickets.auth import Caller
from accounts.tickets.identify import Credentials, Identity, identify_many
from livestore.base.errors import Busy
from livestore.base.threads import DatabaseThreads
from livestore.base.tracing import task_for_all

REMEMBERED = 1.0
"""Seconds of one generation; what is known is forgotten after one to two of them, so at most 2 s later."""
MOST_REMEMBERED = 50_000
MOST_TOGETHER = 500
MOST_WAITING = 20_000

Identify = Callable[[Sequence[Credentials]], list[Identity]]


class Callers:
    """For one event loop. Whoever asks while a lookup runs is part of the next one; nobody waits for a timer."""

    def __init__(self, identify: Identify = identify_many) -> None:
        self._identify = identify
        self._thread = DatabaseThreads(size=1, longest_queue=2)
        self._waiting: list[tuple[Credentials, asyncio.Future[Identity]]] = []
        self._looking: asyncio.Task[None] | None = None
        self._young: dict[Credentials, Caller] = {}
        self._old: dict[Credentials, Caller] = {}
        self._turn = 0.0

    def remembered(self, shown: Credentials) -> Caller | None:
        """Somebody who was known a moment ago."""
        now = time.monotonic()
        if now >= self._turn:
            on_time = now < self._turn + REMEMBERED
            self._old = self._young if on_time else {}
            self._young = {}
            self._turn = (self._turn if on_time else now) + REMEMBERED
        return self._young.get(shown) or self._old.get(shown)

    async def ask(self, shown: Credentials) -> Identity:
        """Look somebody up. Raises Busy when too many wait, and what the database raises."""
        if len(self._waiting) >= MOST_WAITING:
            raise Busy
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Identity] = loop.create_future()
        self._waiting.append((shown, answer))
        if self._looking is None:
            self._looking = task_for_all(self._look())
        return await answer

    async def _look(self) -> None:
        try:
            while self._waiting:
                asked = self._waiting[:MOST_TOGETHER]
                del self._waiting[:MOST_TOGETHER]
                await self._look_up(asked)
        finally:
            self._looking = None

    async def _look_up(self, asked: list[tuple[Credentials, asyncio.Future[Identity]]]) -> None:
        shown = list(dict.fromkeys(each for each, _ in asked))
        try:
            work = self._thread.submit(lambda: self._identify(shown))
            identities = await asyncio.wrap_future(work)
            found = dict(zip(shown, identities, strict=True))
        except Exception as problem:
            for _, answer in asked:
                if not answer.done():
                    answer.set_exception(problem)
            return
        if len(self._young) < MOST_REMEMBERED:
            self._young.update((k, v) for k, v in found.items() if isinstance(v, Caller))
        for each, answer in asked:
            if not answer.done():
                answer.set_result(found[each])

    def stop(self) -> None:
        """End the thread and its connection."""
        self._thread.stop()
