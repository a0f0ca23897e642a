"""One socket on a line, without a server before it: order, goodbyes, slow readers, pings. The clock is ours."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import suppress
from itertools import pairwise

import pytest
import pytest_asyncio

from streams.room import sweep
from streams.room.encoding import Frame
from streams.room.line import Line, Lines, Taken
from streams.room.protocol import CloseCode, Closing
from streams.room.sweep import CLOSE_WITHIN, PING_EVERY, PONG_WITHIN
from streams.room.wire import PING_FRAME
from tests.streams.room.client_frames import PING, PONG, TEXT, frame, goodbye
from tests.streams.room.test_budget import frames

BIG = Frame(b'"' + b"x" * 50_000 + b'"')


class Ears:
    """A visit that only remembers."""

    def __init__(self) -> None:
        self.heard: list[str | bytes] = []
        self.ends = 0

    def received(self, payload: str | bytes) -> None:
        self.heard.append(payload)

    def gone(self) -> None:
        self.ends += 1


CLIENTS: list[socket.socket] = []
"""Closed after each test."""


class End:
    """The client's end of a socket, and ours."""

    def __init__(self, lines: Lines, *, early: bytes = b"", unsent: bytes = b"") -> None:
        ours, self.client = socket.socketpair()
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 32 * 1024)
        self.client.setblocking(False)
        CLIENTS.append(self.client)
        self.ears = Ears()
        self.line = lines.open(Taken(ours.detach(), early, unsent), self.ears)

    async def read(self) -> bytes:
        """Everything until the server ends it."""
        loop = asyncio.get_running_loop()
        found = b""
        try:
            while part := await asyncio.wait_for(loop.sock_recv(self.client, 65_536), 5):
                found += part
        except ConnectionError:
            pass
        return found

    async def some(self, size: int = 65_536) -> bytes:
        found = asyncio.get_running_loop().sock_recv(self.client, size)
        return await asyncio.wait_for(found, 5)


async def settle(lines: Lines) -> None:
    """Until nobody has anything to hear or to write any more."""
    for _ in range(20):
        await asyncio.sleep(0)
        lines._turn()


@pytest_asyncio.fixture
async def lines() -> AsyncIterator[Lines]:
    opened = Lines()
    yield opened
    opened.stop()
    while CLIENTS:
        CLIENTS.pop().close()


async def test_what_is_unsent_of_the_handshake_comes_first(lines: Lines) -> None:
    end = End(lines, unsent=b"HTTP/1.1 101\r\n\r\n")
    end.line.write(Frame(b"{}"))
    assert await end.some() == b"HTTP/1.1 101\r\n\r\n\x81\x02{}"


async def test_messages_are_heard_in_order_and_pings_are_answered(lines: Lines) -> None:
    end = End(lines)
    end.client.send(frame(TEXT, b"one") + frame(PING, b"you there?") + frame(TEXT, b"two"))
    await settle(lines)
    assert end.ears.heard == ["one", "two"]
    assert await end.some() == b"\x8a\x0ayou there?"


async def test_half_a_frame_of_one_client_never_reaches_another(lines: Lines) -> None:
    ends = [End(lines) for _ in range(3)]
    data = [frame(TEXT, f"client {number}".encode()) for number in range(3)]
    for end, bytes_ in zip(ends, data, strict=True):
        end.client.send(bytes_[:7])
    await settle(lines)
    for end, bytes_ in zip(reversed(ends), reversed(data), strict=True):
        end.client.send(bytes_[7:] + bytes_[:3])
    await settle(lines)
    assert [end.ears.heard for end in ends] == [["client 0"], ["client 1"], ["client 2"]]
    assert all(end.line._reader is not None for end in ends), "each remembers its own rest"


async def test_a_visit_that_fails_ends_its_own_socket_only(lines: Lines) -> None:
    first, second = End(lines), End(lines)

    def fails(payload: str | bytes) -> None:
        raise ValueError(payload)

    first.ears.received = fails  # type: ignore[method-assign]
    first.client.send(frame(TEXT, b"boom") + frame(TEXT, b"secret")[:-1])
    await settle(lines)
    second.client.send(frame(TEXT, b"calm"))
    await settle(lines)
    assert (first.ears.ends, second.ears.ends) == (1, 0)
    assert second.ears.heard == ["calm"]


async def test_a_slow_reader_gets_everything_in_order(lines: Lines) -> None:
    end = End(lines)
    for number in range(40):
        end.line.write(Frame(b"%d" % number + b"x" * 9_000))
    assert end.line.unsent() > 100_000
    found = b""
    while len(found) < 40 * 9_000 or end.line.unsent():
        found += await end.some()
        await settle(lines)
    numbers = [int(payload.split(b"x")[0]) for _, payload in frames(found)]
    assert numbers == list(range(40))
    assert (end.line.unsent(), end.line._waiting) == (0, None)


async def test_nothing_follows_our_goodbye_and_the_answer_ends_it(lines: Lines) -> None:
    end = End(lines)
    end.line.close(Closing(CloseCode.TOO_FAST))
    end.line.write(Frame(b"late"))
    end.client.send(frame(TEXT, b"late too") + goodbye(4429))
    await settle(lines)
    [(opcode, payload)] = frames(await end.read())
    assert (opcode, payload[:2]) == (8, (4429).to_bytes(2))
    assert json.loads(payload[2:])["code"] == "too_fast"
    assert (end.ears.heard, end.ears.ends, len(lines)) == ([], 1, 0)


