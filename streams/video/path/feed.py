"""A take on its way: everything a source emits is stored for viewers and recorded, while the lease is held.

A source makes a Feed from its TakeOrder, gives `feed.emit` to its packager, and looks at `feed.displaced` between two
frames. The heartbeat has a thread of its own: it renews the lease, tells the studio, and makes stills. The small
rendition, where there is one, has another.
"""

from __future__ import annotations

import logging
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import redis

from streams.video.path.lease import RENEW_EVERY, Lease
from streams.video.path.orders import TakeOrder
from streams.video.path.parts import Init, Part, Piece
from streams.video.path.recorder import Recorder
from streams.video.path.small import NAME, Small
from streams.video.path.stills import Stills, still_file
from streams.video.path.store import Displaced, Writer

logger = logging.getLogger(__name__)

SOURCE = "source"
"""The rendition that is recorded."""


def connect(url: str) -> redis.Redis:
    """A client that fails at once when Valkey is away, instead of holding up the picture."""
    return redis.Redis.from_url(url, socket_timeout=1.0, socket_connect_timeout=0.5)


class Feed:
    """One take. Thread-safe for one emitting thread per rendition."""

    def __init__(self, order: TakeOrder) -> None:
        self.order = order
        client = connect(order.redis_url)
        self._client = client
        self.lease = Lease(client, order.slug, order.lease)
        self.writer = Writer(client, order.slug, self.lease)
        self.recorder = Recorder(Path(order.folder), order.ordinal, order.budget)
        self._stills = Stills(still_file(Path(order.folder), order.ordinal))
        self._small = Small(self.emit) if order.small else None
        self.displaced = threading.Event()
        self._stop = threading.Event()
        self._heart: threading.Thread | None = None
        self._said: dict[str, Any] = {}
        self._parts = 0
        self._bytes = 0
        self._seconds = 0.0
        self._began = time.monotonic()

    def __enter__(self) -> Self:
        self._heart = threading.Thread(target=self._beat, name="feed-heart", daemon=True)
        self._heart.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._small is not None:
            self._small.close()
        self._stop.set()
        if self._heart is not None:
            self._heart.join()
        self.recorder.close()
        if not self.displaced.is_set():
            try:
                self.lease.leave()
            except redis.RedisError:
                logger.debug("the lease ends by itself")
        self._client.close()

    def emit(self, piece: Piece, rendition: str = SOURCE) -> None:
        """For packagers. What comes after another sender took over is recorded no more and shown to nobody."""
        if self.displaced.is_set():
            return
        try:
            self.writer.write(piece, rendition)
        except Displaced:
            self.displaced.set()
            return
        if rendition != SOURCE:
            return
        self.recorder.write(piece)
        self._stills.see(piece)
        if self._small is not None:
            self._small.take(piece)
        if isinstance(piece, Init):
            self.say(width=piece.width, height=piece.height, codecs=piece.codecs)
        if isinstance(piece, Part):
            self._parts += 1
            self._bytes += len(piece.payload)
            self._seconds += piece.duration

    def say(self, **facts: Any) -> None:
        """Add facts to the state that the studio shows."""
        self._said = {**self._said, **facts}

    def state(self) -> dict[str, Any]:
        return {
            "source": self.order.source,
            "take": self.order.ordinal,
            "parts": self._parts,
            "bytes": self._bytes,
            "seconds": round(self._seconds, 3),
            "lost": self.writer.lost,
            "recording": self.recorder.trouble or "on",
            "renditions": [SOURCE, NAME] if self._small and self._small.running else [SOURCE],
            **self._said,
        }

    def _beat(self) -> None:
        while not self.displaced.is_set():
            try:
                if not self.lease.renew():
                    self.displaced.set()
            except redis.RedisError:
                logger.debug("the lease could not be renewed")  # nobody else can take it now either
            else:
                self.writer.tell(self.state())
                self._show_still()
            if self._stop.wait(RENEW_EVERY):
                break
        if not self.displaced.is_set():
            self._show_still(last=True)

    def _show_still(self, *, last: bool = False) -> None:
        if (still := self._stills.due(last=last)) is not None:
            self.writer.show(still)
