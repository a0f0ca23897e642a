"""An event loop's clock that is turned by hand, and sockets that only write down what they are given."""

from __future__ import annotations

import heapq
import itertools
import json
import struct
from collections.abc import Callable
from typing import Any

from streams.room.connection import Connection
from streams.room.encoding import Frame
from streams.room.person import Person, Role
from streams.room.protocol import Closing


class Handle:
    def __init__(self, act: Callable[[], object]) -> None:
        self.act: Callable[[], object] | None = act

    def cancel(self) -> None:
        self.act = None


class Clockwork:
    """`turn` runs what is ready, once; `advance` lets time pass. Nothing happens by itself."""

    def __init__(self) -> None:
        self.now = 1_000.0
        self.ready: list[Handle] = []
        self._later: list[tuple[float, int, Handle]] = []
        self._numbers = itertools.count()

    def time(self) -> float:
        return self.now

    def call_soon(self, callback: Callable[..., object], *args: Any) -> Handle:
        handle = Handle(lambda: callback(*args))
        self.ready.append(handle)
        return handle

    def call_later(self, delay: float, callback: Callable[..., object], *args: Any) -> Handle:
        handle = Handle(lambda: callback(*args))
        heapq.heappush(self._later, (self.now + delay, next(self._numbers), handle))
        return handle

    def turn(self) -> None:
        ready, self.ready = self.ready, []
        for handle in ready:
            if handle.act is not None:
                handle.act()

    def settle(self) -> None:
        """Turn until nothing is ready."""
        while self.ready:
            self.turn()

    def advance(self, seconds: float) -> None:
        """Everything that comes due happens at its own time."""
        self.settle()
        end = self.now + seconds
        while self._later and self._later[0][0] <= end:
            self.now, _, handle = heapq.heappop(self._later)
            self.ready.append(handle)
            self.settle()
        self.now = end


def payloads(data: bytes) -> list[bytes]:
    """The payloads of a server's whole frames."""
    found, place = [], 0
    while place < len(data):
        size, place = data[place + 1], place + 2
        if size == 126:
            size, place = struct.unpack_from("!H", data, place)[0], place + 2
        elif size == 127:
            size, place = struct.unpack_from("!Q", data, place)[0], place + 8
        found.append(data[place : place + size])
        place += size
    return found


class Ear:
    """An outlet. `writes` are the payloads of each write; with `joins` several may come in one."""

    def __init__(self, *, joins: bool = True) -> None:
        self.joins = joins
        self.writes: list[list[bytes]] = []
        self.held = 0
        self.closing: Closing | None = None
        self.broken = False

    def write(self, frame: Frame) -> None:
        self.send_bytes(frame.wire)

    def send_bytes(self, data: bytes) -> None:
        assert self.closing is None, "nothing is written after the goodbye"
        if self.broken:
            raise RuntimeError("this socket is broken")
        self.writes.append(payloads(data))

    def unsent(self) -> int:
        return self.held

    def close(self, closing: Closing) -> None:
        self.closing = closing

    @property
    def heard(self) -> list[bytes]:
        return [payload for write in self.writes for payload in write]

    @property
    def frames(self) -> list[dict[str, Any]]:
        return [json.loads(payload) for payload in self.heard]


def listener(
    ear: Ear,
    *,
    user: int | None = None,
    name: str = "",
    role: Role = "viewer",
    group: int = 0,
) -> Connection:
    """Somebody with this ear; a guest without `user`."""
    person = Person(user, name, role) if user is not None else None
    connection = Connection(ear, "evening-edit", person, f"u{user}" if user else "g")
    connection.group = group
    return connection
