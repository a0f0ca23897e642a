"""The HTTP load program against servers that behave, hang up, and say no."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from bench import posts
from livestore.stack.errors import StackError
from tests.bench.conftest import needs_cc

pytestmark = needs_cc
Answer = Callable[[asyncio.StreamWriter, str, int], Awaitable[bool]]


class Server:
    """Counts requests and connections; `answer` writes and says whether the connection stays."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.seen: Counter[str] = Counter()
        self.connections = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        asked = 0
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                length = int(head.partition("Content-Length: ")[2].split("\r\n")[0])
                body = (await reader.readexactly(length)).decode()
                self.seen[body] += 1
                asked += 1
                if not await self.answer(writer, body, asked):
                    return
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def listening(answer: Answer) -> AsyncIterator[tuple[Server, int]]:
    server = Server(answer)
    listener = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    async with listener:
        yield server, listener.sockets[0].getsockname()[1]


def requests(count: int) -> list[bytes]:
    return [posts.request("x", "/buy", f"{{{n}}}".encode(), {"Key": str(n)}) for n in range(count)]


def said(status: str, body: bytes = b"{}", *more: str) -> bytes:
    head = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *more]
    return "\r\n".join([*head, "", ""]).encode() + body


async def yes(writer: asyncio.StreamWriter, body: str, asked: int) -> bool:
    writer.write(said("201 Created"))
    await writer.drain()
    return True


async def test_each_request_is_sent_once_over_the_connections_that_were_asked_for() -> None:
    async with listening(yes) as (server, port):
        found = await posts.post(requests(50), port=port, connections=4, seconds=10)
    assert (found.sent, found.answered, found.lost) == (50, 50, 0)
    assert found.statuses == {201: 50}
    assert server.connections == 4
    assert len(server.seen) == 50
    assert set(server.seen.values()) == {1}
    assert 0 < found.p50 <= found.p99 <= found.longest


async def test_a_server_that_closes_after_each_answer_is_met_with_new_connections() -> None:
    async def once(writer: asyncio.StreamWriter, body: str, asked: int) -> bool:
        writer.write(said("201 Created", b"{}", "Connection: close"))
        await writer.drain()
        return False

    async with listening(once) as (server, port):
        found = await posts.post(requests(12), port=port, connections=2, seconds=10)
    assert (found.answered, found.lost) == (12, 0)
    # A connection that was made while the other took the last request stays without one.
    assert server.connections in {12, 13}


async def test_an_answer_that_never_comes_is_counted_as_lost_and_not_asked_again() -> None:
    async def hang_up_on_the_third(writer: asyncio.StreamWriter, body: str, asked: int) -> bool:
        if asked == 3:
            return False
        return await yes(writer, body, asked)

    async with listening(hang_up_on_the_third) as (server, port):
        found = await posts.post(requests(9), port=port, connections=1, seconds=10)
    assert (found.sent, found.answered, found.lost) == (9, 6, 3)
    assert set(server.seen.values()) == {1}


async def test_an_answer_in_pieces_and_a_long_one_are_read_whole() -> None:
    async def slowly(writer: asyncio.StreamWriter, body: str, asked: int) -> bool:
        whole = said("409 Conflict", b"x" * 200_000)
        for start in (0, 5, 30, 40):
            end = {0: 5, 5: 30, 30: 40, 40: len(whole)}[start]
            writer.write(whole[start:end])
            await writer.drain()
            await asyncio.sleep(0)
        return True

    async with listening(slowly) as (_, port):
        found = await posts.post(requests(6), port=port, connections=2, seconds=10)
    assert found.statuses == {409: 6}
    assert found.status(201) == 0


async def test_no_requests_at_all_is_told_and_not_a_result() -> None:
    with pytest.raises(StackError, match="nothing to do"):
        await posts.post([], port=1, connections=1, seconds=1)
