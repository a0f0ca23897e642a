"""One simulated viewer: arrives, reads, reacts, chats, asks for numbers, fills a cart, buys."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from rehearsal.doors import Api, Event, Refused, Room
from rehearsal.sentences import Sentences, Subject

log = logging.getLogger(__name__)
Act = Callable[[], Awaitable[None]]


@dataclass(frozen=True)
class Temper:
    """How lively viewers are: mean seconds between the acts of one person. A rehearsal with thirty
    people is livelier than thirty people of a crowd of thousands, or there would be nothing to practise on.
    """

    chat: float = 150.0
    react: float = 40.0
    request: float = 420.0
    consider: float = 16.0  # from a pin to a decision
    buys: float = 0.10  # chance that a pin ends in a purchase
    deal_buys: float = 0.30
    carts: float = 0.08


@dataclass
class Viewer:
    """One ticket, one socket, one temper."""

    api: Api
    room: Room
    words: Sentences
    random: random.Random
    temper: Temper
    _acts: set[asyncio.Task[None]] = field(default_factory=set)

    async def attend(self, seconds: float) -> None:
        """Be there for `seconds`, then leave."""
        self.room.on_event = self._notice
        socket = asyncio.create_task(self.room.stay())
        try:
            async with asyncio.timeout(seconds):
                await self.room.ready.wait()
                if self.random.random() < 0.5:
                    await asyncio.sleep(self.random.uniform(1, 6))
                    await self._say("greet")
                await asyncio.gather(
                    self._every(self.temper.chat, lambda: self._say("chat")),
                    self._every(self.temper.react, self._react),
                    self._every(self.temper.request, self._ask),
                )
        except TimeoutError:
            pass
        finally:
            for act in self._acts:
                act.cancel()
            await self.room.leave()
            socket.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await socket

    async def _every(self, mean: float, act: Act) -> None:
        """Do something at exponential intervals (a person does not keep time)."""
        while True:
            await asyncio.sleep(self.random.expovariate(1 / mean))
            if self.room.ready.is_set() and self.room.show.get("state") == "live":
                await self._try(act())

    def _notice(self, event: Event) -> None:
        """Something happened on air: perhaps it is worth a decision."""
        kind = event["type"]
        if kind == "item.pinned":
            fate = self.random.random()
            if fate < self.temper.buys:
                self._later(self.temper.consider, lambda: self._buy(None))
            elif fate < self.temper.buys + self.temper.carts:
                self._later(self.temper.consider, self._cart)
        elif kind == "deal.started" and self.random.random() < self.temper.deal_buys:
            variant = event["data"]["deal"]["variant"]
            self._later(self.temper.consider / 4, lambda: self._buy(variant))

    def _later(self, mean: float, act: Act) -> None:
        async def wait() -> None:
            await asyncio.sleep(self.random.expovariate(1 / mean) + 1)
            await self._try(act())

        task = asyncio.create_task(wait())
        self._acts.add(task)
        task.add_done_callback(self._acts.discard)

    async def _try(self, act: Awaitable[None]) -> None:
        """Refusals and cuts are part of life; they are written down and the person goes on."""
        try:
            await act
        except Refused as refused:
            log.debug("refused: %s", refused)
        except (OSError, TimeoutError):
            await asyncio.sleep(1)

    def _subject(self) -> Subject | None:
        if self.room.pinned is None:
            return None
        left = sum(self.room.left.get(v["id"], v["left"]) for v in self.room.pinned["variants"])
        return Subject.of(self.room.pinned, left)

    async def _say(self, mood: str) -> None:
        line = self.words.viewer(self._subject(), mood)
        if line:
            await self.room.command("chat.send", {"text": line})

    async def _react(self) -> None:
        kind = self.random.choices(("heart", "clap", "fire", "wow"), (8, 2, 2, 1))[0]
        await self.room.command("react", {"kind": kind, "count": self.random.randint(1, 6)})

    async def _ask(self) -> None:
        waiting = [
            item for item in self.room.items if item["state"] in {"next", "waiting", "shown"}
        ]
        if not waiting:
            return
        item = self.random.choice(waiting)
        if self.random.random() < 0.5:
            await self.room.command("item.request", {"number": item["number"]})
            return
        subject = Subject.of(item | {"variants": []}, item["left"])
        line = self.words.viewer(subject, "request")
        if line:
            await self.room.command("chat.send", {"text": line})

    def _choose(self, variant: int | None) -> dict[str, Any] | None:
        """The wanted variant of what is on air, or any that can still be bought."""
        for_sale = [
            each
            for each in (self.room.pinned or {}).get("variants", [])
            if self.room.left.get(each["id"], 0) > 0 and variant in {None, each["id"]}
        ]
        return self.random.choice(for_sale) if for_sale else None

    async def _buy(self, wanted: int | None) -> None:
        variant = self._choose(wanted)
        if variant is None:
            return
        await self.room.keyed(
            "buy",
            {
                "variant": variant["id"],
                "quantity": 1,
                "seen_price": self.room.price_of(variant),
            },
        )
        if self.random.random() < 0.5:
            await asyncio.sleep(self.random.uniform(2, 5))
            await self._say("bought")

    async def _cart(self) -> None:
        """Into the cart first; most carts are bought a little later over HTTP, some are left behind."""
        variant = self._choose(None)
        if variant is None:
            return
        await self.room.keyed("cart.add", {"variant": variant["id"], "quantity": 1})
        await asyncio.sleep(self.random.expovariate(1 / 20))
        if self.random.random() < 0.3:
            return
        cart = await self.api.call("GET", "/cart")
        lines = [
            {
                "variant": line["variant"],
                "quantity": line["quantity"],
                "seen_price": line["unit"]["minor"],
            }
            for line in cart["lines"]
        ]
        if lines:
            await self.api.call(
                "POST",
                "/orders",
                {"lines": lines, "channel": self.room.slug},
                key=str(uuid.uuid4()),
            )
