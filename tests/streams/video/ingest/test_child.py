"""The process that reads a browser's or OBS's bytes: right ones become parts, all others a clear refusal."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Literal

import pytest
import redis
from django.conf import settings

from streams.video.ingest.child import Child
from streams.video.path.orders import TakeOrder
from streams.video.path.parts import End, Init, Part, Piece, decode
from streams.video.path.recorder import film
from tests.streams.video.filming import seen
from tests.streams.video.ingest.recordings import recording

Kind = Literal["webm", "flv"]
SLUG = "evening-edit"


class Listening:
    """A child, and all that it said."""

    def __init__(self, child: Child) -> None:
        self.child = child
        self.notes: list[dict[str, Any]] = []
        self.began = asyncio.Event()
        self.task = asyncio.create_task(self._listen())

    async def _listen(self) -> None:
        async for note in self.child.notes:
            self.notes.append(note)
            if note["kind"] == "began":
                self.began.set()

    async def ended(self) -> dict[str, Any]:
        """Its refusal, or its last word."""
        await asyncio.wait_for(self.task, 15)
        refused = [note for note in self.notes if note["kind"] == "refused"]
        return (refused or self.notes)[-1]


@asynccontextmanager
async def filming(folder: Path, kind: Kind = "webm") -> AsyncIterator[Listening]:
    order = TakeOrder(
        settings.VIDEO_REDIS_URL, SLUG, "browser", 1, 100, str(folder), 1 << 30, "browser:a"
    )
    listening = Listening(await Child.start(order, kind))
    try:
        yield listening
    finally:
        listening.child.kill()
        await listening.child.stop("stopped")
        await listening.ended()


async def sent(listening: Listening, data: bytes, reason: str = "stopped") -> dict[str, Any]:
    """All of it in portions, as it comes over a network; then the end."""
    try:
        for start in range(0, len(data), 5000):
            await listening.child.feed(data[start : start + 5000])
    except OSError:
        pass  # the child has refused it
    await listening.child.stop(reason)
    return await listening.ended()


def stored() -> list[Piece]:
    with redis.Redis.from_url(settings.VIDEO_REDIS_URL) as client:
        entries: Any = client.xrange(f"video:{SLUG}:source")
    return [decode(fields[b"p"]) for _, fields in entries]


CODECS: list[tuple[Kind, Callable[[], bytes]]] = [
    ("webm", lambda: recording(2.0)),
    ("webm", lambda: recording(2.0, video="libvpx")),
    ("webm", lambda: recording(2.0, video="libvpx-vp9")),
    ("flv", lambda: recording(2.0, container="flv", audio="aac")),
]


@pytest.mark.parametrize(("kind", "made"), CODECS, ids=["h264", "vp8", "vp9", "flv"])
async def test_a_recording_becomes_parts_with_picture_and_sound_in_step(
    tmp_path: Path, kind: Kind, made: Callable[[], bytes]
) -> None:
    async with filming(tmp_path, kind) as listening:
        said = await sent(listening, made())
    assert said == {"kind": "ended", "reason": "stopped"}
    pieces = stored()
    [init] = [each for each in pieces if isinstance(each, Init)]
    parts = [each for each in pieces if isinstance(each, Part)]
    assert (init.width, init.height) == (160, 90)
    assert init.codecs.endswith("mp4a.40.2")
    assert isinstance(pieces[-1], End)
    assert max(each.duration for each in parts) <= 0.26
    assert {each.msn for each in parts if each.independent} == {100, 101}
    watched = seen(pieces)
    assert len(watched.frames) == 48
    assert watched.frames == sorted(watched.frames)
    # Sound from the beginning to nearly the end, and without a hole.
    assert abs(watched.sound[0][0]) < 0.05
    assert watched.sound[-1][1] > 1.9
    holes = [
        after[0] - before[1]
        for before, after in zip(watched.sound, watched.sound[1:], strict=False)
    ]
    assert max(map(abs, holes)) < 0.002
    assert film(tmp_path, 1).stat().st_size == sum(len(each.payload) for each in pieces)


async def test_a_recording_without_a_microphone_has_only_a_picture(tmp_path: Path) -> None:
    async with filming(tmp_path) as listening:
        await sent(listening, recording(1.0, audio=None))
    [init] = [each for each in stored() if isinstance(each, Init)]
    assert init.codecs.startswith("avc1.")
    assert "mp4a" not in init.codecs


WRONG: list[tuple[str, Callable[[], bytes]]] = [
    ("not_video", lambda: bytes(range(256)) * 400),
    ("not_video", lambda: b"GET / HTTP/1.1\r\n\r\n" * 5000),
    ("no_picture", lambda: recording(1.0, video=None)),
    ("wrong_codec", lambda: recording(1.0, video="mpeg4")),
    ("wrong_codec", lambda: recording(1.0, audio="flac")),
]


@pytest.mark.parametrize(("code", "made"), WRONG, ids=["noise", "text", "sound", "mpeg4", "flac"])
async def test_what_can_not_be_shown_is_refused_in_words(
    tmp_path: Path, code: str, made: Callable[[], bytes]
) -> None:
    async with filming(tmp_path) as listening:
        said = await sent(listening, made())
    assert (said["kind"], said["code"]) == ("refused", code)
    assert said["message"].endswith(".")
    assert listening.notes[-1] == {"kind": "ended", "reason": "failed"}
    assert stored() == []


async def test_a_recording_that_breaks_off_is_shown_as_far_as_it_came(tmp_path: Path) -> None:
    whole = recording(2.0)
    async with filming(tmp_path) as listening:
        said = await sent(listening, whole[: len(whole) * 3 // 4], "lost")
    assert said == {"kind": "ended", "reason": "lost"}
    [*pieces, end] = stored()
    assert end == End(take=1, reason="lost")
    assert 1.0 < len(seen([*pieces]).frames) / 24 < 1.8


def claims_two_gigabytes(kind: Kind) -> bytes:
    """A good beginning, and then a length that nobody sends."""
    if kind == "webm":
        whole = recording(1.0)
        # A cluster without an end, and in it a block that claims 2 GB (EBML: eight bytes of length).
        block = b"\xa3\x01" + (2 << 30).to_bytes(7, "big") + b"\x81\0\0\x80"
        cluster = b"\x1f\x43\xb6\x75\x01\xff\xff\xff\xff\xff\xff\xff\xe7\x81\x00"
        return whole + cluster + block
    whole = recording(1.0, container="flv", audio="aac")
    # The longest that FLV can say is 16 MB.
    return whole + b"\x09\xff\xff\xff" + bytes(7) + b"\x17\x01\0\0\0"


@pytest.mark.parametrize("kind", ["webm", "flv"])
async def test_a_claim_of_gigabytes_is_refused_and_takes_no_memory(
    tmp_path: Path, kind: Kind
) -> None:
    async with filming(tmp_path, kind) as listening:
        child = listening.child
        await child.feed(claims_two_gigabytes(kind))
        await asyncio.wait_for(listening.began.wait(), 10)
        before = memory(child.pid)
        grown = 0
        try:
            for _ in range(200):  # 12 MB, more than may come without a frame
                await child.feed(bytes(64 * 1024))
                grown = max(grown, memory(child.pid) - before)
        except OSError:
            pass
        said = await listening.ended()
    assert said["kind"] == "refused"
    assert said["code"] in {"too_large", "damaged"}
    assert grown < 24 * 1024 * 1024


def memory(pid: int) -> int:
    """Resident bytes; none of a process that has ended."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, IndexError):
        return 0


