"""One socket's visit: frames in order, one at a time, with no task while nothing is worked on."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Iterator
from typing import Any

import pytest

from livestore.base.errors import NotFound
from streams.room import consumer
from streams.room import visit as module
from streams.room.arrival import Request
from streams.room.connection import Connection
from streams.room.encoding import Frame
from streams.room.handlers import Act
from streams.room.line import Lines, Taken
from streams.room.outlets import EXTENSION
from streams.room.person import Person
from streams.room.protocol import CloseCode, Closing, Command
from streams.room.visit import LONGEST_INBOX, Visit


class Paper:
    """An outlet that is read by the test."""

    joins = False

    def __init__(self) -> None:
        self.replies: list[dict[str, Any]] = []
        self.closings: list[int] = []

    def write(self, frame: Frame) -> None:
        self.replies.append(json.loads(frame.payload))

    def send_bytes(self, data: bytes) -> None:
        raise NotImplementedError

    def unsent(self) -> int:
        return 0

    def close(self, closing: Closing) -> None:
        self.closings.append(int(closing.code))

    @property
    def refs(self) -> list[str]:
        return [each["ref"] for each in self.replies]


class EmptyHub:
    slug = "evening-edit"

    def leave(self, connection: Connection) -> None: ...


class Desk:
    """Works on commands when it is told to."""

    def __init__(self) -> None:
        self.gate = asyncio.Event()
        self.busy = 0
        self.most = 0
        self.done: list[str] = []

    async def handle(self, act: Act, command: Command) -> dict[str, Any]:
        self.busy += 1
        self.most = max(self.most, self.busy)
        await self.gate.wait()
        await asyncio.sleep(0)
        self.busy -= 1
        self.done.append(command.type)
        return {}


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    made = Desk()
    monkeypatch.setattr(module, "handle", made.handle)
    yield made
    assert not module.working


def inside(*, patient: bool = True) -> tuple[Visit, Paper]:
    """Mina's visit, as it is after `enter`; `patient` is without limits."""
    paper = Paper()
    visit = Visit("evening-edit", Request("evening-edit", None, None, None))
    connection = Connection(paper, "evening-edit", Person(1, "Mina"), "u1")
    hub: Any = EmptyHub()
    connection.hub = visit._hub = hub
    visit._connection = connection
    if patient:
        visit._manners = module.Manners()
        visit._manners.commands._left = visit._manners.commands._burst = 1e9
    return visit, paper


def react(ref: str) -> str:
    return json.dumps({"type": "react", "ref": ref, "data": {}})


async def test_commands_are_answered_one_at_a_time_and_in_order(desk: Desk) -> None:
    visit, paper = inside()
    for number in range(30):
        visit.received(react(str(number)) if number % 3 else "nonsense")
    assert len(module.working) == 1
    desk.gate.set()
    await visit.finished()
    assert paper.refs == [str(number) if number % 3 else "" for number in range(30)]
    assert desk.most == 1
    assert (visit._task, visit._waiting) == (None, None)


async def test_what_is_refused_needs_no_task(desk: Desk) -> None:
    visit, paper = inside()
    visit.received("nonsense")
    visit.received(b"\x00\x01")
    visit.received('{"type": "item.pin", "ref": "a", "data": {"number": 1}}')
    assert not module.working
    assert [each["error"]["code"] for each in paper.replies] == [
        "bad_frame",
        "bad_frame",
        "not_allowed",
    ]


async def test_too_many_waiting_frames_end_the_visit(desk: Desk) -> None:
    visit, paper = inside()
    for number in range(LONGEST_INBOX + 1):
        visit.received(react(str(number)))
    assert paper.closings == []
    for _ in range(3):
        visit.received(react("one more"))
    assert paper.closings == [4429]
    desk.gate.set()
    await visit.finished()
    assert len(desk.done) == 1, "after our goodbye nothing is begun"


async def test_what_was_asked_before_the_client_left_is_still_done(desk: Desk) -> None:
    visit, paper = inside()
    for number in range(3):
        visit.received(react(str(number)))
    visit.gone()
    desk.gate.set()
    await visit.finished()
    assert len(desk.done) == 3
    assert paper.replies == []


async def test_after_our_goodbye_what_waits_is_dropped(desk: Desk) -> None:
    visit, _ = inside()
    for number in range(3):
        visit.received(react(str(number)))
    assert visit._connection is not None
    visit._connection.close(Closing(CloseCode.NOT_ALLOWED))
    visit.gone()
    desk.gate.set()
    await visit.finished()
    assert len(desk.done) == 1


async def test_a_command_that_fails_does_not_hold_up_the_next(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    visit, paper = inside()

    async def fails(act: Act, command: Command) -> dict[str, Any]:
        raise ZeroDivisionError

    monkeypatch.setattr(module, "handle", fails)
    visit.received(react("a"))
    visit.received(react("b"))
    await visit.finished()
    assert [each["error"]["code"] for each in paper.replies] == ["error", "error"]


class House:
    """Rooms that somebody is let into when the test says so."""

    draining = False

    def __init__(self) -> None:
        self.open = asyncio.Event()
        self.failure: Exception | None = None

    async def enter(self, slug: str) -> Any:
        await self.open.wait()
        if self.failure is not None:
            raise self.failure
        raise NotFound


@pytest.mark.parametrize(
    ("failure", "code"), [(NotFound(), 4504), (ConnectionError(), 4410), (TimeoutError(), 4410)]
)
async def test_who_can_not_come_in_is_told_why(
    monkeypatch: pytest.MonkeyPatch, failure: Exception, code: int
) -> None:
    house, paper = House(), Paper()
    house.failure = failure
    house.open.set()
    monkeypatch.setattr(module, "rooms", lambda: house)
    visit = Visit("evening-edit", Request("evening-edit", None, None, None))
    assert await visit.enter(paper, None) is False
    assert paper.closings == [code]


async def test_an_error_of_ours_at_the_door_ends_the_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody else looks after a socket that was taken over."""
    house = House()
    house.failure = ZeroDivisionError()
    house.open.set()
    monkeypatch.setattr(module, "rooms", lambda: house)
    lines = Lines()
    monkeypatch.setattr(consumer, "lines", lambda: lines)
    ours, client = socket.socketpair()

    class Offer:
        def hold(self) -> None: ...

        def take(self) -> Taken:
            return Taken(ours.detach(), b"", b"")

    async def receive() -> dict[str, Any]:
        return {"type": "websocket.connect"}

    async def send(message: dict[str, Any]) -> None: ...

    scope = {
        "url_route": {"kwargs": {"slug": "evening-edit"}},
        "headers": [],
        "subprotocols": ["livestore.v1"],
        "extensions": {EXTENSION: Offer()},
    }
    with client:
        with pytest.raises(ZeroDivisionError):
            await consumer.room(scope, receive, send)
        assert client.recv(1000)[2:4] == (4410).to_bytes(2)
    lines.stop()
