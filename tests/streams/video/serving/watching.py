"""Both ends of the way to a viewer: a source that sends piece by piece, and a socket that watches."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from django.conf import settings

from streams.video.path.feed import connect
from streams.video.path.parts import Init, Part, Piece, decode
from streams.video.path.store import Writer, init_key, stream_key
from tests.streams.room.visitor import Closed
from tests.streams.video.filming import film


class Sender:
    """A source of made-up pieces that comes and goes as a test likes; their bytes are noise unless told."""

    def __init__(self, slug: str) -> None:
        self.slug = slug
        self.client = connect(settings.VIDEO_REDIS_URL)
        self.writer = Writer(self.client, slug)
        # Another run may have filmed a show of that name a moment ago.
        for name in ("source", "360p"):
            self.client.delete(stream_key(slug, name), init_key(slug, name))

    def send(self, pieces: Iterable[Piece], rendition: str = "source") -> None:
        for piece in pieces:
            self.writer.write(piece, rendition)

    def close(self) -> None:
        self.client.close()


def now_ms() -> int:
    return round(time.time() * 1000)


def init(
    take: int = 1, msn: int = 100, *, rendition: str = "source", at: int | None = None
) -> Init:
    return Init(
        take=take,
        rendition=rendition,
        codecs="avc1.42c01f,mp4a.40.2",
        width=160,
        height=90,
        msn=msn,
        part=0.25,
        segment=4.0,
        at=now_ms() if at is None else at,
        source="simulated",
        payload=b"ftyp-and-moov-%d-%s" % (take, rendition.encode()),
    )


def parts(
    beginning: Init, segments: int, *, first: int = 0, size: int = 100, at: int | None = None
) -> list[Part]:
    """Whole segments of four parts, from the take's segment `first` on."""
    began = beginning.at if at is None else at
    return [
        Part(
            take=beginning.take,
            msn=beginning.msn + segment,
            index=index,
            start=segment + index / 4,
            duration=0.25,
            at=began + segment * 1000 + index * 250,
            independent=index == 0,
            payload=b"%d.%d." % (beginning.msn + segment, index) + bytes(size),
        )
        for segment in range(first, first + segments)
        for index in range(4)
    ]


def real(seconds: float, **more: Any) -> list[Piece]:
    """A film whose beginning is now, so that it is live."""
    return film(seconds, at=now_ms() - round(seconds * 1000), **more)


@dataclass
class Watcher:
    """Remembers everything it was told, in order."""

    socket: aiohttp.ClientWebSocketResponse
    pieces: list[Piece] = field(default_factory=list)
    states: list[dict[str, Any]] = field(default_factory=list)
    answers: list[dict[str, Any]] = field(default_factory=list)

    async def hear(self, seconds: float = 8.0) -> None:
        """The next message. Raises Closed, TimeoutError."""
        message = await self.socket.receive(timeout=seconds)
        if message.type is aiohttp.WSMsgType.BINARY:
            self.pieces.append(decode(message.data))
        elif message.type is aiohttp.WSMsgType.TEXT:
            said = json.loads(message.data)
            (self.states if said["type"] == "video.state" else self.answers).append(said)
        elif message.type is aiohttp.WSMsgType.CLOSE:
            raise Closed(message.data, message.extra or "")
        else:
            raise Closed(self.socket.close_code or 1006, "")

    async def has(self, count: int) -> list[Piece]:
        """So many pieces."""
        while len(self.pieces) < count:
            await self.hear()
        return self.pieces

    async def state(self, wanted: str) -> dict[str, Any]:
        """The next state of that name, or the newest one that is it already."""
        while not self.states or self.states[-1]["state"] != wanted:
            await self.hear()
        return self.states[-1]

    async def answer(self) -> dict[str, Any]:
        while not self.answers:
            await self.hear()
        return self.answers.pop(0)

    async def closing(self) -> Closed:
        try:
            while True:
                await self.hear()
        except Closed as closed:
            return closed


def places(pieces: Iterable[Piece]) -> list[str]:
    """What came, in short: "init 1", "100.0", "end"."""
    return [
        f"init {each.take}"
        if isinstance(each, Init)
        else f"{each.msn}.{each.index}"
        if isinstance(each, Part)
        else each.kind
        for each in pieces
    ]
