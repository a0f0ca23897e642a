"""One sender with a right key: what it sends becomes takes while its show is on air, and is dropped otherwise.

The connection stays through breaks, other sources and killed children; a take begins with a keyframe, for which the
decoder's configuration is kept. Everything here runs in one task, the making of a take in another.
"""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import suppress

import redis
from django.db import Error as DatabaseError

from livestore.base.errors import NotAllowed, Refusal
from livestore.base.threads import in_database
from streams.shows.models import Show
from streams.video.ingest.child import Child
from streams.video.models import Source
from streams.video.path.orders import TakeOrder
from streams.video.rtmp import admission, flv, telling
from streams.video.rtmp.chunks import AUDIO, VIDEO, Message

logger = logging.getLogger(__name__)

AGAIN_AFTER = 3.0
"""Seconds between a take that failed and the next one."""
NO_PICTURE_AFTER = 5.0
FED_WITHIN = 5.0
"""Seconds in which a child takes what it is given; one that does not has stopped working."""


class KeyGone(NotAllowed):
    code = "key_revoked"
    message = "This stream key was revoked. Copy the new one from the studio."


class _Take:
    """A take under way. `base` is the sender's time of its first picture, None before it."""

    def __init__(self, order: TakeOrder, child: Child) -> None:
        self.order, self.child = order, child
        self.base: int | None = None
        self.sound = False
        self.refused = ""
        self.again = True
        """Whether what was refused may be tried anew, as another take."""
        self.notes = asyncio.create_task(self._listen())
        """Ends when the child does."""

    async def _listen(self) -> None:
        async for note in self.child.notes:
            if note["kind"] == "refused":
                self.refused, self.again = note["message"], note["retry"]


class Sender:
    """From `publish` to the end of the connection."""

    def __init__(self, slug: str, digest: str) -> None:
        self.slug = slug
        self._digest = digest
        self._configs: dict[int, Message] = {}
        self._take: _Take | None = None
        self._making: asyncio.Task[None] | None = None
        self._not_before = 0.0
        self._seen = time.monotonic()
        self._waits_for = "Waiting for the show to go live."
        self.set_aside = False
        """Whether another source was chosen while this sender was connected."""

    async def open(self) -> None:
        """The first look; when the show is on air, a child is ready before the sender is told to begin."""
        await self.look()
        if self._making is not None:
            await asyncio.wait([self._making])

    async def look(self) -> None:
        """Once a second: begin or end the take as the show wants it, and tell the studio.

        Raises KeyGone, ShowOver, and Refusal with what the child said.
        """
        try:
            now = await in_database(admission.standing, self.slug)
        except (DatabaseError, Refusal):
            return  # the picture goes on while the database is away
        if now.key_digest != self._digest:
            await self._end("stopped")
            raise KeyGone
        await self._mind_child()
        self.set_aside = now.source not in ("", Source.RTMP)
        if now.wanted:
            if self._take is None and self._making is None and time.monotonic() > self._not_before:
                self._making = asyncio.create_task(self._make())
        else:
            await self._wait(now)
        await self._tell()

    async def message(self, message: Message) -> None:
        """A picture, sound, or a configuration. Raises WrongCodec."""
        if flv.is_config(message):
            await self._configured(message)
        if message.kind == VIDEO:
            self._seen = time.monotonic()
        take = self._take
        if take is None or VIDEO not in self._configs:
            return
        if take.base is None:
            if not flv.is_keyframe(message) or flv.is_config(message):
                return
            take.base, take.sound = message.timestamp, AUDIO in self._configs
            start = flv.stream_header(audio=take.sound) + b"".join(
                flv.tag(each.kind, 0, each.payload) for each in self._configs.values()
            )
            await self._feed(take, start)
        if message.kind == VIDEO or take.sound:
            await self._feed(take, flv.tag_of(message, take.base))

    async def close(self, reason: str, *, refused: bool) -> None:
        """The sender has left: `reason` "stopped", or "lost" when it did not say so. What it was refused for stays
        to be read."""
        if self._making is not None:
            await asyncio.wait([self._making])
        await self._end(reason)
        if refused:
            return
        with suppress(redis.RedisError, Refusal):
            await in_database(admission.forget, self.slug)

    # -- takes ------------------------------------------------------------------------------------

    async def _configured(self, message: Message) -> None:
        """Another configuration in the middle of a take is another take: a take has one codec and one size."""
        before = self._configs.get(message.kind)
        if before is not None and before.payload == message.payload:
            return
        self._configs[message.kind] = message
        if self._take is not None and self._take.base is not None:
            await self._end("switched")
            self._making = self._making or asyncio.create_task(self._make())

    async def _make(self) -> None:
        try:
            order = await in_database(admission.begin, self.slug)
            child = await Child.start(order, "flv")
        except (Refusal, redis.RedisError, DatabaseError, OSError) as problem:
            self._waits_for = getattr(problem, "message", "Waiting for the house to be ready.")
            self._not_before = time.monotonic()
        except Exception:
            logger.exception("%s: no take could be begun", self.slug)
            self._waits_for = "Something went wrong on our side. Trying again."
            self._not_before = time.monotonic() + AGAIN_AFTER
        else:
            self._take = _Take(order, child)
        finally:
            self._making = None

    async def _mind_child(self) -> None:
        take = self._take
        if take is None or not take.notes.done():
            return
        await self._fail()
        self._waits_for = take.refused or self._waits_for
        if take.refused and not take.again:
            raise Refusal(take.refused, code="wrong_stream")

    async def _wait(self, now: admission.Standing) -> None:
        """Not on air: why, in words."""
        if now.state == Show.State.ENDED:
            await self._end("stopped")
            raise admission.ShowOver
        if now.state == Show.State.PAUSED:
            reason, self._waits_for = "paused", "The show is in a break."
        elif now.state == Show.State.LIVE:
            reason, self._waits_for = "switched", "Another source is on air. Choose OBS to be seen."
        else:
            reason, self._waits_for = "stopped", "Waiting for the show to go live."
        await self._end(reason)

    async def _end(self, reason: str) -> None:
        take, self._take = self._take, None
        if take is None:
            return
        await take.child.stop(reason)
        take.notes.cancel()
        with suppress(asyncio.CancelledError):
            await take.notes
        try:
            await in_database(admission.end, take.order, reason)
        except (DatabaseError, Refusal):
            logger.warning("%s: take %d is closed later", self.slug, take.order.ordinal)

    async def _feed(self, take: _Take, data: bytes) -> None:
        try:
            async with asyncio.timeout(FED_WITHIN):
                await take.child.feed(data)
        except (TimeoutError, OSError) as problem:
            logger.warning("%s: the child takes nothing more: %r", self.slug, problem)
            await self._fail()

    async def _fail(self) -> None:
        await self._end("failed")
        self._not_before = time.monotonic() + AGAIN_AFTER
        self._waits_for = "The picture broke off on our side. It starts again by itself."

    async def _tell(self) -> None:
        state: telling.State = "waiting"
        message = self._waits_for
        if self._take is not None:
            state, message = "sending", "On air."
            if self._take.base is None:
                state, message = "waiting", "Waiting for the next keyframe."
        if self._take is not None and time.monotonic() - self._seen > NO_PICTURE_AFTER:
            state, message = "waiting", "Connected, but no picture comes."
        with suppress(redis.RedisError, Refusal):
            await in_database(admission.tell, self.slug, state, message)
