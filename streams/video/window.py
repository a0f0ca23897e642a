"""The last seconds of one rendition of a show, as a web process holds them for all of its viewers.

A ring of pieces in the order of the store, each with the bytes of the frame that carries it to sockets. What can not
be decoded without something that is missing never gets in: after a hole the ring goes on with the next keyframe.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from streams.room.encoding import BinaryFrame, now_ms
from streams.video.path.parts import Init, Part, Piece, Place, decode

RING_SECONDS = 40.0
"""Of media. A playlist lists the newest 12 to 16 of them, and what has left it can still be had for as long as it
was long (RFC 8216bis, 6.2.2)."""
RING_BYTES = 48 * 1024 * 1024
"""Of one rendition of one show, at most; each part counts twice, as it is and as a frame."""
LOST_AFTER = 3.0
"""Seconds without a part after which the source is gone, also when it has not said goodbye."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A piece in the ring. `number` counts the pieces of this window in this process, from 1."""

    number: int
    piece: Piece
    frame: BinaryFrame

    @property
    def size(self) -> int:
        return len(self.frame.wire) + len(self.piece.payload)

    @property
    def seconds(self) -> float:
        return self.piece.duration if isinstance(self.piece, Part) else 0.0


class Window:
    """Fed by its reader (windows.py). `waiting` is said by the silence, so somebody has to `look`."""

    def __init__(self, slug: str, rendition: str, clock: Callable[[], float]) -> None:
        self.slug, self.rendition = slug, rendition
        self.ring: deque[Kept] = deque()
        self.number = 0
        """Of the newest piece."""
        self.init: Init | None = None
        """Of the newest take."""
        self.loaded = asyncio.Event()
        """What the store had at the beginning has been read."""
        self.used = clock()
        self.listeners: set[Callable[[], None]] = set()
        """Called when there are new pieces, or when the source has come or gone."""
        self.live = False
        self.reason = ""
        """Why there is no picture, when there is none: that of the End, or "lost"; "" before the first take."""
        self.over = False
        """The take of the newest part has ended, or another one has begun."""
        self.missing = False
        """A part came whose Init this process does not have."""
        self._clock = clock
        self._heard = float("-inf")
        self._inits: dict[int, Kept] = {}
        self._newest: Place | None = None
        self._seconds = 0.0
        self.bytes = 0
        self._waiters: set[asyncio.Future[None]] = set()

    # -- in ---------------------------------------------------------------------------------------

    def take(self, data: bytes) -> None:
        """An entry of the store. What is known already, or broken, changes nothing."""
        try:
            piece = decode(data)
        except ValueError:
            return
        if isinstance(piece, Init):
            if self.init is None or piece.take > self.init.take:
                self.init, self.missing, self.reason = piece, False, ""
                self.over = self._newest is not None
                self._inits[piece.take] = self._keep(piece, data)
        elif isinstance(piece, Part):
            self._take_part(piece, data)
        elif self.init is not None and piece.take == self.init.take and not self.over:
            self.over, self.reason = True, piece.reason
            self._keep(piece, data)

    def _take_part(self, part: Part, data: bytes) -> None:
        if self.init is None or part.take > self.init.take:
            self.missing = True
        if self.init is None or part.take != self.init.take:
            return
        place = Place.of(part)
        if self._newest is not None and place <= self._newest:
            return
        if not part.independent and not self._follows(place):
            return
        self._newest = place
        self._seconds += part.duration
        self._heard, self.over, self.reason = self._clock(), False, ""
        self._keep(part, data)

    def _follows(self, place: Place) -> bool:
        """Whether nothing is missing between the newest part and this one."""
        last = self._newest
        return last is not None and place in (
            Place(last.msn, last.index + 1),
            Place(last.msn + 1, 0),
        )

    def _keep(self, piece: Piece, data: bytes) -> Kept:
        self.number += 1
        kept = Kept(self.number, piece, BinaryFrame(data))
        self.ring.append(kept)
        self.bytes += kept.size
        while len(self.ring) > 1 and (self._seconds > RING_SECONDS or self.bytes > RING_BYTES):
            oldest = self.ring.popleft()
            self._seconds -= oldest.seconds
            self.bytes -= oldest.size
        first = self.ring[0].piece.take
        for take in [each for each in self._inits if each < first]:
            del self._inits[take]
        return kept

    def settle(self) -> None:
        """The beginning has been read. A source that was gone by then is not live for its parts being new here."""
        last = self.newest
        if last is not None:
            age = (now_ms() - last.at) / 1000 - last.duration
            self._heard = self._clock() - max(0.0, age)
        self.loaded.set()
        self.look()

    def look(self) -> None:
        """Tell whoever listens and wake whoever waits; find out whether the source is still there."""
        silent = self._clock() - self._heard > LOST_AFTER
        self.live = self.init is not None and not self.reason and not silent
        if self._newest is not None and silent and not self.reason:
            self.reason = "lost"
        for listener in list(self.listeners):
            listener()
        waiters, self._waiters = self._waiters, set()
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(None)

    # -- out --------------------------------------------------------------------------------------

    @property
    def place(self) -> Place | None:
        """Of the newest part."""
        return self._newest

    @property
    def newest(self) -> Part | None:
        return next(
            (each.piece for each in reversed(self.ring) if isinstance(each.piece, Part)), None
        )

    @property
    def rate(self) -> float:
        """Bytes a second on the way to one viewer."""
        return self.bytes / 2 / max(self._seconds, 1.0)

    def parts(self) -> Iterator[Part]:
        return (each.piece for each in self.ring if isinstance(each.piece, Part))

    def init_of(self, take: int) -> Kept | None:
        """The beginning of a take that has something in the ring."""
        return self._inits.get(take)

    def newest_key(self) -> Kept | None:
        """Where somebody begins who comes now."""
        for kept in reversed(self.ring):
            if isinstance(kept.piece, Part) and kept.piece.independent:
                return kept
        return None

    def after(self, number: int) -> list[Kept]:
        """What is in the ring after this number, in order."""
        missing = self.number - number
        if missing <= 0:
            return []
        if missing >= len(self.ring):
            return list(self.ring)
        found: list[Kept] = []
        for kept in reversed(self.ring):
            if kept.number <= number:
                break
            found.append(kept)
        found.reverse()
        return found

    async def until(self, ready: Callable[[], bool], seconds: float) -> bool:
        """Wait until `ready`, asked at every change, or until the time is over. Whether it is ready."""
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        while not ready():
            if loop.time() >= end:
                return False
            news: asyncio.Future[None] = loop.create_future()
            self._waiters.add(news)
            try:
                async with asyncio.timeout_at(end):
                    await news
            except TimeoutError:
                return ready()
            finally:
                self._waiters.discard(news)
        return True

    @property
    def waiting(self) -> int:
        return len(self._waiters)
