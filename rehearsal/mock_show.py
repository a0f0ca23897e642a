"""The mock show: one simulated host and a room full of simulated viewers, through the public doors only."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import random
from collections.abc import Callable
from dataclasses import dataclass, field

import aiohttp

from rehearsal.doors import Api, Gone, Refused, Room, http_session
from rehearsal.host import Host, Pace
from rehearsal.sentences import Sentences
from rehearsal.viewer import Temper, Viewer

log = logging.getLogger(__name__)

# Session length of live viewers: log-normal, median 188 s, mean about 10 min
# (Veloso et al., requests to a live reality show).
SESSION_MU, SESSION_SIGMA = 5.236, 1.544
AGAIN_AFTER = 2.0
"""Seconds until a show that has ended, or was broken off, is followed by another one."""


@dataclass
class MockShow:
    """`tickets(slug, count)` returns that many tickets of simulated people for the show."""

    origin: str
    host_token: str
    tickets: Callable[[str, int], list[str]]
    viewers: int = 30
    show: str = "evening-edit"
    seed: int = 7
    pace: Pace = field(default_factory=Pace)
    temper: Temper = field(default_factory=Temper)

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        self.words = Sentences(self.seed)
        self.live = asyncio.Event()

    async def run(self) -> None:
        """Until cancelled, show after show."""
        async with http_session() as http:
            while True:
                try:
                    await self._one_show(http)
                except Refused as refused:
                    if not refused.retry:
                        raise
                    log.info("the platform is busy, trying again: %s", refused)
                except (aiohttp.ClientError, OSError) as problem:
                    log.info("the platform can not be reached, trying again: %s", problem)
                await asyncio.sleep(AGAIN_AFTER)

    async def _one_show(self, http: aiohttp.ClientSession) -> None:
        api = Api(http, self.origin, self.host_token)
        host = Host(api, self.words, random.Random(self.seed + 1), self.pace)
        slug = await host.find_or_plan(self.show)
        pass_ = await api.call("POST", f"/shows/{slug}/ticket")
        room = Room(http, self.origin, slug, pass_["token"])
        tokens = await asyncio.to_thread(self.tickets, slug, max(1, self.viewers * 2))
        log.info("the show %s begins with %d simulated viewers", slug, self.viewers)
        socket = asyncio.create_task(self._hold(room, api))
        crowd = asyncio.create_task(self._crowd(http, slug, tokens))
        try:
            await host.run(room)
        finally:
            await room.leave()
            for task in (socket, crowd):
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task

    async def _hold(self, room: Room, api: Api) -> None:
        """Keep the host in the room; a ticket that has run out is renewed over HTTP."""
        while True:
            try:
                await room.stay()
                return
            except Gone as gone:
                log.info("the host was shown out (%s) and asks for a new ticket", gone)
                await asyncio.sleep(1)
                room.ticket = (await api.call("POST", f"/shows/{room.slug}/ticket"))["token"]
                room._stay = True

    async def _crowd(self, http: aiohttp.ClientSession, slug: str, tokens: list[str]) -> None:
        """Keep about `viewers` people in the room: they come one by one, stay a while, others follow."""
        if not self.viewers:
            return
        outside = list(tokens)
        inside: set[asyncio.Task[None]] = set()
        while True:
            while len(inside) < self.viewers and outside:
                token = outside.pop(0)
                inside.add(asyncio.create_task(self._visit(http, slug, token, outside)))
                await asyncio.sleep(self.random.expovariate(self.viewers / 20))
            done, inside = await asyncio.wait(inside, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                if (problem := task.exception()) is not None:
                    log.info("a viewer left in trouble: %r", problem)
            await asyncio.sleep(self.random.expovariate(1 / 4))

    async def _visit(
        self, http: aiohttp.ClientSession, slug: str, token: str, outside: list[str]
    ) -> None:
        seed = self.random.randrange(1 << 30)
        viewer = Viewer(
            Api(http, self.origin, f"ticket.{token}"),
            Room(http, self.origin, slug, token),
            self.words,
            random.Random(seed),
            self.temper,
        )
        length = math.exp(self.random.gauss(SESSION_MU, SESSION_SIGMA))
        try:
            await viewer.attend(min(max(length, 30.0), 3600.0))
        finally:
            outside.append(token)