async def test_the_child_has_bounds_and_no_secrets(tmp_path: Path) -> None:
    async with filming(tmp_path) as listening:
        await listening.child.feed(recording(1.0)[:20_000])
        await asyncio.wait_for(listening.began.wait(), 10)
        process = Path(f"/proc/{listening.child.pid}")
        limits = (process / "limits").read_text()
        environment = (process / "environ").read_bytes()
        nice = int((process / "stat").read_text().rpartition(")")[2].split()[16])
    [space] = [line.split()[3] for line in limits.splitlines() if "address space" in line]
    [core] = [line.split()[4] for line in limits.splitlines() if "core file" in line]
    assert (int(space), int(core)) == (640 * 1024 * 1024, 0)
    assert nice >= os.nice(0) + 5
    assert b"DATABASE_URL" not in environment
    assert b"SECRET_KEY" not in environment


async def test_a_killed_child_says_that_it_is_worth_another_try(tmp_path: Path) -> None:
    async with filming(tmp_path) as listening:
        await listening.child.feed(recording(1.0)[:20_000])
        await asyncio.wait_for(listening.began.wait(), 10)
        os.kill(listening.child.pid, signal.SIGKILL)
        said = await listening.ended()
        with pytest.raises(OSError, match="child has ended"):
            await listening.child.feed(b"more")
    assert (said["code"], said["retry"]) == ("camera_failed", True)
    assert listening.notes[-1] == {"kind": "ended", "reason": "failed"}


async def test_a_child_without_a_parent_ends_its_take_by_itself(tmp_path: Path) -> None:
    async with filming(tmp_path) as listening:
        await listening.child.feed(recording(1.0)[:20_000])
        await asyncio.wait_for(listening.began.wait(), 10)
        # What a killed web process leaves behind: the end of the pipe, and no word.
        stdin = listening.child._process.stdin
        assert stdin is not None
        stdin.close()
        said = await listening.ended()
    assert said == {"kind": "ended", "reason": "lost"}
    assert stored()[-1] == End(take=1, reason="lost")
    with redis.Redis.from_url(settings.VIDEO_REDIS_URL) as client:
        assert client.get(f"video:{SLUG}:sender") is None
