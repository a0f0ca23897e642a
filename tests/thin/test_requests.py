"""A connection that knows a plain order: what it takes, what it leaves to Twisted, and that nothing is lost between."""

from __future__ import annotations

import asyncio
import re
import uuid
from collections.abc import Callable
from typing import Any

import pytest
import pytest_asyncio
from twisted.internet.error import ConnectionDone
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure
from twisted.web import http

from accounts.tickets.identify import Credentials
from livestore.thin.orders import Reply
from livestore.thin.plain import PlainOrder, Scope
from livestore.thin.requests import OrderChannel
from tests.thin.doors import Ask

ORDER = Ask({"lines": []}, {"Authorization": "Bearer x"}).raw()
LOOK = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


class Door:
    """Answers each order with its body when `open` is set; `declines` leaves it to Twisted at either moment."""

    def __init__(self) -> None:
        self.asked: list[bytes] = []
        self.scopes: list[Scope] = []
        self.open = asyncio.Event()
        self.reads = True
        self.answers = True

    def read(self, scope: Scope) -> PlainOrder | None:
        self.scopes.append(scope)
        return PlainOrder(scope, Credentials("x"), uuid.uuid4(), False) if self.reads else None

    async def answer(self, order: PlainOrder, body: bytes) -> Reply | None:
        self.asked.append(body)
        await self.open.wait()
        if not self.answers:
            return None
        return Reply(201, [(b"Content-Length", b"%d" % len(body))], body)


class Classic(http.Request):
    """What Twisted makes of a request that it got."""

    def process(self) -> None:
        asyncio.get_running_loop().call_soon(self.answer)

    def answer(self) -> None:
        body = self.content.read()
        self.setHeader(b"content-length", b"%d" % (len(body) + 1))
        self.write(b"T" + body)
        self.finish()


class Line:
    def __init__(self, door: Door) -> None:
        self.door = door
        kind: Any = type("Channel", (OrderChannel,), {"door": door, "answering": set()})
        self.channel = kind()
        self.channel.server_name = b"tests"
        self.channel.requestFactory = Classic
        self.channel.timeOut = 60
        self.clocks: list[tuple[float, Callable[[], None]]] = []
        self.channel.callLater = self.call_later
        self.channel.factory = type("Factory", (), {"log": lambda *_: None})()
        self.transport = StringTransport()
        self.channel.makeConnection(self.transport)

    def call_later(self, seconds: float, call: Callable[[], None]) -> Any:
        self.clocks.append((seconds, call))
        return type("Call", (), {"reset": lambda *_: None, "cancel": lambda _: None})()

    def send(self, data: bytes) -> None:
        self.channel.dataReceived(data)

    async def settle(self) -> None:
        self.door.open.set()
        while self.channel.answering or self.channel.requests:
            await asyncio.sleep(0)

    def answers(self) -> list[bytes]:
        """The bodies so far; those that Twisted answered begin with T."""
        parts = re.split(rb"HTTP/1\.[01] ", self.transport.value())[1:]
        return [part.partition(b"\r\n\r\n")[2] for part in parts]


@pytest_asyncio.fixture
async def line() -> Line:
    return Line(Door())


BODY = b'{"lines": []}'


@pytest.mark.asyncio
async def test_an_order_in_one_piece_is_taken_and_answered(line: Line) -> None:
    line.send(ORDER)
    await line.settle()
    assert (line.door.asked, line.answers()) == ([BODY], [BODY])
    assert line.transport.value().startswith(b"HTTP/1.1 201 Created\r\n")
    assert b"\r\nServer: tests\r\n" in line.transport.value()
    headers = dict(line.door.scopes[0]["headers"])
    assert headers[b"authorization"] == b"Bearer x"
    assert headers[b"content-length"] == b"13"


@pytest.mark.asyncio
async def test_orders_sent_at_once_are_answered_one_after_the_other(line: Line) -> None:
    line.send(ORDER + ORDER[:40])
    line.send(ORDER[40:] + LOOK + ORDER)
    await asyncio.sleep(0)
    assert len(line.door.asked) == 1
    assert line.answers() == []
    await line.settle()
    assert line.answers() == [BODY, BODY, b"T", BODY]


@pytest.mark.asyncio
async def test_a_client_that_sends_without_end_is_paused_while_its_order_is_placed(
    line: Line,
) -> None:
    line.send(ORDER)
    for _ in range(200):
        line.send(ORDER)
    assert line.transport.producerState == "paused"
    await line.settle()
    assert line.transport.producerState == "producing"
    assert line.answers() == [BODY] * 201


@pytest.mark.asyncio
@pytest.mark.parametrize("cut", [5, 30, 60, len(ORDER) - len(BODY), len(ORDER) - 1])
async def test_an_order_in_pieces_is_twisteds(line: Line, cut: int) -> None:
    line.send(ORDER[:cut])
    line.send(ORDER[cut:] + ORDER)
    await line.settle()
    assert line.answers() == [b"T" + BODY, BODY]
    assert line.door.asked == [BODY]


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "change",
    [
        (b"Host: 127.0.0.1", b"Host: 127.0.0.1\r\n folded"),
        (b"Host: 127.0.0.1", b"Host: 127.0.0.1\r\nX-Empty:"),
        (b"Host: 127.0.0.1", b"Host: 127.0.0.1\r\nDaphne-Root-Path: /x"),
        (b"Host: 127.0.0.1", b"Host: 127.0.0.1\r\nConnection: close"),
        (b"Host: 127.0.0.1", b"Host: 127.0.0.1\r\nX-Long: " + b"x" * 9000),
        (b"/api/v1/orders", b"/api/v1/orders?x=1"),
        (b"HTTP/1.1", b"HTTP/1.0"),
        (b"POST", b"PUT"),
    ],
)
async def test_what_is_unusual_is_twisteds(line: Line, change: tuple[bytes, bytes]) -> None:
    line.send(ORDER.replace(*change))
    await line.settle()
    assert line.door.asked == []
    assert line.answers() == [b"T" + BODY]


@pytest.mark.asyncio
@pytest.mark.parametrize("moment", ["reads", "answers"])
async def test_what_the_door_declines_reaches_twisted_untouched(line: Line, moment: str) -> None:
    setattr(line.door, moment, False)
    line.send(ORDER + LOOK)
    await line.settle()
    assert line.answers() == [b"T" + BODY, b"T"]


@pytest.mark.asyncio
async def test_a_client_that_hangs_up_meanwhile_is_told_nothing(line: Line) -> None:
    line.send(ORDER + ORDER)
    await asyncio.sleep(0)
    line.channel.connectionLost(Failure(ConnectionDone()))
    await line.settle()
    assert line.transport.value() == b""
    assert line.door.asked == [BODY]


@pytest.mark.asyncio
async def test_the_clock_for_silent_clients_does_not_end_an_order(line: Line) -> None:
    line.send(ORDER)
    await asyncio.sleep(0)
    _, ring = line.clocks[-1]
    ring()
    assert not line.transport.disconnecting
    await line.settle()
    assert line.answers() == [BODY]
    _, ring = line.clocks[-1]
    ring()
    assert line.transport.disconnecting


@pytest.mark.asyncio
async def test_a_door_that_fails_leaves_the_order_to_twisted(line: Line) -> None:
    async def broken(order: PlainOrder, body: bytes) -> Reply | None:
        raise ZeroDivisionError

    line.door.answer = broken  # type: ignore[method-assign]
    line.send(ORDER)
    [task] = line.channel.answering
    with pytest.raises(ZeroDivisionError):
        await task
    await line.settle()
    assert line.answers() == [b"T" + BODY]
