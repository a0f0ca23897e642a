"""The windows of this process and their readers: one for each rendition of a show that somebody watches."""

from __future__ import annotations

import asyncio
import logging
import random
from contextlib import suppress
from typing import Any
from weakref import WeakKeyDictionary

from django.conf import settings
from redis.asyncio import Redis as AsyncRedis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from livestore.base.tracing import task_for_all
from streams.room import valkey
from streams.room.patience import end
from streams.video.path.store import FIELD, init_key, stream_key
from streams.video.window import Window

logger = logging.getLogger(__name__)

RENDITIONS = ("source", "360p")
LINGER = 30.0
"""Seconds a window is kept after its last use: reloads and reconnects find it warm."""
BLOCK = 1000
"""Milliseconds that a reader waits for news; then it looks whether the source is still there."""
AT_ONCE = 16
"""Entries that are read before the event loop does something else."""
LONGEST_WAIT = 1.0
"""Seconds between two tries while Valkey is away."""


class Reader:
    """Follows one stream into its window until it is stopped, over every restart of Valkey."""

    def __init__(self, window: Window) -> None:
        self.window = window
        self._stream = stream_key(window.slug, window.rendition).encode()
        self._init = init_key(window.slug, window.rendition)
        self._last = b"0-0"
        self.task = task_for_all(self._run())

    async def _run(self) -> None:
        wait, troubled = 0.1, False
        while True:
            client = AsyncRedis.from_url(
                settings.VIDEO_REDIS_URL,
                socket_timeout=BLOCK / 1000 + 2,
                socket_connect_timeout=2,
                retry=Retry(NoBackoff(), 0),
                single_connection_client=True,
            )
            try:
                await self._begin(client)
                if troubled:
                    logger.info("the part store is back")
                wait, troubled = 0.1, False
                while True:
                    await self._read(client, BLOCK)
                    self.window.look()
            except valkey.Trouble as problem:
                if not troubled:
                    logger.warning("the part store is away: %r", problem)
                troubled = True
            finally:
                with suppress(*valkey.Trouble):
                    await client.aclose()
            self.window.look()
            await asyncio.sleep(wait * random.uniform(0.7, 1.3))
            wait = min(LONGEST_WAIT, wait * 1.6)

    async def _begin(self, client: AsyncRedis) -> None:
        """Read what there is. A store that began anew may be empty, and count from an earlier time than the old one."""
        newest: Any = await client.xrevrange(self._stream, count=1)
        if not newest or _number(newest[0][0]) < _number(self._last):
            self._last = b"0-0"
        await self._learn_init(client)
        while await self._read(client, None):
            pass
        if not self.window.loaded.is_set():
            self.window.settle()

    async def _learn_init(self, client: AsyncRedis) -> None:
        """A long take's Init has left the stream."""
        data: Any = await client.get(self._init)
        if data is not None and (not self.window.ring or self.window.missing):
            self.window.take(data)

    async def _read(self, client: AsyncRedis, block: int | None) -> bool:
        answer: Any = await client.xread({self._stream: self._last}, count=AT_ONCE, block=block)
        # A list of pairs by RESP2, a mapping by RESP3.
        pairs = answer.items() if isinstance(answer, dict) else answer or ()
        entries = [entry for _, found in pairs for entry in found]
        for number, fields in entries:
            self._last = number
            if (data := fields.get(FIELD)) is None:
                continue
            self.window.take(data)
            if self.window.missing:
                await self._learn_init(client)
                self.window.missing = False
                self.window.take(data)
        return bool(entries)


class Windows:
    """Use `windows()`: there is one for each event loop, which is one for each process."""

    def __init__(self) -> None:
        self._readers: dict[tuple[str, str], Reader] = {}
        self._sweeping: asyncio.Task[None] | None = None

    def window(self, slug: str, rendition: str) -> Window:
        """The window, whose reader runs from now on; see `Window.loaded`. To be asked for again while it is used."""
        if self._sweeping is None:
            self._sweeping = task_for_all(self._sweep())
        loop = asyncio.get_running_loop()
        reader = self._readers.get((slug, rendition))
        if reader is None:
            reader = self._readers[slug, rendition] = Reader(Window(slug, rendition, loop.time))
        reader.window.used = loop.time()
        return reader.window

    def __len__(self) -> int:
        return len(self._readers)

    @property
    def bytes(self) -> int:
        """Of what is kept for all viewers."""
        return sum(reader.window.bytes for reader in self._readers.values())

    def __contains__(self, window: Window) -> bool:
        reader = self._readers.get((window.slug, window.rendition))
        return reader is not None and reader.window is window

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(LINGER / 6)
            await self.sweep(asyncio.get_running_loop().time())

    async def sweep(self, now: float) -> None:
        """Stop the readers of what nobody has used for a while."""
        for name, reader in list(self._readers.items()):
            window = reader.window
            if window.listeners or window.waiting:
                window.used = now
            elif now - window.used > LINGER:
                del self._readers[name]
                await end(reader.task)

    async def stop(self) -> None:
        sweeping, self._sweeping = self._sweeping, None
        readers, self._readers = self._readers, {}
        await end(sweeping, *(reader.task for reader in readers.values()))


def _number(entry: bytes) -> tuple[int, int]:
    milliseconds, _, count = entry.partition(b"-")
    return int(milliseconds), int(count)


_of_loops: WeakKeyDictionary[asyncio.AbstractEventLoop, Windows] = WeakKeyDictionary()


def windows() -> Windows:
    """The windows of the running event loop."""
    loop = asyncio.get_running_loop()
    found = _of_loops.get(loop)
    if found is None:
        found = _of_loops[loop] = Windows()
    return found
