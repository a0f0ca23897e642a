"""The simulated host: plans a show from the catalogue if there is none, and runs it round after round."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import logging
import random
import uuid
from dataclasses import dataclass
from textwrap import shorten
from typing import Any

from rehearsal.doors import Api, Refused, Room
from rehearsal.sentences import Sentences, Subject, spoken_price

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Pace:
    """Seconds of a show; tests use a fast one."""

    item: float = 55.0
    line: float = 7.0
    deal: int = 25
    items_a_round: int = 12


@dataclass
class Host:
    """Runs one show through its public doors: HTTP to plan, the room's socket to sell."""

    api: Api
    words: Sentences
    random: random.Random
    pace: Pace
    _without_deal: int = 0

    async def find_or_plan(self, wanted: str) -> str:
        """The slug of an open or scheduled show of this host: `wanted` when it is there, else a new one."""
        try:
            show = await self.api.call("GET", f"/shows/{wanted}")
            if show["state"] != "ended":
                return wanted
        except Refused as refused:
            if refused.code not in {"not_found", "no_such_show"}:
                raise
        today = dt.datetime.now(dt.UTC).strftime("%A")
        show = await self.api.call(
            "POST",
            "/shows",
            {
                "title": f"The {today} table",
                "description": "A mock sale: a simulated host walks through the catalogue. Join in.",
                "currency": await self._currency(),
            },
            key=str(uuid.uuid4()),
        )
        slug = str(show["slug"])
        await self.plan_round(slug)
        return slug

    async def _currency(self) -> str:
        found = await self.api.call("GET", "/products?limit=1")
        variants = found["items"][0]["variants"] if found["items"] else []
        return str(variants[0]["price"]["currency"]) if variants else "EUR"

    async def plan_round(self, slug: str) -> int:
        """Put fresh products with stock on the table; returns how many there are."""
        found = await self.api.call("GET", "/products?limit=100")
        stocked = [
            product
            for product in found["items"]
            if any(variant["left"] > 3 for variant in product["variants"])
            and all(variant["price"]["minor"] > 0 for variant in product["variants"])
        ]
        self.random.shuffle(stocked)
        chosen = stocked[: self.pace.items_a_round]
        items = []
        for number, product in enumerate(chosen, start=1):
            cheapest = min(variant["price"]["minor"] for variant in product["variants"])
            line: dict[str, Any] = {"number": number, "product": product["id"]}
            if self.random.random() < 0.5:
                line["show_price"] = max(1, cheapest * 90 // 100)
            items.append(line)
        if items:
            await self.api.call("PUT", f"/shows/{slug}/items", items)
        return len(items)

    async def run(self, room: Room) -> None:
        """Go live and sell, until cancelled. Every command may be refused; the show goes on."""
        await room.ready.wait()
        await self._choose_camera(room.slug)
        state = room.show["state"]
        if state in {"draft", "scheduled"}:
            await self._do(room, "show.start")
        elif state == "paused":
            await self._do(room, "show.resume")
        async with asyncio.timeout(30):  # the room hears of it by the same event as everybody
            while room.show.get("state") != "live":
                await asyncio.sleep(0.05)
        await self._say(room, self.words.host(None, "welcome"), typed=True)
        while room.show.get("state") != "ended":
            shown = 0
            for number in [item["number"] for item in room.items]:
                if await self._present(room, await self._asked_for(room) or number):
                    shown += 1
            if not shown and not await self.plan_round(room.slug):
                log.info("nothing is left to sell: the show ends")
                await self._do(room, "show.end")
                return
            if shown:
                await self.plan_round(room.slug)
                await self._say(room, self.words.host(None, "welcome"), typed=True)
            await asyncio.sleep(self.pace.line)

    async def _choose_camera(self, slug: str) -> None:
        """The simulated camera films, unless somebody has chosen another one."""
        try:
            picture = await self.api.call("GET", f"/shows/{slug}/picture")
            if not picture["source"]:
                await self.api.call(
                    "POST", f"/shows/{slug}/picture/source", {"source": "simulated"}
                )
        except Refused as refused:
            log.info("the show has no picture: %s", refused)

    async def _asked_for(self, room: Room) -> int | None:
        """The number most asked for, when several want it."""
        on_air = (room.pinned or {}).get("number")
        wishes = [(n, number) for number, n in room.requests.items() if number != on_air]
        count, number = max(wishes, default=(0, 0))
        if count < 3:
            return None
        line = self.words.host(None, "answer", next=number, name="everyone")
        await self._say(room, line, typed=True)
        return number

    async def _present(self, room: Room, number: int) -> bool:
        """One item: pin, talk, perhaps a deal, close. False when it could not be pinned."""
        try:
            await room.command("item.pin", {"number": number})
            async with asyncio.timeout(10):  # or the host would still talk about the one before
                while (room.pinned or {}).get("number") != number:
                    await asyncio.sleep(0.05)
        except (Refused, OSError, TimeoutError) as problem:
            log.info("number %s was not pinned: %s", number, problem)
            await asyncio.sleep(min(1.0, self.pace.line))
            return False
        clock = asyncio.get_running_loop().time
        until = clock() + self.pace.item * self.random.uniform(0.8, 1.2)
        # Now and then, and at the latest with every second item: who visits for two minutes sees one.
        deal_due = None
        if self.random.random() < 0.45 or self._without_deal:
            deal_due = clock() + self.pace.item * 0.35
        self._without_deal = 0 if deal_due else self._without_deal + 1
        moments = ["open", "fact", "fact", "price", "fact", "fact", "fact"]
        while clock() < until:
            subject = self.subject(room)
            if subject is not None:
                await self._say(
                    room, self.words.host(subject, moments.pop(0) if moments else "fact")
                )
            await asyncio.sleep(self.pace.line * self.random.uniform(0.7, 1.3))
            if deal_due is not None and clock() >= deal_due:
                deal_due = None
                await self._deal(room)
        subject = self.subject(room)
        if subject is not None:
            await self._say(room, self.words.host(subject, "close"))
        return True

    async def _deal(self, room: Room) -> None:
        """A flash deal on the best stocked variant of what is on air."""
        item = room.pinned
        if item is None:
            return
        stocked = [v for v in item["variants"] if room.left.get(v["id"], 0) >= 5 and not v["deal"]]
        if not stocked:
            return
        variant = max(stocked, key=lambda each: room.left[each["id"]])
        price = max(1, variant["price"]["minor"] * self.random.choice((70, 75, 80)) // 100)
        units = min(self.random.choice((5, 8, 10)), room.left[variant["id"]] - 1)
        done = await self._do(
            room,
            "deal.start",
            {
                "variant": variant["id"],
                "price": price,
                "units": units,
                "per_buyer": 2,
                "seconds": self.pace.deal,
            },
        )
        subject = self.subject(room)
        if done and subject is not None:
            spoken = spoken_price({"minor": price, "currency": variant["price"]["currency"]})
            line = self.words.host(subject, "deal", units=units, deal_price=spoken)
            await self._say(room, line, typed=True)

    def subject(self, room: Room) -> Subject | None:
        if room.pinned is None:
            return None
        left = sum(room.left.get(v["id"], v["left"]) for v in room.pinned["variants"])
        return Subject.of(room.pinned, left)

    async def _say(self, room: Room, line: str | None, *, typed: bool = False) -> None:
        """Speak: the words are seen over the picture. What has to stay is typed into the chat as well."""
        if not line:
            return
        await self._do(room, "caption.say", {"text": shorten(line, 200, placeholder=" …")})
        if typed:
            await self._do(room, "chat.send", {"text": line})

    async def _do(self, room: Room, kind: str, data: dict[str, Any] | None = None) -> bool:
        try:
            await room.command(kind, data)
        except Refused as refused:
            log.info("%s was refused: %s", kind, refused)
            return False
        except (OSError, TimeoutError):
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(room.ready.wait(), 20)
            return False
        return True
