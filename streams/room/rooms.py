"""All rooms of this process: one subscription for them, and a hub for each that somebody is in."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from contextlib import suppress
from typing import Any
from weakref import WeakKeyDictionary

from livestore.base.tracing import task_for_all
from streams.room import log, valkey
from streams.room.arrivals import Arrivals
from streams.room.direct import Direct
from streams.room.hub import Hub
from streams.room.mine import Mine
from streams.room.patience import end
from streams.room.protocol import CloseCode, Closing

logger = logging.getLogger(__name__)

LINGER = 30.0
"""Seconds a hub is kept after its last socket left: reloads and reconnects find it warm."""
OPEN_WITHIN = 15.0
DRAIN_STEPS = 50
SOON = 2_000
EACH = 0.35
"""Milliseconds of delay for each socket that is sent away: 10,000 are back within 5 s (1 s of sending away and
3.5 s of delays), some 2,900 a second, which is what a process lets in while it serves the others."""
KEEP_OPEN = "rooms:open"
"""A channel without news, so that the subscription exists before the first room does."""


class Rooms:
    """Use `rooms()`: there is one for each event loop, which is one for each process."""

    def __init__(self) -> None:
        self.hubs: dict[str, Hub] = {}
        self.direct = Direct()
        self.arrivals = Arrivals()
        self.mine = Mine()
        self.draining = False
        self._opening: dict[str, asyncio.Task[Hub]] = {}
        self._confirmed: dict[str, asyncio.Event] = {}
        self._pubsub: Any = None
        self._connected = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    def _start(self) -> None:
        if not self._tasks:
            self._tasks = [
                task_for_all(self._listen()),
                task_for_all(self._sweep()),
            ]
            self.direct.start()

    async def enter(self, slug: str) -> Hub:
        """The open hub of a room; the first caller opens it, the others wait for the same opening.

        Raises NotFound, `valkey.Trouble`, a database error, or TimeoutError after 15 s.
        """
        self._start()
        found = self.hubs.get(slug)
        if found is not None and found.epoch:
            return found
        task = self._opening.get(slug)
        if task is None:
            task = self._opening[slug] = task_for_all(self._open(slug))
            task.add_done_callback(lambda _: self._opening.pop(slug, None))
        return await asyncio.wait_for(asyncio.shield(task), OPEN_WITHIN)

    async def _open(self, slug: str) -> Hub:
        hub = Hub(slug, self.mine)
        confirmed = self._confirmed[slug] = asyncio.Event()
        self.hubs[slug] = hub
        try:
            async with asyncio.timeout(OPEN_WITHIN):
                await self._connected.wait()
                await self._pubsub.subscribe(log.news(slug))
                await confirmed.wait()  # from here on nothing published can be missed
                await hub.open()
        except BaseException:
            self.hubs.pop(slug, None)
            self._confirmed.pop(slug, None)
            with suppress(*valkey.Trouble):
                await self._pubsub.unsubscribe(log.news(slug))
            raise
        return hub

    async def _listen(self) -> None:
        """Hear what is published for our rooms; connect again by ourselves, for as long as it takes."""
        wait, troubled = 0.1, False
        while True:
            client = valkey.subscriber()
            try:
                self._pubsub = client.pubsub()
                await self._pubsub.subscribe(KEEP_OPEN, *map(log.news, self.hubs))
                self._connected.set()
                if troubled:
                    logger.info("rooms: Valkey is back")
                wait, troubled = 0.1, False
                for hub in list(self.hubs.values()):
                    if hub.epoch:
                        hub.mend()  # whatever was published meanwhile is in the log
                slugs = {log.news(slug).encode(): slug for slug in self.hubs}
                async for message in self._pubsub.listen():
                    name = message["channel"]
                    slug = slugs.get(name)
                    if slug is None:
                        slugs = {log.news(each).encode(): each for each in self.hubs}
                        slug = slugs.get(name)
                    if slug is None:
                        continue
                    if message["type"] == "message":
                        if slug in self.hubs:
                            self.hubs[slug].hear(message["data"])
                    elif message["type"] == "subscribe" and slug in self._confirmed:
                        self._confirmed[slug].set()
            except valkey.Trouble as problem:
                if not troubled:
                    logger.warning("rooms: Valkey is away: %s", problem)
                troubled = True
            finally:
                self._connected.clear()
                with suppress(*valkey.Trouble):
                    await self._pubsub.aclose()
                    await client.aclose()
            await asyncio.sleep(wait * random.uniform(0.7, 1.3))
            wait = min(1.0, wait * 1.6)

    async def _sweep(self) -> None:
        """Close hubs that nobody has been in for a while."""
        while True:
            await asyncio.sleep(LINGER / 3)
            for slug, hub in list(self.hubs.items()):
                idle = time.monotonic() - hub.empty_since
                alone = not hub.connections and not hub.followers
                if hub.epoch and alone and idle > LINGER:
                    await self._close(slug)

    async def _close(self, slug: str) -> None:
        hub = self.hubs.pop(slug)
        self._confirmed.pop(slug, None)
        with suppress(*valkey.Trouble):
            await self._pubsub.unsubscribe(log.news(slug))
        await hub.stop()

    async def drain(self, seconds: float = 1.0) -> None:
        """Send everybody away with 4410 and a delay of their own, spread over `seconds` or a little more."""
        self.draining = True
        everybody = [each for hub in self.hubs.values() for each in hub.connections]
        random.shuffle(everybody)
        count = len(everybody)
        step = count // DRAIN_STEPS + 1
        began = time.monotonic()
        for start in range(0, count, step):
            for connection in everybody[start : start + step]:
                connection.close(restarting(count))
            ahead = began + seconds * (start + step) / count - time.monotonic()
            if start + step < count:
                await asyncio.sleep(max(0.0, ahead))

    async def stop(self) -> None:
        """Forget all rooms; the sockets are not closed."""
        tasks, self._tasks = self._tasks, []
        await end(*tasks, *self._opening.values())
        for slug in list(self.hubs):
            hub = self.hubs.pop(slug)
            await hub.stop()
        await self.direct.stop()
        await self.arrivals.stop()
        await self.mine.stop()
        await valkey.close()


def restarting(sockets: int = 0) -> Closing:
    """Come back soon, but not all in the same moment: the more are sent away, the wider they spread."""
    latest = max(SOON, sockets * EACH)
    return Closing(CloseCode.RESTARTING, retry_after_ms=random.randint(100, int(latest)))


_of_loops: WeakKeyDictionary[asyncio.AbstractEventLoop, Rooms] = WeakKeyDictionary()


def rooms() -> Rooms:
    """The rooms of the running event loop."""
    loop = asyncio.get_running_loop()
    found = _of_loops.get(loop)
    if found is None:
        found = _of_loops[loop] = Rooms()
    return found
