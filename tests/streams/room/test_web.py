"""The web server: two processes on one socket, an orderly end, limits of its own."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from livestore.base.threads import in_database
from livestore.handshake import RoomProtocol
from streams.room import log
from streams.room.announcements import ToRoom
from streams.room.protocol.events import ChatMessage
from streams.room.protocol.values import PersonValue
from tests.streams.room.conftest import Door, Stage
from tests.streams.room.server import WebProcess, listening
from tests.streams.room.visitor import SocketLine, Visitor

MINA = PersonValue(id=1, name="Mina")


@pytest.fixture
def opened() -> Iterator[socket.socket]:
    with listening() as found:
        yield found


@pytest.fixture(params=["fast", "slow"])
def pair(
    opened: socket.socket, stage: Stage, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[list[WebProcess]]:
    """Two web processes on one listening socket."""
    with (tmp_path / "web.log").open("w+") as output:
        fast = request.param == "fast"
        processes = [WebProcess(opened, output, fast=fast) for _ in range(2)]
        for process in processes:
            process.wait_ready()
        yield processes
        for process in processes:
            process.kill()


@pytest_asyncio.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True)) as session:
        yield session


async def come_in(
    http: aiohttp.ClientSession, web: WebProcess, stage: Stage, ticket: str = ""
) -> Visitor:
    protocols = ["livestore.v1", *([f"ticket.{ticket}"] if ticket else [])]
    opened = await http.ws_connect(f"{web.origin}/ws/shows/{stage.slug}/", protocols=protocols)
    visitor = Visitor(SocketLine(opened))
    await visitor.frame()
    return visitor


async def test_people_on_two_processes_hear_each_other_and_an_ending_process_says_so(
    pair: list[WebProcess], stage: Stage, http: aiohttp.ClientSession
) -> None:
    web = pair[0]
    # Many sockets, so that both processes have some: which one takes a connection is the kernel's choice.
    visitors = [await come_in(http, web, stage) for _ in range(16)]
    ticket = await in_database(stage.ticket, stage.mina)
    mina = await come_in(http, web, stage, ticket)
    assert (await mina.command("chat.send", text="Hello everybody"))["ok"]
    for visitor in visitors:
        assert (await visitor.until("chat.message"))["data"]["text"] == "Hello everybody"

    ending = asyncio.create_task(asyncio.to_thread(pair[0].terminate))
    sent_away, still_there = [], []

    async def watch(visitor: Visitor) -> None:
        try:
            sent_away.append(await visitor.closing(seconds=6))
        except TimeoutError:
            still_there.append(visitor)

    await asyncio.gather(*(watch(visitor) for visitor in [*visitors, mina]))
    assert await ending == 0
    assert len(sent_away) + len(still_there) == 17
    assert all(closed.code == 4410 for closed in sent_away)
    delays = [closed.reason["retry_after_ms"] for closed in sent_away]
    assert all(100 <= delay <= 2000 for delay in delays)
    assert len(set(delays)) == len(delays) or len(delays) > 12, "everybody has a delay of their own"

    # The other process goes on, and who was sent away comes back without a gap.
    back = await http.ws_connect(
        f"{web.origin}/ws/shows/{stage.slug}/?since={visitors[0].epoch}:1",
        protocols=["livestore.v1"],
    )
    returned = Visitor(SocketLine(back))
    assert (await returned.frame())["epoch"] == visitors[0].epoch
    await log.append(stage.slug, [ToRoom(stage.slug, ChatMessage(user=MINA, text="again"))])
    await returned.until("chat.message")
    assert returned.seqs == [2]
    for visitor in still_there:
        await visitor.until(lambda event: event.get("seq") == 2)


async def test_a_message_that_is_too_big_closes_with_4500(server: Door, stage: Stage) -> None:
    visitor = await server.enter(stage)
    await visitor.line.send(json.dumps({"type": "react", "ref": "x", "data": {"kind": "x" * 9000}}))
    assert (await visitor.closing()).code == 4500


async def test_text_that_is_not_utf8_closes_with_4500(server: Door, stage: Stage) -> None:
    visitor = await server.enter(stage)
    line: Any = visitor.line
    await line.socket._writer.send_frame(b"\xff\xfe{}", aiohttp.WSMsgType.TEXT)
    assert (await visitor.closing()).code == 4500


async def test_header_values_can_not_smuggle_an_origin(server: Door, stage: Stage) -> None:
    assert server.web is not None
    for evil in (b"\x0b", b"\x0c", b"\x1c", b"\x85"):
        reader, writer = await asyncio.open_connection("127.0.0.1", server.web.port)
        writer.write(
            b"GET /ws/shows/x/ HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
            b"X-Any: a" + evil + b"Origin: " + server.web.origin.encode() + b"\r\n\r\n"
        )
        assert b" 400 " in await asyncio.wait_for(reader.readline(), 5)
        writer.close()


class Clock:
    now = 0.0

    def monotonic(self) -> float:
        return self.now


def test_a_client_that_only_writes_is_pinged_and_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, done = Clock(), []
    monkeypatch.setattr("livestore.handshake.time", clock)
    protocol = RoomProtocol.__new__(RoomProtocol)
    protocol.state = RoomProtocol.STATE_OPEN
    protocol.application_queue = asyncio.Queue()
    protocol.client_addr = None
    protocol._next_ping = 20.0
    monkeypatch.setattr(protocol, "sendPing", lambda payload: done.append("ping"))
    monkeypatch.setattr(protocol, "dropConnection", lambda abort: done.append("drop"))
    for second in range(0, 60, 2):
        clock.now = float(second)
        protocol.onMessage(b"{}", False)
        protocol.check_timeouts()
        if "drop" in done:
            break
    assert done == ["ping", "drop"]
    assert 50 < clock.now <= 54


def test_a_client_that_answers_pings_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, done = Clock(), []
    monkeypatch.setattr("livestore.handshake.time", clock)
    protocol = RoomProtocol.__new__(RoomProtocol)
    protocol.state = RoomProtocol.STATE_OPEN
    protocol._next_ping = 20.0

    def ping(payload: bytes) -> None:
        done.append("ping")
        protocol.onPong(payload)

    monkeypatch.setattr(protocol, "sendPing", ping)
    for second in range(0, 300, 2):
        clock.now = float(second)
        protocol.check_timeouts()
    assert len(done) == 14
