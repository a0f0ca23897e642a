"""When a room is told: at once, with the next tick, or when a value has been held back long enough.

Everything that is heard waits here until it is told in one frame. Chat, requests and purchases can wait for a
tick; what the host does, deals and "nothing left" can not, and take along all that waits. A tick is nothing in a
small room, and about eight times what a round of telling costs in a large one, so that chat never takes more than a
ninth of this process, and several processes on the same cores leave each other room.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from streams.room.log import Latest
from streams.room.resume import Line
from streams.room.telling import Laps, Loop

PATIENT = tuple(
    b'{"type":"%b"' % name
    for name in (b"chat.message", b"item.requested", b"order.placed", b"orders.placed")
)
"""How the events of the log begin that can wait for a tick. Whatever is new or rare does not wait."""
SMALL = 200
"""Sockets that are told within a few milliseconds: no tick."""
SHARE = 8.0
"""A tick is this many times what telling everybody costs."""
LONGEST = 0.5
"""Seconds. Later than this people notice that an answer took its time."""
BIG = 5_000
HOLD_BACK, HOLD_BACK_BIG = 0.25, 1.0
"""Seconds between two values of the same LATEST key, below and over BIG sockets."""
SLOW = {"room.counts": 5.0}
"""Seconds for values that change all the time and that nobody waits for, over BIG sockets."""

Tell = Callable[[list[Line], list[bytes]], None]


class Ticks:
    """`tell(lines, values)` is called with what has gathered; `laps` know how many are told and what that costs."""

    def __init__(self, loop: Loop, tell: Tell, laps: Laps) -> None:
        self._loop = loop
        self._tell = tell
        self._laps = laps
        self._lines: list[Line] = []
        self._values: dict[str, bytes] = {}
        self._urgent = False
        self._told_at: dict[str, float] = {}
        self._late: dict[str, bytes] = {}
        self._flushed_at = float("-inf")
        self._planned: Any = None
        self._planned_at = 0.0

    @property
    def waiting(self) -> int:
        """Events of the log that wait to be told."""
        return len(self._lines)

    @property
    def tick(self) -> float:
        """Seconds between two frames of what can wait."""
        size = len(self._laps.connections)
        return 0.0 if size < SMALL else min(LONGEST, SHARE * size * self._laps.cost)

    # -- what is heard ----------------------------------------------------------------------------

    def event(self, seq: int, text: bytes) -> None:
        """The next event of the log. Told after `plan`."""
        self._lines.append((seq, text))
        if not text.startswith(PATIENT):
            self._urgent = True

    def value(self, name: str, value: Latest) -> None:
        """A newer value of a LATEST key. Told after `plan`, or when it was held back long enough."""
        now = self._loop.time()
        wait = self._told_at.get(name, float("-inf")) + self._hold_back(name) - now
        if value.urgent or wait <= 0:
            self._urgent = self._urgent or value.urgent
            self._late.pop(name, None)
            self._due(name, value.text, now)
        else:
            if name not in self._late:
                self._loop.call_later(wait, self._no_longer, name)
            self._late[name] = value.text

    def _hold_back(self, name: str) -> float:
        if len(self._laps.connections) <= BIG:
            return HOLD_BACK
        return SLOW.get(name, HOLD_BACK_BIG)

    def _due(self, name: str, text: bytes, now: float) -> None:
        self._told_at[name] = now
        self._values[name] = text

    def _no_longer(self, name: str) -> None:
        text = self._late.pop(name, None)
        if text is not None:
            self._due(name, text, self._loop.time())
            self.plan()

    # -- when it is told --------------------------------------------------------------------------

    def plan(self) -> None:
        """Tell what has gathered: what matters now, the rest in this turn of the loop or when the tick is over."""
        if self._urgent:
            self.flush()  # a turn of the loop is a whole chunk of sockets while a lap runs
            return
        if not (self._lines or self._values):
            return
        now = self._loop.time()
        at = max(now, self._flushed_at + self.tick)
        if self._planned is not None:
            if self._planned_at <= at:
                return
            self._planned.cancel()
        self._planned_at = at
        self._planned = (
            self._loop.call_later(at - now, self.flush)
            if at > now
            else self._loop.call_soon(self.flush)
        )

    def flush(self) -> None:
        """Tell what has gathered, now."""
        if self._planned is not None:
            self._planned.cancel()
            self._planned = None
        if not (self._lines or self._values):
            return
        lines, values = self._lines, list(self._values.values())
        self._lines, self._values, self._urgent = [], {}, False
        self._flushed_at = self._loop.time()
        self._tell(lines, values)

    def clear(self) -> None:
        """Forget everything: a new epoch is told from its beginning."""
        self._lines, self._values, self._urgent = [], {}, False
        self._late.clear()
