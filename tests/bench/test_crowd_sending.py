"""Prepared commands: who sends which line, what comes back, and what is sent again."""

from __future__ import annotations

import json
import time
from collections import Counter
from typing import Any

from aiohttp import web

from bench.crowd import UNSTAMPED, Crowd
from tests.bench.conftest import FakeRoom, needs_cc, until

pytestmark = needs_cc


def lines(count: int) -> list[str]:
    return [json.dumps({"type": "buy", "ref": f"r{n}", "data": {"n": n}}) for n in range(count)]


async def test_a_burst_sends_each_socket_its_line(room: FakeRoom) -> None:
    async with Crowd(port=room.port, path="/room/", count=4, processes=2) as crowd:
        await crowd.open()
        await crowd.load(lines(4))
        seen = await crowd.go("burst", 0)
    assert sorted(frame["ref"] for frame in room.heard) == ["r0", "r1", "r2", "r3"]
    assert (seen.sent, seen.ok, seen.errors, seen.reply.count) == (4, 4, 0, 4)
    assert seen.first_sent < seen.last_answer


async def test_a_loop_sends_every_line_once_and_keeps_the_order_of_a_socket(room: FakeRoom) -> None:
    async with Crowd(port=room.port, path="/room/", count=3, processes=2) as crowd:
        await crowd.open()
        await crowd.load(lines(10))
        crowd.keep_answers()
        seen = await crowd.go("loop")
        kept = await crowd.answers()
    numbers = [frame["data"]["n"] for frame in room.heard]
    assert sorted(numbers) == list(range(10))
    for socket in range(3):
        own = [n for n in numbers if n % 3 == socket]
        assert own == sorted(own)
    assert seen.ok == 10
    assert sorted(line for line, _, _ in kept) == list(range(10))
    assert all(answer["ref"] == f"r{line}" for line, _, answer in kept)


async def test_a_rate_sends_all_lines(room: FakeRoom) -> None:
    async with Crowd(port=room.port, path="/room/", count=2) as crowd:
        await crowd.open()
        await crowd.load(lines(20))
        seen = await crowd.go("rate", 200)
    assert (seen.ok, len(room.heard)) == (20, 20)
    assert seen.seconds >= 0.08


async def test_good_answers_are_counted_by_the_tenth_of_a_second(room: FakeRoom) -> None:
    async def answer(socket: web.WebSocketResponse, frame: dict[str, Any]) -> None:
        if frame["data"]["n"] == 3:
            await room.no(socket, frame, "sold_out")
            return
        if frame["data"]["n"] == 2:
            await until(lambda: time.time_ns() - began > 350_000_000)
        await room.yes(socket, frame)

    room.answer = answer  # type: ignore[method-assign]
    async with Crowd(port=room.port, path="/room/", count=2, processes=2) as crowd:
        await crowd.open()
        await crowd.load(lines(4))
        began = time.time_ns()
        seen = await crowd.go("loop")
    assert seen.pace[0] == 2, "two lines were answered at once"
    assert len(seen.pace) >= 3, "and one later"
    assert sum(seen.pace) == seen.ok == 3


async def test_refusals_are_counted_by_code(room: FakeRoom) -> None:
    async def answer(socket: web.WebSocketResponse, frame: dict[str, Any]) -> None:
        if frame["data"]["n"] % 2:
            await room.no(socket, frame, "sold_out")
        else:
            await room.yes(socket, frame)

    room.answer = answer  # type: ignore[method-assign]
    async with Crowd(port=room.port, path="/room/", count=5) as crowd:
        await crowd.open()
        await crowd.load(lines(5))
        seen = await crowd.go("burst", 0)
    assert (seen.ok, seen.errors, seen.codes) == (3, 2, {"sold_out": 2})


async def test_a_refusal_that_may_be_tried_again_is(room: FakeRoom) -> None:
    tries: Counter[str] = Counter()

    async def answer(socket: web.WebSocketResponse, frame: dict[str, Any]) -> None:
        tries[frame["ref"]] += 1
        if tries[frame["ref"]] < 3:
            await room.no(socket, frame, "busy", retry=True, retry_after_ms=5)
        else:
            await room.yes(socket, frame)

    room.answer = answer  # type: ignore[method-assign]
    async with Crowd(port=room.port, path="/room/", count=2, retry=True) as crowd:
        await crowd.open()
        await crowd.load(lines(2))
        seen = await crowd.go("burst", 0)
    assert tries == {"r0": 3, "r1": 3}
    assert (seen.ok, seen.errors, seen.retries) == (2, 0, 4)
    assert seen.reply.ms(0) >= 10  # from the first sending


async def test_a_line_whose_socket_was_cut_is_sent_again(room: FakeRoom) -> None:
    async def answer(socket: web.WebSocketResponse, frame: dict[str, Any]) -> None:
        if len(room.heard) == 1:
            await socket.close(code=4410)
        else:
            await room.yes(socket, frame)

    room.answer = answer  # type: ignore[method-assign]
    async with Crowd(port=room.port, path="/room/", count=1, reconnect=True) as crowd:
        await crowd.open()
        await crowd.load(lines(1))
        seen = await crowd.go("burst", 0)
    assert [frame["ref"] for frame in room.heard] == ["r0", "r0"]
    assert (seen.ok, seen.unanswered, seen.rejoined) == (1, 0, 1)


async def test_a_line_whose_socket_is_gone_for_good_is_unanswered(room: FakeRoom) -> None:
    async def answer(socket: web.WebSocketResponse, frame: dict[str, Any]) -> None:
        if frame["ref"] == "r0":
            await socket.close(code=4503)
        else:
            await room.yes(socket, frame)

    room.answer = answer  # type: ignore[method-assign]
    async with Crowd(port=room.port, path="/room/", count=2) as crowd:
        await crowd.open()
        await crowd.load(lines(4))
        seen = await crowd.go("loop")
    assert (seen.ok, seen.unanswered) == (2, 1)
    assert "r2" not in [frame["ref"] for frame in room.heard]


async def test_an_answer_that_nobody_waits_for_is_noticed(room: FakeRoom) -> None:
    async def twice(socket: web.WebSocketResponse, frame: dict[str, Any]) -> None:
        await room.yes(socket, frame)
        await room.yes(socket, frame)

    room.answer = twice  # type: ignore[method-assign]
    async with Crowd(port=room.port, path="/room/", count=1) as crowd:
        await crowd.open()
        await crowd.load(lines(1))
        await crowd.go("burst", 0)

        async def noticed() -> bool:
            return (await crowd.stats()).stray == 1

        await until(noticed)
        seen = await crowd.stats()
    assert (seen.ok, seen.errors, seen.stray) == (1, 0, 1)


async def test_the_moment_of_sending_is_written_into_a_line(room: FakeRoom) -> None:
    async with Crowd(port=room.port, path="/room/", count=1) as crowd:
        await crowd.open()
        text = {"type": "chat.send", "ref": "c", "data": {"text": f"{UNSTAMPED} hello"}}
        await crowd.load([json.dumps(text)])
        before = time.time_ns()
        crowd.one()
        await until(lambda: room.heard)
    stamp, word = room.heard[0]["data"]["text"].split()
    assert word == "hello"
    assert before <= int(stamp.removeprefix("ns:")) <= time.time_ns()
