"""Hearts and claps of one room in one process: counted here, told at most four times a second."""

from __future__ import annotations

import asyncio
from collections import Counter

from livestore.base.tracing import task_for_all
from streams.room import log, valkey
from streams.room.encoding import now_ms
from streams.room.patience import end

EVERY = 0.25


class Reactions:
    def __init__(self, slug: str) -> None:
        self.slug = slug
        self._counts: Counter[str] = Counter()
        self._task: asyncio.Task[None] | None = None

    def add(self, kind: str, count: int) -> None:
        self._counts[kind] += count
        if self._task is None:
            self._task = task_for_all(self._run())

    async def _run(self) -> None:
        while self._counts:
            await self._flush()
            await asyncio.sleep(EVERY)
        self._task = None

    async def _flush(self) -> None:
        counts, self._counts = self._counts, Counter()
        try:
            await log.react(self.slug, counts, now_ms())
        except valkey.Trouble:
            self._counts += counts  # they are told when Valkey is back

    async def stop(self) -> None:
        await end(self._task)
        self._task = None
        if self._counts:
            await self._flush()
