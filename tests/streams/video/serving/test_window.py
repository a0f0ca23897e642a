"""The ring, and the reader that fills it."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from streams.video import window as window_module
from streams.video.path.parts import End, encode
from streams.video.path.store import Writer, stream_key
from streams.video.window import LOST_AFTER, RING_SECONDS, Window
from streams.video.windows import LINGER, Windows
from tests.streams.room.test_outage import OwnValkey
from tests.streams.video.serving.watching import Sender, init, now_ms, parts, places


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def filled(*pieces: object, clock: Clock | None = None) -> Window:
    window = Window("evening-edit", "source", clock or Clock())
    for piece in pieces:
        window.take(encode(piece))  # type: ignore[arg-type]
    return window


def held(window: Window) -> list[str]:
    return places(kept.piece for kept in window.ring)


# -- the ring -------------------------------------------------------------------------------------


def test_the_ring_holds_so_many_seconds_and_the_beginnings_of_what_is_in_it() -> None:
    first, second = init(1, 100), init(2, 1000)
    window = filled(first, *parts(first, 60), second, *parts(second, 10))
    seconds = sum(part.duration for part in window.parts())
    assert RING_SECONDS - 0.25 <= seconds <= RING_SECONDS
    assert window.init_of(1)
    assert window.init_of(2)
    for part in parts(second, 60, first=10):
        window.take(encode(part))
    assert len(window.ring) == RING_SECONDS * 4
    assert window.init_of(1) is None
    assert window.init_of(2), "of the take that goes on"


def test_the_ring_holds_so_many_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(window_module, "RING_BYTES", 200_000)
    beginning = init()
    window = filled(beginning, *parts(beginning, 10, size=10_000))
    assert 150_000 < sum(kept.size for kept in window.ring) <= 200_000
    assert held(window)[-1] == "109.3"


def test_what_can_not_be_decoded_never_gets_in() -> None:
    beginning = init()
    film = parts(beginning, 4)
    window = filled(beginning, *film[1:3], *film[4:6], *film[7:8], *film[8:9], film[8], film[5])
    window.take(b"no piece of video")
    window.take(encode(parts(init(7, 900), 1)[0]))
    assert held(window) == ["init 1", "101.0", "101.1", "102.0"]
    assert window.missing, "the Init of the unknown take has to be found"


def test_a_newcomer_begins_at_the_newest_keyframe() -> None:
    beginning = init()
    window = filled(beginning)
    assert window.newest_key() is None
    for part in parts(beginning, 3)[:-2]:
        window.take(encode(part))
    key = window.newest_key()
    assert key is not None
    assert places([key.piece]) == ["102.0"]
    assert places(kept.piece for kept in window.after(key.number)) == ["102.1"]
    assert window.after(window.number) == []
    assert window.after(-50) == list(window.ring)


def test_a_silent_source_is_lost_and_comes_back_by_itself() -> None:
    clock = Clock()
    beginning = init()
    film = parts(beginning, 2)
    window = filled(beginning, *film[:4], clock=clock)
    window.settle()
    assert window.live
    clock.now += LOST_AFTER + 0.1
    window.look()
    assert (window.live, window.reason) == (False, "lost")
    window.take(encode(film[4]))
    window.look()
    assert (window.live, window.reason) == (True, "")
    window.take(encode(End(1, "paused")))
    window.look()
    assert (window.live, window.reason) == (False, "paused")


def test_what_the_store_still_has_of_a_source_that_is_gone_is_not_live() -> None:
    old = init(at=now_ms() - 20_000)
    window = filled(old, *parts(old, 4))
    window.settle()
    assert (window.live, window.reason) == (False, "lost")
    fresh = init(at=now_ms() - 4_000)
    window = filled(fresh, *parts(fresh, 4))
    window.settle()
    assert window.live


# -- the reader -----------------------------------------------------------------------------------


@pytest_asyncio.fixture
async def windows() -> AsyncIterator[Windows]:
    found = Windows()
    yield found
    await found.stop()


@pytest.fixture
def lone() -> Iterator[Sender]:
    sender = Sender("a-show-for-readers")
    yield sender
    sender.close()


async def arrived(window: Window, place: str) -> None:
    assert await window.until(lambda: bool(window.ring) and held(window)[-1] == place, 8), held(
        window
    )


async def test_many_wait_for_a_part_and_one_reader_wakes_all(
    windows: Windows, lone: Sender
) -> None:
    window = windows.window(lone.slug, "source")
    assert windows.window(lone.slug, "source") is window
    await window.loaded.wait()
    looks = 0

    def look() -> None:
        nonlocal looks
        looks += 1

    window.listeners.add(look)
    waiting = [
        asyncio.create_task(window.until(lambda: window.place is not None, 8)) for _ in range(500)
    ]
    await asyncio.sleep(0)
    beginning = init()
    lone.send([beginning, *parts(beginning, 1)])
    assert all(await asyncio.gather(*waiting))
    assert window.waiting == 0
    assert len(windows) == 1
    assert looks < 20, "not once for each who waits"


async def test_nobody_waits_for_longer_than_told(windows: Windows, lone: Sender) -> None:
    window = windows.window(lone.slug, "source")
    assert not await window.until(lambda: False, 0.01)
    assert window.waiting == 0


async def test_a_reader_stops_when_nobody_has_used_its_window_for_a_while(
    windows: Windows, lone: Sender
) -> None:
    window = windows.window(lone.slug, "source")
    window.listeners.add(lambda: None)
    used = window.used
    await windows.sweep(used + LINGER + 1)
    assert window in windows, "somebody listens"
    window.listeners.clear()
    await windows.sweep(window.used + LINGER - 1)
    assert window in windows
    await windows.sweep(window.used + LINGER + 1)
    assert window not in windows
    assert windows.window(lone.slug, "source") is not window


@pytest.fixture
def own_valkey(monkeypatch: pytest.MonkeyPatch) -> Iterator[OwnValkey]:
    folder = Path(tempfile.mkdtemp(prefix="lv", dir="/tmp"))  # a socket's path is short
    server = OwnValkey(folder)
    monkeypatch.setattr("django.conf.settings.VIDEO_REDIS_URL", server.url)
    yield server
    server.kill()
    shutil.rmtree(folder)


async def test_a_reader_goes_on_after_valkey_was_killed(
    own_valkey: OwnValkey, windows: Windows
) -> None:
    """With what is new, on an empty store whose entries are counted from an earlier time."""
    sender = Sender("evening-edit")
    beginning = init()
    film = parts(beginning, 4)
    sender.client.xadd(stream_key("evening-edit", "source"), {"p": b"?"}, id="9999999999999-0")
    sender.send([beginning, *film[:6]])
    window = windows.window("evening-edit", "source")
    await arrived(window, "101.1")
    own_valkey.kill()
    sender.send(film[6:9])
    assert sender.writer.lost == 3
    forget(own_valkey)
    await asyncio.to_thread(own_valkey.start)
    sender.writer = Writer(sender.client, sender.slug)
    sender.send([beginning, *film[9:]])
    await arrived(window, "103.3")
    assert held(window)[-6:] == ["101.0", "101.1", "103.0", "103.1", "103.2", "103.3"]
    assert held(window).count("init 1") == 1
    sender.close()


def forget(server: OwnValkey) -> None:
    """What it has on the disk."""
    for path in Path(server.valkey.data).iterdir():
        if path.is_dir():
            shutil.rmtree(path)
