"""The small rendition is the source again: same parts, same times, fewer lines; and it never holds the source up."""

from __future__ import annotations

import threading
import time
from fractions import Fraction
from pathlib import Path

import pytest
import redis

from streams.video.path import small as smalls
from streams.video.path.feed import Feed
from streams.video.path.fragments import audio_track, config, runs
from streams.video.path.lease import Lease
from streams.video.path.packager import Packager
from streams.video.path.parts import End, Init, Part, Piece, decode
from streams.video.path.small import LINES, NAME, Coder, Small
from streams.video.path.stills import Stills, jpeg, still_file
from streams.video.path.store import FIELD, still_key, stream_key
from tests.streams.video.filming import Footage, play, seen, shot
from tests.streams.video.path.conftest import Orders

SIZE = (640, 400)


def take_of(footage: Footage) -> list[Piece]:
    pieces: list[Piece] = []
    packager = Packager(
        video=footage.video,
        audio=footage.audio,
        emit=pieces.append,
        clock=lambda time: 5_000 + round(time * 1000),
        take=2,
        msn=30,
        source="rtmp",
    )
    play(footage, packager)
    packager.close("paused")
    return pieces


def heads(pieces: list[Piece]) -> list[tuple[object, ...]]:
    return [
        (part.take, part.msn, part.index, part.start, part.duration, part.at, part.independent)
        for part in pieces
        if isinstance(part, Part)
    ]


def made_small(pieces: list[Piece]) -> list[Piece]:
    """As the thread does it, with nothing else going on."""
    made: list[Piece] = []
    small = Small(lambda piece, name: made.append(piece))
    for piece in pieces:
        small.take(piece)
        while small.running and not small._waiting.empty():
            time.sleep(0.001)  # a source that goes as fast as it can be followed
    small.close()
    return made


@pytest.mark.parametrize("b_frames", [0, 2], ids=["in order", "out of order"])
def test_the_small_rendition_has_the_same_parts_at_the_same_times(b_frames: int) -> None:
    times = tuple(Fraction(number * 40 + number % 3 * 7, 1000) for number in range(40))
    pieces = take_of(shot(1.6, *SIZE, times=times, b_frames=b_frames, keys_every=0.96))

    made = made_small(pieces)

    assert heads(made) == heads(pieces)
    assert {part.msn for part in made if isinstance(part, Part)} == {30, 31}
    init, source = made[0], pieces[0]
    assert isinstance(init, Init)
    assert isinstance(source, Init)
    assert (init.rendition, init.width, init.height, init.msn) == (NAME, 576, LINES, 30)
    assert init.codecs.endswith(",mp4a.40.2")
    assert made[-1] == End(take=2, reason="paused")
    before, after = seen(pieces), seen(made)
    assert after.size == (576, LINES)
    assert after.frames == before.frames
    assert after.keys == before.keys
    assert after.sound == before.sound
    assert after.brightness == pytest.approx(before.brightness, abs=3)


def test_a_feed_sends_it_beside_the_source_and_says_so(store: redis.Redis, order: Orders) -> None:
    pieces = take_of(shot(1, *SIZE))
    with Feed(order(small=True)) as feed:
        feed.emit(pieces[0])
        assert feed.state()["renditions"] == ["source", "360p"]
        for piece in pieces[1:]:
            feed.emit(piece)

    found = store.xrange(stream_key("evening", "360p"))
    assert heads([decode(fields[FIELD]) for _, fields in found]) == heads(pieces)  # type: ignore[union-attr]
    assert feed.state()["renditions"] == ["source"]


def test_a_small_rendition_that_can_not_keep_up_ends_and_the_source_goes_on(
    store: redis.Redis, order: Orders, monkeypatch: pytest.MonkeyPatch
) -> None:
    pieces = take_of(shot(5, *SIZE, 8))
    stuck, go_on = threading.Event(), threading.Event()

    def slow(self: Coder, part: Part) -> list[Part]:
        stuck.set()
        assert go_on.wait(30)
        return []

    monkeypatch.setattr(Coder, "take", slow)
    with Feed(order(small=True)) as feed:
        feed.emit(pieces[0])
        feed.emit(pieces[1])
        assert stuck.wait(30)
        for piece in pieces[2:]:
            feed.emit(piece)  # without waiting: the coder stands still
        assert feed.state()["renditions"] == ["source"]
        go_on.set()

    assert store.xlen(stream_key("evening", "source")) == len(pieces)
    *_, (_, last) = store.xrange(stream_key("evening", "360p"))  # type: ignore[misc]
    assert decode(last[FIELD]) == End(take=2, reason="failed")


