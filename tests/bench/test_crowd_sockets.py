"""How the crowd comes in, is sent away, comes back, and misbehaves when asked to."""

from __future__ import annotations

import asyncio
import json

from bench.crowd import Crowd
from tests.bench.conftest import FakeRoom, logged, needs_cc, until

pytestmark = needs_cc


async def test_every_socket_has_its_own_ticket(room: FakeRoom) -> None:
    tickets = [f"t{n}" for n in range(5)]
    async with Crowd(port=room.port, path="/room/", count=5, tickets=tickets, processes=2) as crowd:
        await crowd.open()
    assert sorted(room.protocols) == [["livestore.v1", f"ticket.t{n}"] for n in range(5)]


async def test_a_refused_handshake_is_counted_with_its_reason(room: FakeRoom) -> None:
    room.refuse_with = 503
    async with Crowd(port=room.port, path="/room/", count=3) as crowd:
        opened = await crowd.open()
    assert (opened.ready, opened.failed) == (0, 3)
    assert opened.figures.failures == {"status 503": 3}


async def test_a_port_where_nobody_listens_is_counted(room: FakeRoom) -> None:
    async with Crowd(port=1, path="/room/", count=2) as crowd:
        opened = await crowd.open()
    assert opened.figures.failures == {"Connection refused": 2}


async def test_a_closed_socket_is_counted_by_its_code(room: FakeRoom) -> None:
    async with Crowd(port=room.port, path="/room/", count=3) as crowd:
        await crowd.open()
        await room.sockets[0].close(code=4408, message=b"too slow")
        room.sockets[1]._req.transport.abort()  # type: ignore[union-attr]

        async def both() -> bool:
            return (await crowd.stats()).cut == 2

        await until(both)
        seen = await crowd.stats()
    assert seen.closes == {"4408": 1, "1006": 1}
    assert seen.ready == 1


async def test_who_is_sent_away_comes_back_with_its_position(room: FakeRoom) -> None:
    async with Crowd(port=room.port, path="/room/", count=2, reconnect=True) as crowd:
        await crowd.open()
        await room.say(logged(6), logged(7))
        assert await crowd.reached("chat.message", 2)
        for socket in room.sockets[:2]:
            reason = json.dumps({"code": "restarting", "retry_after_ms": 30})
            await socket.close(code=4410, message=reason.encode())
        await until(lambda: len(room.sockets) == 4)
        await room.say(logged(8))
        assert await crowd.reached("chat.message", 3)
        seen = await crowd.stats()
    assert room.queries == ["", "", "since=e1:7", "since=e1:7"]
    assert (seen.cut, seen.rejoined, seen.ready) == (2, 2, 2)
    assert seen.closes == {"4410": 2}
    assert seen.back.ms(0) >= 30
    assert seen.failed == 0
    assert seen.whole


async def test_a_gap_after_coming_back_is_noticed(room: FakeRoom) -> None:
    async with Crowd(port=room.port, path="/room/", count=1, reconnect=True) as crowd:
        await crowd.open()
        await room.sockets[0].close(code=4410)
        await until(lambda: len(room.sockets) == 2)
        await room.say(logged(8))
        assert await crowd.reached("chat.message", 1)
        seen = await crowd.stats()
    assert seen.lost == 2


async def test_whoever_may_not_come_again_stays_away(room: FakeRoom) -> None:
    async with Crowd(port=room.port, path="/room/", count=2, reconnect=True) as crowd:
        await crowd.open()
        await room.sockets[0].close(code=4503)
        await room.sockets[1].close(code=4410)
        await until(lambda: len(room.sockets) == 3)
        seen = await crowd.stats()
    assert seen.closes["4503"] == 1
    assert len(room.sockets) == 3


async def test_a_handshake_that_nobody_answers_is_given_up() -> None:
    async def wait_for_the_end(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(wait_for_the_end, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, Crowd(port=port, path="/room/", count=2, timeout=1) as crowd:
        opened = await crowd.open(within=20)
    assert (opened.ready, opened.figures.failures) == (0, {"timeout": 2})


async def test_pings_are_answered(room: FakeRoom) -> None:
    async with Crowd(port=room.port, path="/room/", count=3) as crowd:
        await crowd.open()
        for socket in room.sockets:
            await socket.ping(b"there?")
        await until(lambda: room.pongs == 3)
        assert (await crowd.stats()).pings == 3


async def test_a_silent_client_reads_nothing(room: FakeRoom) -> None:
    async with (
        Crowd(port=room.port, path="/room/", count=1) as good,
        Crowd(port=room.port, path="/room/", count=1, behaviour="silent") as silent,
    ):
        await good.open()
        await silent.open()
        before = (await silent.stats()).bytes
        await room.say(logged(6, text="x" * 2_000))
        assert await good.reached("chat.message", 1)
        assert (await silent.stats()).bytes == before


async def test_a_slow_client_reads_a_kilobyte_at_a_time(room: FakeRoom) -> None:
    async with Crowd(port=room.port, path="/room/", count=1, behaviour="slow") as crowd:
        await crowd.open()
        before = (await crowd.stats()).bytes
        await room.say(logged(6, text="x" * 100_000))

        async def began() -> bool:
            return (await crowd.stats()).bytes > before

        await until(began)
        assert (await crowd.stats()).bytes - before <= 3 * 1_024


async def test_a_writer_writes_without_reading(room: FakeRoom) -> None:
    async with Crowd(
        port=room.port, path="/room/", count=1, behaviour="writer", every_ms=10
    ) as crowd:
        await crowd.open()
        before = (await crowd.stats()).bytes
        await until(lambda: len(room.heard) >= 5)
        assert (await crowd.stats()).bytes == before