@pytest.mark.parametrize(("said", "answered"), [(1000, 1000), (1001, 1001), (4000, 4000), (0, 0)])
async def test_a_clients_goodbye_is_answered(lines: Lines, said: int, answered: int) -> None:
    end = End(lines)
    end.client.send(goodbye(said) if said else frame(8))
    await settle(lines)
    [(opcode, payload)] = frames(await end.read())
    assert (opcode, int.from_bytes(payload)) == (8, answered)
    assert (end.ears.ends, len(lines)) == (1, 0)


async def test_a_wrong_goodbye_is_a_bad_frame(lines: Lines) -> None:
    end = End(lines)
    end.client.send(goodbye(1006))
    await settle(lines)
    [(_, payload)] = frames(await end.read())
    assert payload[:2] == (4500).to_bytes(2)
    assert end.ears.ends == 1


async def test_a_clients_goodbye_waits_for_what_is_unsent(lines: Lines) -> None:
    end = End(lines)
    lines.sweep.stop()  # nothing but the last byte ends it
    for _ in range(4):
        end.line.write(BIG)
    end.client.send(goodbye(1000))
    await settle(lines)
    assert end.ears.ends == 0
    assert [opcode for opcode, _ in frames(await end.read())] == [1, 1, 1, 1, 8]
    assert end.ears.ends == 1


async def test_who_does_not_answer_our_goodbye_is_dropped(lines: Lines) -> None:
    loop = asyncio.get_running_loop()
    quiet, deaf = End(lines), End(lines)
    for _ in range(4):
        deaf.line.write(BIG)
    quiet.line.close(Closing(CloseCode.RESTARTING))
    deaf.line.close(Closing(CloseCode.TOO_SLOW))
    lines.sweep.look(loop.time() + CLOSE_WITHIN - 1)
    assert (quiet.ears.ends, deaf.ears.ends) == (0, 0)
    lines.sweep.look(loop.time() + CLOSE_WITHIN + 1)
    assert (quiet.ears.ends, deaf.ears.ends, len(lines)) == (1, 1, 0)
    assert frames(await quiet.read())[0][0] == 8


async def test_a_client_that_hangs_up_is_gone_once(lines: Lines) -> None:
    end = End(lines)
    end.client.close()
    end.line.write(Frame(b"{}"))
    end.line.write(Frame(b"{}"))
    await settle(lines)
    assert (end.ears.ends, len(lines)) == (1, 0)
    end.line.end()
    end.line.close(Closing(CloseCode.TOO_FAST))
    assert end.ears.ends == 1


async def test_one_may_end_another_in_the_same_turn(lines: Lines) -> None:
    first, second = End(lines), End(lines)
    first.ears.received = lambda payload: second.line.end()  # type: ignore[method-assign]
    second.ears.received = lambda payload: first.line.end()  # type: ignore[method-assign]
    for end in (first, second):
        end.client.send(frame(TEXT, b"there is only room for one"))
    await settle(lines)
    assert sorted((first.ears.ends, second.ears.ends)) == [0, 1]


async def test_pings_are_spread_and_every_line_gets_one_in_its_time(
    lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    pings: list[tuple[float, Line]] = []

    def ping(line: Line, now: float) -> None:
        pings.append((now, line))
        line.pinged = now
        line.hear(frame(PONG))

    monkeypatch.setattr(Line, "ping", ping)
    ends = [End(lines) for _ in range(100)]
    now = lines.sweep._looked
    for step in range(1, 401):
        lines.sweep.look(now + step * 0.25)
    rounds = 100 / PING_EVERY
    # One may be due a fraction of a second after the end: shares are added as floats.
    assert rounds * len(ends) - 1 <= len(pings) <= rounds * len(ends)
    most = max(sum(1 for when, _ in pings if when == moment) for moment, _ in pings)
    assert most <= 2, "never a burst"
    for end in ends:
        times = [when for when, line in pings if line is end.line]
        assert all(24 <= b - a <= 26 for a, b in pairwise(times))


async def test_the_more_lines_the_rarer_the_pings(
    lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweep, "PINGS_A_SECOND", 2)
    ends = [End(lines) for _ in range(100)]
    now = lines.sweep._looked
    for step in range(1, 200):
        lines.sweep.look(now + step * 0.25)
    assert 99 <= sum(1 for end in ends if end.line.pinged) <= 100, "two a second for 50 seconds"


async def test_who_answers_pings_stays_and_who_does_not_is_dropped(lines: Lines) -> None:
    alive, mute = End(lines), End(lines)
    now = lines.sweep._looked
    lines.sweep.look(now + PING_EVERY)
    assert await alive.some() == PING_FRAME
    alive.client.send(frame(PONG))
    mute.client.send(frame(TEXT, b"I only talk"))
    await settle(lines)
    lines.sweep.look(now + PING_EVERY + PONG_WITHIN - 1)
    assert (alive.ears.ends, mute.ears.ends) == (0, 0)
    lines.sweep.look(now + PING_EVERY + PONG_WITHIN + 1)
    assert (alive.ears.ends, mute.ears.ends) == (0, 1)
    assert mute.ears.heard == ["I only talk"]


async def test_a_flood_of_pings_is_not_answered_without_a_bound(lines: Lines) -> None:
    end = End(lines)
    flood = frame(PING, b"p" * 125) * 100
    for _ in range(60):
        with suppress(BlockingIOError):
            end.client.send(flood)
        await settle(lines)
    assert end.line.unsent() < 70_000
