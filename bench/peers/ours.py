"""livestore itself as a contestant: the whole stack, a show on air, guests, and people who chat."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Mapping, Sequence

from bench.crowd import UNSTAMPED, Crowd, Mode
from bench.house import House
from bench.scenario import Say

TALKERS = 60
"""People who chat in turn: one may say one message a second."""
ANSWERED_WITHIN = 20.0


class Ours:
    """Everything that a viewer gets here: login, log, order, resume, budgets. Viewers are guests."""

    about = "the whole platform: viewers may resume, everything told is in a log with a seq, checked on every socket"
    mode: Mode = "livestore"
    protocol = "livestore.v1"
    headers: Sequence[str] = ()
    kind = "chat.message"
    others = TALKERS + 1

    def __init__(
        self,
        *,
        say: Say,
        web: int,
        name: str = "ours",
        most: int = 1_000_000,
        env: Mapping[str, str] | None = None,
    ) -> None:
        self.name, self.most = name, most
        self.house = House(say=say, web=web, people=TALKERS, env=env)
        self.talkers: Crowd | None = None
        self.host: Crowd | None = None
        self.ports: Sequence[int] = ()
        self.path = ""

    async def start(self, viewers: int) -> None:
        await self.house.__aenter__()
        self.ports, self.path = [self.house.port], self.house.path
        sale = self.house.sale
        self.talkers = Crowd(
            port=self.house.port, path=self.path, count=TALKERS, tickets=sale.tickets
        )
        await self.talkers.__aenter__()
        await self.talkers.open()
        text = {"type": "chat.send", "ref": "c", "data": {"text": f"{UNSTAMPED} how lovely"}}
        await self.talkers.load([json.dumps(text)] * TALKERS)
        answer = await asyncio.to_thread(sale.call, "POST", f"/shows/{sale.slug}/ticket", {})
        self.host = Crowd(port=self.house.port, path=self.path, count=1, tickets=[answer["token"]])
        await self.host.__aenter__()
        await self.host.open()
        pins = [{"type": "item.pin", "ref": "p", "data": {"number": n}} for n in (1, 2)]
        await self.host.load([json.dumps(pin) for pin in pins])

    def pids(self) -> list[int]:
        return self.house.web()

    def behind(self) -> list[int]:
        return [pid for pid in self.house.all() if pid not in self.pids()]

    async def publish(self) -> None:
        assert self.talkers is not None
        self.talkers.one()

    async def accepted(self) -> int:
        assert self.talkers is not None
        end = time.monotonic() + ANSWERED_WITHIN
        while True:
            seen = await self.talkers.stats()
            open_still = seen.sent - seen.ok - seen.errors - seen.unanswered
            if not open_still or time.monotonic() > end:
                break
            await asyncio.sleep(0.05)
        self.talkers.reset()
        return seen.ok

    async def pin(self) -> None:
        """The host pins the other of two items, by the socket."""
        assert self.host is not None
        self.host.one()

    async def stop(self) -> None:
        try:
            for crowd in (self.talkers, self.host):
                if crowd is not None:
                    await crowd.stop()
        finally:
            await self.house.stop()
