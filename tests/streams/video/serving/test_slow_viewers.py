"""Whoever does not read fast enough jumps; whoever does not read at all goes; nothing grows meanwhile."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Iterable
from typing import Any

import pytest
import pytest_asyncio

from streams.room.encoding import BinaryFrame, Frame
from streams.room.line import Lines, Taken
from streams.room.protocol import CloseCode, Closing
from streams.video import figures
from streams.video import viewer as viewer_module
from streams.video.path.parts import Part, Piece, Place, decode, encode
from streams.video.viewer import BEHIND, LEAST, TOO_SLOW_AFTER, Viewer
from streams.video.window import Window
from tests.streams.video.serving.watching import init, parts, places

SIZE = 40_000
TEXT = Frame(b"{}")


class Slow:
    """An outlet whose reader takes what a test says."""

    joins = True

    def __init__(self) -> None:
        self.pieces: list[Piece] = []
        self.kept = 0
        self.most = 0
        self.closing: Closing | None = None

    def write(self, frame: Frame) -> None:
        if isinstance(frame, BinaryFrame):
            self.pieces.append(decode(bytes(frame.message()["bytes"])))  # type: ignore[arg-type]
        self.kept += len(frame.wire)
        self.most = max(self.most, self.kept)

    def send_bytes(self, data: bytes) -> None:
        raise NotImplementedError

    def unsent(self) -> int:
        return self.kept

    def close(self, closing: Closing) -> None:
        self.closing = closing

    def reads(self, size: int) -> None:
        self.kept = max(0, self.kept - size)


class Stand:
    """In place of a scene."""

    def leave(self, viewer: Viewer) -> None: ...

    def turn(self, viewer: Viewer, rendition: str) -> None: ...


def watching(window: Window, outlet: Any) -> Viewer:
    viewer = Viewer()
    stand: Any = Stand()
    viewer.begin(stand, outlet, window, TEXT, 0.0)
    return viewer


def played(rate: float, seconds: int = 40) -> tuple[Slow, list[Part]]:
    """A viewer who reads `rate` seconds of media in a second, over several takes."""
    window = Window("evening-edit", "source", lambda: 0.0)
    first, second = init(1, 100), init(2, 100 + seconds // 2)
    film: list[Piece] = [first, *parts(first, seconds // 2, size=SIZE)]
    film += [second, *parts(second, seconds // 2, size=SIZE)]
    outlet = Slow()
    viewer = watching(window, outlet)
    for number, piece in enumerate(film):
        window.take(encode(piece))
        viewer.pump(number / 4)
        outlet.reads(round(SIZE * rate))
    return outlet, [each for each in film if isinstance(each, Part)]


def jumps(pieces: Iterable[Piece]) -> list[Part]:
    """Parts that can not follow what was told before them; the last parts of a segment may be missing unnoticed."""
    found, last = [], None
    for piece in pieces:
        if isinstance(piece, Part):
            place = Place.of(piece)
            if last is not None and place not in (
                Place(last.msn, last.index + 1),
                Place(last.msn + 1, 0),
            ):
                found.append(piece)
            last = place
    return found


def test_a_viewer_who_is_quick_enough_gets_every_part_once() -> None:
    outlet, film = played(1.05)
    assert [each for each in outlet.pieces if isinstance(each, Part)] == film
    assert places(outlet.pieces)[:2] == ["init 1", "100.0"]


def test_a_slow_viewer_jumps_to_keyframes_and_stays_near_the_end() -> None:
    before = figures.jumps.counts[()]
    outlet, film = played(0.6)
    found = jumps(outlet.pieces)
    assert figures.jumps.counts[()] - before >= len(found)
    assert len(found) >= 4
    assert all(part.independent for part in found if part.take == found[0].take)
    assert outlet.most <= BEHIND * 4 * (SIZE + 300) + 2 * SIZE + LEAST
    [last] = [each for each in outlet.pieces if isinstance(each, Part)][-1:]
    assert film[-1].msn - last.msn <= 2
    inits = [at for at, each in enumerate(outlet.pieces) if each.kind == "init"]
    assert [places(outlet.pieces)[at] for at in inits] == ["init 1", "init 2"]
    following = outlet.pieces[inits[1] + 1]
    assert isinstance(following, Part)
    assert following.independent


def test_without_the_bound_it_would_be_ever_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(viewer_module, "BEHIND", 1e9)
    outlet, _ = played(0.6)
    assert jumps(outlet.pieces) == []
    assert outlet.most > 40 * 4 * SIZE * 0.3


def test_who_never_reads_is_sent_away() -> None:
    window = Window("evening-edit", "source", lambda: 0.0)
    beginning = init()
    outlet = Slow()
    viewer = watching(window, outlet)
    gone_at = 0.0
    film: list[Piece] = [beginning, *parts(beginning, 40, size=SIZE)]
    for number, piece in enumerate(film):
        window.take(encode(piece))
        viewer.pump(number / 4)
        if outlet.closing is not None:
            gone_at = number / 4
            break
    assert outlet.closing == Closing(CloseCode.TOO_SLOW)
    assert TOO_SLOW_AFTER < gone_at < TOO_SLOW_AFTER + 6
    before = len(outlet.pieces)
    viewer.pump(99.0)
    assert len(outlet.pieces) == before


def test_who_reads_a_little_now_and_then_stays() -> None:
    outlet, _ = played(0.3, seconds=60)
    assert outlet.closing is None


# -- a real socket --------------------------------------------------------------------------------


@pytest_asyncio.fixture
async def lines() -> AsyncIterator[Lines]:
    found = Lines()
    yield found
    found.stop()


def connected() -> tuple[int, socket.socket]:
    """Our end as a descriptor, and the client's."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        client = socket.create_connection(server.getsockname())
        ours, _ = server.accept()
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 128 * 1024)
    return ours.detach(), client


async def fed(lines: Lines, seconds: int) -> tuple[int, list[Viewer], list[socket.socket]]:
    """The most bytes that were kept for ten sockets that never read while so much was sent."""
    window = Window("evening-edit", "source", lambda: 0.0)
    viewers, clients = [], []
    for _ in range(10):
        descriptor, client = connected()
        viewer = Viewer()
        line = lines.open(Taken(descriptor, b"", b""), viewer)
        stand: Any = Stand()
        viewer.begin(stand, line, window, TEXT, 0.0)
        viewers.append(viewer)
        clients.append(client)
    beginning = init()
    film: list[Piece] = [beginning, *parts(beginning, seconds, size=SIZE)]
    most = 0
    for number, piece in enumerate(film):
        window.take(encode(piece))
        for viewer in viewers:
            viewer.pump(number / 4)
        await asyncio.sleep(0)
        most = max(most, lines.unsent)
    return most, viewers, clients


async def test_sockets_that_never_read_cost_a_bound_each_and_then_nothing(lines: Lines) -> None:
    most, viewers, clients = await fed(lines, 60)
    each = BEHIND * 4 * (SIZE + 300) + 2 * SIZE
    assert most <= 10 * each
    assert all(viewer.closed for viewer in viewers)
    loop = asyncio.get_running_loop()
    lines.sweep.look(loop.time() + 10)
    assert lines.unsent == 0, "their goodbye was not read either, and they are dropped"
    for client in clients:
        client.close()


async def test_without_the_bound_all_of_it_is_kept_for_each(
    lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(viewer_module, "BEHIND", 1e9)
    monkeypatch.setattr(viewer_module, "TOO_SLOW_AFTER", 1e9)
    most, _, clients = await fed(lines, 30)
    assert most > 10 * 25 * 4 * SIZE
    for client in clients:
        client.close()
