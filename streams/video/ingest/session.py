"""A browser that films a show: one take after the other, each with a process of its own."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from django.db import Error as DatabaseError

from livestore.base.errors import Refusal
from livestore.base.threads import in_database
from streams.shows.models import Show
from streams.video.ingest import admission
from streams.video.ingest.child import FAILED, Child
from streams.video.models import Source
from streams.video.path.orders import TakeOrder
from streams.video.sources import Standing, standing

logger = logging.getLogger(__name__)

LOOK_EVERY = 1.0
FED_WITHIN = 10.0
"""Seconds that the child may take for one message."""
WEBM = ("video/webm", "video/x-matroska")
"""What MediaRecorder calls its WebM: with H.264 in it Chromium says Matroska."""

Tell = Callable[[dict[str, Any]], Awaitable[None]]


@dataclass(slots=True)
class _Take:
    order: TakeOrder
    child: Child
    tasks: list[asyncio.Task[None]]


class Session:
    """Between one camera socket and its takes. `tell` sends a message to the browser."""

    def __init__(self, slug: str, user: int, tell: Tell) -> None:
        self.slug, self._user, self._tell = slug, user, tell
        self._take: _Take | None = None
        self._ending: set[asyncio.Task[Any]] = set()

    async def begin(self, mime: str, *, take_over: bool) -> None:
        """The browser starts a recording; it is told that all is ready, or why not."""
        await self.end("stopped")
        if mime.partition(";")[0].strip() not in WEBM:
            text = (
                "This browser records in a way that we can not read. Chrome, Edge and Firefox work."
            )
            await self._refuse({"code": "wrong_codec", "message": text, "retry": False})
            return
        try:
            order = await in_database(
                admission.begin, slug=self.slug, user=self._user, take_over=take_over
            )
        except Refusal as refusal:
            await self._refuse(refusal.as_json())
            return
        except DatabaseError:
            await self._refuse(admission.StoreAway().as_json())
            return
        try:
            child = await Child.start(order, "webm")
        except OSError as problem:
            logger.warning("%s: no process for the camera: %s", self.slug, problem)
            await self._close_row(order, "failed")
            await self._refuse(FAILED)
            return
        take = self._take = _Take(order, child, [])
        take.tasks += [
            asyncio.create_task(self._listen(take)),
            asyncio.create_task(self._watch(take)),
        ]
        await self._tell({"type": "ready", "take": order.ordinal})

    async def feed(self, data: bytes) -> None:
        """Bytes of the recording. Waits while the child is slow; without a take they are left out."""
        take = self._take
        if take is None:
            return
        try:
            async with asyncio.timeout(FED_WITHIN):
                await take.child.feed(data)
        except TimeoutError:
            logger.warning("%s: the camera's process takes nothing more", self.slug)
            take.child.kill()
        except OSError:
            pass  # it has ended; `_listen` hears why

    async def end(self, reason: str) -> bool:
        """End the take, if there is one; the row is closed then. Whether there was one."""
        take, self._take = self._take, None
        if take is None:
            return False
        await asyncio.shield(
            self._apart(self._finish(take, reason))
        )  # also when who asked is cancelled
        return True

    async def stopped(self, reason: str) -> None:
        """End the take and tell the browser."""
        if await self.end(reason):
            await self._tell({"type": "stopped", "reason": reason})

    # -- one take ---------------------------------------------------------------------------------

    async def _finish(self, take: _Take, reason: str) -> None:
        await take.child.stop(reason)
        await asyncio.wait(take.tasks, timeout=1)  # its last words
        for task in take.tasks:
            task.cancel()
        await self._close_row(take.order, reason)

    def _apart(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """In a task of its own, that nobody cancels."""
        task = asyncio.create_task(work)
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)
        return task

    async def _close_row(self, order: TakeOrder, reason: str) -> None:
        try:
            await in_database(admission.end, order, reason)
        except (DatabaseError, Refusal):
            logger.warning("%s: take %d is closed later", self.slug, order.ordinal)

    async def _listen(self, take: _Take) -> None:
        """Pass on what the child says, until it has ended."""
        refused = False
        async for note in take.child.notes:
            kind = note.pop("kind")
            if kind == "state" and self._take is take:
                await self._tell({"type": "state", **note})
            elif kind == "refused":
                refused = True
                await self._refuse(note)
            elif kind == "ended" and self._take is take:
                self._apart(self._ended_itself(note["reason"], told=refused))

    async def _ended_itself(self, reason: str, *, told: bool) -> None:
        if await self.end(reason) and not told:
            await self._tell({"type": "stopped", "reason": reason})

    async def _watch(self, take: _Take) -> None:
        """Once a second: may this browser still send, and does the host still want it."""
        while self._take is take:
            await asyncio.sleep(LOOK_EVERY)
            try:
                now = await in_database(standing, self.slug)
            except (DatabaseError, Refusal):
                continue  # the picture goes on while the database is away
            if not now.wants(Source.BROWSER):
                self._apart(self.stopped(why(now)))  # which ends this task too
                return

    async def _refuse(self, refusal: dict[str, Any]) -> None:
        said = {key: refusal[key] for key in ("code", "message", "retry")}
        await self._tell({"type": "refused", **said})

    async def close(self, reason: str) -> None:
        """The socket is gone."""
        with suppress(asyncio.CancelledError):
            await self.end(reason)
        while self._ending:
            await asyncio.wait(self._ending)


def why(now: Standing) -> str:
    """The reason for which a take ends that is not wanted any more."""
    if now.state == Show.State.PAUSED:
        return "paused"
    return "switched" if now.state == Show.State.LIVE else "stopped"
