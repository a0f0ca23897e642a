"""What has to happen to sockets after a while: pings, and the end of those that do not answer.

One look every quarter of a second for all of a process. Pings are spread evenly: a burst every 20 seconds
held up 19,000 viewers for as long as 19,000 writes take.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from streams.room.line import Line

LOOK = 0.25
PING_EVERY, PING_AT_LEAST_EVERY = 25.0, 75.0
"""Seconds between two pings of one socket: usually, and with very many. A proxy must wait longer than that."""
PINGS_A_SECOND = 100
"""As many as cost a quarter of a percent of a core; with more sockets each of them is pinged less often.

A peer that is dead meanwhile is found by TCP itself (keepalive and TCP_USER_TIMEOUT, see livestore/handshake.py).
"""
PONG_WITHIN = 30.0
CLOSE_WITHIN = 5.0
"""Seconds for the client to answer our goodbye, or to read what is before it."""

OPEN, CLOSING, ANSWERED, GONE = range(4)
"""A line's state: open; our goodbye is on its way; both said it, ours is still being written; over."""


class Sweep:
    """Due times in order: every queue here is first in, first out."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._round: deque[Line] = deque()
        self._pinged: deque[tuple[float, Line]] = deque()
        self._closing: deque[tuple[float, Line]] = deque()
        self._share = 0.0
        self._looked = 0.0

    def add(self, line: Line) -> None:
        self._round.append(line)
        if self._timer is None:
            self._looked = self._loop.time()
            self._timer = self._loop.call_later(LOOK, self._look)

    def closing(self, line: Line) -> None:
        self._closing.append((self._loop.time() + CLOSE_WITHIN, line))

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._round.clear()
        self._pinged.clear()
        self._closing.clear()

    def _look(self) -> None:
        self._timer = None
        self.look(self._loop.time())
        if self._round or self._closing or self._pinged:
            self._timer = self._loop.call_later(LOOK, self._look)

    def look(self, now: float) -> None:
        """Ping the share that is due at `now` (the loop's clock), end who did not answer in time."""
        while self._closing and self._closing[0][0] <= now:
            _, line = self._closing.popleft()
            line.end(abort=line.unsent() > 0)
        while self._pinged and self._pinged[0][0] <= now - PONG_WITHIN:
            when, line = self._pinged.popleft()
            if line.pinged == when:
                line.end(abort=True)
        size = len(self._round)
        every = min(PING_AT_LEAST_EVERY, max(PING_EVERY, size / PINGS_A_SECOND))
        self._share += min(1.0, (now - self._looked) / every) * size
        self._looked = now
        due, self._share = int(self._share), self._share % 1.0
        for _ in range(min(due, size)):
            line = self._round.popleft()
            if line.state == GONE:
                continue
            if line.state == OPEN and not line.pinged:
                line.ping(now)
                self._pinged.append((now, line))
            self._round.append(line)
