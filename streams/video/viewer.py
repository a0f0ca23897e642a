"""One socket that watches: a cursor into the window, and nothing else that grows.

What a viewer does not take stays in the window, which is the same for all. Whoever falls behind by more than BEHIND
goes on at the newest keyframe; whoever does not catch up at all is sent away, to try it by HLS.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from streams.room.encoding import Frame, now_ms
from streams.room.limits import Bucket
from streams.room.outlets import Outlet
from streams.room.protocol import CloseCode, Closing
from streams.video import figures
from streams.video.path.parts import Init, Part
from streams.video.window import Kept, Window

if TYPE_CHECKING:
    from streams.video.scene import Scene

BEHIND: Final = 1.5
"""Seconds of media that may be unsent, and that a viewer may be late before it jumps."""
LEAST: Final = 64 * 1024
"""Bytes that may be unsent however little a second of media has."""
TOO_SLOW_AFTER: Final = 12.0
"""Seconds without room for a single part: the kernel has not taken BEHIND seconds of media in all that time."""
WORDS: Final = (20, 2.0)
"""Messages of one viewer: so many at once, then so many a second."""


class Viewer:
    """Listener of a line, or of an ASGI socket. Created when it may watch; `begin` once it has an outlet."""

    __slots__ = (
        "__weakref__",
        "_bucket",
        "_cursor",
        "_early",
        "_full_since",
        "_next",
        "_take",
        "closed",
        "outlet",
        "scene",
        "user",
        "window",
    )

    def __init__(self) -> None:
        self.scene: Scene | None = None
        self.outlet: Outlet | None = None
        self.window: Window | None = None
        self.user: int | None = None
        self.closed = False
        self._cursor = 0
        """Number of the newest piece that was written."""
        self._take = 0
        """Whose Init was written last; 0 when there has to be one before the next part."""
        self._next: Window | None = None
        """Where it goes on at the next keyframe."""
        self._full_since: float | None = None
        self._bucket: Bucket | None = None
        self._early: list[str | bytes] = []
        """What came before it was known who this is."""

    # -- what the scene does ----------------------------------------------------------------------

    def begin(self, scene: Scene, outlet: Outlet, window: Window, text: Frame, now: float) -> None:
        """The state first, then the newest keyframe and what has come since."""
        self.scene, self.outlet, self.window = scene, outlet, window
        outlet.write(text)
        self._cursor = window.number
        self._jump()
        self.pump(now)
        early, self._early = self._early, []
        for payload in early:
            self.received(payload)

    def tell(self, text: Frame) -> None:
        if self.outlet is not None and not self.closed:
            self.outlet.write(text)

    def turn_to(self, window: Window) -> None:
        """Another rendition, from its next keyframe on."""
        self._next = window if window is not self.window else None

    def pump(self, now: float) -> None:
        """Write what this viewer has room for. `now` is the loop's clock."""
        window, outlet = self.window, self.outlet
        if self.closed or window is None or outlet is None:
            return
        if self._next is not None:
            window = self._turn(window, self._next)
        if self._cursor >= window.number:
            return
        most = max(LEAST, BEHIND * window.rate)
        if outlet.unsent() > most:
            self._wait(now)
            return
        self._full_since = None
        ahead = window.after(self._cursor)
        if sum(kept.seconds for kept in ahead) > BEHIND or ahead[0].number > self._cursor + 1:
            self._jump()
            ahead = window.after(self._cursor)
        for kept in ahead:
            if outlet.unsent() > most:
                return
            self._write(window, outlet, kept)

    def _turn(self, window: Window, other: Window) -> Window:
        """The other window, if it has a keyframe that is newer than what this viewer has."""
        key = other.newest_key()
        last, first = window.newest, key.piece if key is not None else None
        if key is None or not isinstance(first, Part):
            return window
        if last is not None and (first.take, first.start) < (last.take, last.start):
            return window
        self.window, self._next = other, None
        self._cursor, self._take = key.number - 1, 0
        return other

    def _jump(self) -> None:
        """Go on at the newest keyframe, if it is ahead of what was written (or it is the beginning)."""
        assert self.window is not None
        key = self.window.newest_key()
        if key is not None and (key.number > self._cursor + 1 or self._take == 0):
            figures.jumps.add(self._take != 0)
            self._cursor = key.number - 1

    def _write(self, window: Window, outlet: Outlet, kept: Kept) -> None:
        piece = kept.piece
        self._cursor = kept.number
        if isinstance(piece, Init):
            self._take = piece.take
        elif piece.take != self._take:
            init = window.init_of(piece.take)
            if init is None or not (isinstance(piece, Part) and piece.independent):
                return
            self._take = piece.take
            outlet.write(init.frame)
        outlet.write(kept.frame)
        figures.written.add(len(kept.frame.wire))

    def _wait(self, now: float) -> None:
        if self._full_since is None:
            self._full_since = now
        elif now - self._full_since > TOO_SLOW_AFTER:
            self.close(Closing(CloseCode.TOO_SLOW))

    def close(self, closing: Closing) -> None:
        """Once; whatever comes later is dropped."""
        if self.closed:
            return
        self._leave()
        if self.outlet is not None:
            self.outlet.close(closing)

    def _leave(self) -> None:
        self.closed = True
        if self.scene is not None:
            self.scene.leave(self)

    # -- what the socket does ---------------------------------------------------------------------

    def received(self, payload: str | bytes) -> None:
        """A message of the client; all of them may be left out."""
        if self.closed:
            return
        if self.scene is None:
            self._early = [*self._early, payload][: WORDS[0]]
            return
        if self._bucket is None:
            self._bucket = Bucket(*WORDS)
        if self._bucket.take():
            self.close(Closing(CloseCode.TOO_FAST))
            return
        try:
            said: Any = json.loads(payload)
            kind = said["type"]
            if kind == "ping":
                self._pong(said.get("t"))
            elif kind == "rendition":
                self.scene.turn(self, str(said["name"]))
            else:
                raise ValueError(kind)
        except (ValueError, KeyError, TypeError, AttributeError):
            self.close(Closing(CloseCode.BAD_FRAMES))

    def _pong(self, said: object) -> None:
        """For the client's clock: its own time comes back with ours."""
        known = said if isinstance(said, int | float) else None
        answer = {"type": "pong", "t": known, "now": now_ms()}
        self.tell(Frame(json.dumps(answer, allow_nan=False).encode()))

    def gone(self) -> None:
        """The socket has ended."""
        if not self.closed:
            self._leave()