@pytest.mark.parametrize("whole", [60, 700], ids=["boxes", "picture"])
def test_a_damaged_source_ends_the_small_rendition_only(whole: int) -> None:
    init, first, *rest = take_of(shot(1, *SIZE))
    damaged = first.payload[:whole] + bytes(len(first.payload) - whole)
    broken = Part(2, 30, 1, 0.25, 0.25, 0, False, damaged)

    made = made_small([init, first, broken, *rest])

    assert made[-1] == End(take=2, reason="failed")


def test_a_source_of_few_lines_has_no_small_rendition() -> None:
    assert made_small(take_of(shot(1, 320, 180))) == []


def test_a_displaced_sender_leaves_no_small_rendition_behind(
    store: redis.Redis, order: Orders
) -> None:
    pieces = take_of(shot(1, *SIZE))
    with Feed(order(small=True)) as feed:
        Lease(store, "evening", "browser:two").take(from_others=True)
        for piece in pieces:
            feed.emit(piece)

    assert not store.exists(stream_key("evening", "360p"))


def test_boxes_are_read_back_as_they_were_written() -> None:
    footage = shot(1)
    init, first, *_ = take_of(footage)

    assert config(init.payload) == footage.video.config
    assert audio_track(init.payload) == footage.audio
    picture, sound = runs(first.payload)
    assert [sample.data for sample in picture.samples] == [
        frame.data for frame in footage.frames[: len(picture.samples)]
    ]
    assert sum(sample.duration for sample in sound.samples) == 1024 * len(sound.samples)
    assert audio_track(take_of(shot(1, audio=False))[0].payload) is None


# -- stills ---------------------------------------------------------------------------------------


def test_a_still_is_the_keyframe_as_a_small_jpeg() -> None:
    init, first, second, *_ = take_of(shot(1, 1280, 720, 8))
    assert isinstance(init, Init)
    assert isinstance(first, Part)
    assert isinstance(second, Part)

    image = jpeg(init, first)

    assert image[:3] == b"\xff\xd8\xff"
    assert len(image) < 40_000
    with pytest.raises(ValueError):
        jpeg(init, second)


def test_a_feed_keeps_the_last_still_with_the_take_and_shows_it(
    store: redis.Redis, order: Orders, tmp_path: Path
) -> None:
    pieces = take_of(shot(1))
    with Feed(order()) as feed:
        for piece in pieces:
            feed.emit(piece)

    # At the end at the latest: a show of a few seconds has one too.
    kept = still_file(tmp_path / "takes", 1).read_bytes()
    assert kept[:3] == b"\xff\xd8\xff"
    assert store.get(still_key("evening")) == kept


def test_stills_are_made_now_and_then(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr("streams.video.path.stills.time.monotonic", lambda: now[0])
    init, first, *_ = take_of(shot(1))
    stills = Stills(tmp_path / "1.jpg")
    assert stills.due() is None
    made = []
    for _ in range(60):
        stills.see(init)
        stills.see(first)
        made.append(stills.due())
        now[0] += 0.5

    assert sum(each is not None for each in made) == 3


def test_a_picture_of_which_no_still_can_be_made_is_tried_once(tmp_path: Path) -> None:
    init, first, *_ = take_of(shot(1))
    assert isinstance(first, Part)
    broken = Part(2, 30, 0, 0.0, 0.25, 0, True, first.payload[:300] + bytes(len(first.payload)))
    stills = Stills(tmp_path / "1.jpg")
    stills.see(init)
    stills.see(broken)

    assert stills.due() is None
    stills.see(first)
    assert stills.due() is None
    assert not (tmp_path / "1.jpg").exists()


def test_the_small_rendition_is_for_usual_sizes() -> None:
    init = take_of(shot(1))[0]
    assert isinstance(init, Init)
    huge = Init(1, "source", "avc1", 7680, 4320, 1, 0.25, 4.0, 0, "rtmp", init.payload)

    with pytest.raises(smalls.TooMuch):
        Coder(huge)
