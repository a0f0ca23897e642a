"""A pin in the middle of a lap of chat, on real sockets and on both ways: once, in order, also behind half a frame."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
import pytest_asyncio

from streams.room.connection import Connection
from streams.room.encoding import Frame
from streams.room.line import Lines, Taken
from streams.room.outlets import AsgiOutlet
from streams.room.telling import Edition, Laps, for_all
from tests.streams.room.clockwork import payloads

PADDING = b" " * 40_000
"""So long that a client who does not read has half a frame in the kernel and the rest with us."""
SIZE, SLOW = 14, (1, 4, 9)


@dataclass
class Room:
    """Sockets of one way in one room; the slow ones read nothing before `let_go`."""

    fast: bool
    lines: Lines = field(default_factory=Lines)
    ready: asyncio.Event = field(default_factory=asyncio.Event)
    heard: list[Callable[[], list[int]]] = field(default_factory=list)
    tasks: list[asyncio.Task[None]] = field(default_factory=list)
    outlets: list[AsgiOutlet] = field(default_factory=list)
    here: list[Connection] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.laps = Laps(asyncio.get_running_loop())
        for place in range(SIZE):
            self.come(slow=place in SLOW)

    def come(self, *, slow: bool = False) -> None:
        outlet = self._line(slow) if self.fast else self._asgi(slow)
        connection = Connection(outlet, "evening-edit", None, "g")
        self.laps.connections[connection] = None
        self.here.append(connection)
        self.laps.welcome(connection, numbered(self.laps.newest))

    def received(self, payload: str | bytes) -> None:
        """Nobody says anything here."""

    def gone(self) -> None:
        """Nobody minds."""

    def _line(self, slow: bool) -> Any:
        ours, client = socket.socketpair()
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 16 * 1024)
        client.setblocking(False)
        found = bytearray()

        async def read() -> None:
            if slow:
                await self.ready.wait()
            with client:
                while part := await asyncio.get_running_loop().sock_recv(client, 65_536):
                    found.extend(part)

        self.tasks.append(asyncio.create_task(read()))
        self.heard.append(lambda: [int(each) for each in payloads(bytes(found))])
        return self.lines.open(Taken(ours.detach(), b"", b""), self)

    def _asgi(self, slow: bool) -> AsgiOutlet:
        found: list[int] = []

        async def send(message: dict[str, Any]) -> None:
            if slow:
                await self.ready.wait()
            await asyncio.sleep(0)
            found.append(int(message["text"]))

        self.heard.append(lambda: found)
        self.outlets.append(AsgiOutlet(send))
        return self.outlets[-1]

    def put(self) -> None:
        self.laps.put(for_all(numbered(self.laps.newest + 1)))

    def go(self, place: int) -> None:
        self.here[place].end()
        self.laps.connections.pop(self.here[place])

    async def let_go(self) -> None:
        """The lap ends, the slow ones read, and everybody has read all that was written."""
        while self.laps.running:
            await asyncio.sleep(0)
        self.ready.set()
        async with asyncio.timeout(15):
            while any(each.outlet.unsent() for each in self.here) or not self.is_read():
                await asyncio.sleep(0.01)

    def is_read(self) -> bool:
        if self.fast:
            self.lines.stop()  # nothing is unsent: the clients read what is left, then their end
            return all(task.done() for task in self.tasks)
        return not any(outlet._queue for outlet in self.outlets)


def numbered(number: int) -> Frame:
    return Frame(b"%d" % number + PADDING)


@pytest_asyncio.fixture(params=[True, False], ids=["fast", "slow"])
async def room(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Room]:
    monkeypatch.setattr("streams.room.telling.CHUNK", 3)
    made = Room(request.param)
    yield made
    made.lines.stop()
    made.ready.set()
    for outlet in made.outlets:
        await outlet.stop()
    await asyncio.gather(*made.tasks)


async def busy(room: Room) -> None:
    """Chat, and in the middle of its lap a pin; somebody comes and somebody leaves, before it and after it."""
    room.put()
    await asyncio.sleep(0)  # a chunk or two later
    assert room.laps.running
    room.go(2)
    room.come()
    room.put()
    await asyncio.sleep(0)
    assert room.laps.running
    room.go(11)
    room.come(slow=True)
    await room.let_go()


def is_whole(numbers: list[int], newest: int) -> bool:
    return numbers == list(range(numbers[0], newest + 1))


async def test_everybody_gets_both_once_and_in_order(room: Room) -> None:
    await busy(room)
    newest = room.laps.newest
    stayed = [heard() for place, heard in enumerate(room.heard) if place not in (2, 11)]
    assert len(stayed) == SIZE
    assert all(is_whole(numbers, newest) for numbers in stayed)
    left = [room.heard[2](), room.heard[11]()]
    assert all(is_whole(numbers, numbers[-1]) for numbers in left)


async def test_without_going_round_again_the_first_ones_miss_the_pin(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: a frame that comes during a lap, and a lap that ends where it would have ended without it."""
    put = Laps.put

    def forgets(
        self: Laps, edition: Edition, personal: Mapping[Connection, Frame] | None = None
    ) -> None:
        left = self._left
        put(self, edition, personal)
        self._left = left or self._left

    monkeypatch.setattr(Laps, "put", forgets)
    await busy(room)
    assert any(not is_whole(heard(), room.laps.newest) for heard in room.heard)
