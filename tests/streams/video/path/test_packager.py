"""Frames of every kind of sender become parts that a reader takes, in step and in time."""

from __future__ import annotations

import itertools
import random
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.video.path.packager import LONGEST_SEGMENT, PART, BrokenTimes
from streams.video.path.parts import End, Init, Piece, Place
from tests.streams.video.filming import play, seen, shot
from tests.streams.video.path.packing import (
    FRAME,
    demuxed,
    ends,
    footage_of,
    packaged,
    packager_of,
    parts_of,
)

# -- what a reader finds --------------------------------------------------------------------------


@pytest.mark.parametrize("frame", [None, FRAME], ids=["any length", "even"])
def test_a_reader_finds_every_frame_at_its_time(frame: Fraction | None) -> None:
    footage = shot(3)

    found = seen(packaged(footage, frame))

    assert found.size == (160, 90)
    assert found.frames == pytest.approx([number / 24 for number in range(72)], abs=0.0001)
    assert found.keys == [0.0, 1.0, 2.0]
    # The grey steps by two from frame to frame: none is lost, none comes twice.
    assert found.brightness[1:24] == pytest.approx(
        [found.brightness[0] + step * 2.33 for step in range(1, 24)], abs=2
    )


def test_uneven_times_are_kept_and_no_part_is_longer_than_a_quarter_second() -> None:
    dice = random.Random(4)
    steps = [Fraction(dice.choice((17, 33, 34, 66, 120, 249)), 1000) for _ in range(60)]
    times = (Fraction(0), *itertools.accumulate(steps))
    footage = shot(1, audio=False, times=times)

    pieces = packaged(footage)

    assert seen(pieces).frames == pytest.approx([float(time) for time in times], abs=0.0001)
    assert max(part.duration for part in parts_of(pieces)) <= PART


def test_pictures_that_are_sent_out_of_order_are_shown_in_order() -> None:
    footage = shot(2, b_frames=2)
    assert any(frame.pts != frame.dts for frame in footage.frames)

    found = seen(packaged(footage))

    first = float(footage.frames[0].pts - footage.frames[0].dts)
    assert found.frames == pytest.approx([first + number / 24 for number in range(48)], abs=0.0001)
    assert found.sound[0][0] == pytest.approx(0, abs=0.022)


def test_what_comes_before_the_first_keyframe_is_left_out() -> None:
    footage = footage_of([FRAME * number for number in range(10)], keys=[4])

    pieces = packaged(footage)

    assert len(demuxed(pieces)) == 6
    assert parts_of(pieces)[0].start == 0.0


def test_nothing_is_sent_of_a_take_without_a_keyframe() -> None:
    assert packaged(footage_of([Fraction(0), FRAME], keys=[])) == []


# -- segments -------------------------------------------------------------------------------------


def test_segments_begin_at_keyframes_and_only_such_parts_are_independent() -> None:
    # The sender's clock counts milliseconds, and its keyframes come a little early or late.
    times = [Fraction(round(number * 1000 / 30), 1000) for number in range(300)]
    keys = [0, 30, 59, 90, 121, 150, 180, 195, 210, 240, 270]

    pieces = packaged(footage_of(times, keys))

    parts = parts_of(pieces)
    assert [part.independent for part in parts] == [part.index == 0 for part in parts]
    assert {part.msn for part in parts} == set(range(7, 17))
    for part in parts:
        assert part.independent == demuxed([pieces[0], part])[0].is_keyframe


def test_without_keyframes_segments_go_on_and_say_that_nobody_can_begin_there() -> None:
    times = [Fraction(number, 10) for number in range(130)]
    pieces = packaged(footage_of(times, keys=[0, 95]))

    firsts = [part for part in parts_of(pieces) if part.index == 0]
    assert [part.start for part in firsts] == [0.0, LONGEST_SEGMENT, 8.0, 9.5]
    # The segment that could not wait ends as soon as there is a keyframe.
    assert [part.independent for part in firsts] == [True, False, False, True]


def test_numbers_of_segments_and_parts_have_no_hole() -> None:
    places = [Place.of(part) for part in parts_of(packaged(shot(3)))]

    assert places[0] == Place(7, 0)
    for before, after in itertools.pairwise(places):
        assert after in (Place(before.msn, before.index + 1), Place(before.msn + 1, 0))


def test_an_even_part_does_not_wait_for_the_frame_after_it() -> None:
    footage = footage_of([FRAME * number for number in range(6)])
    pieces: list[Piece] = []
    packager = packager_of(footage, pieces, FRAME)

    play(footage, packager)

    assert [part.duration for part in parts_of(pieces)] == [0.25]


def test_a_camera_that_skips_frames_leaves_no_hole() -> None:
    times = [FRAME * number for number in range(48) if number not in (6, 7, 8, 20, 21, 22, 23)]

    packets = demuxed(packaged(footage_of(times), FRAME))

    for before, after in itertools.pairwise(packets):
        assert ends(before) == pytest.approx(float(after.dts * after.time_base), abs=0.0001)
    assert ends(packets[-1]) == pytest.approx(2.0)


def test_the_end_comes_once_and_last() -> None:
    pieces: list[Piece] = []
    packager = packager_of(shot(1), pieces)
    play(shot(1), packager)

    packager.close("paused")
    packager.close("stopped")

    assert pieces[-1] == End(take=3, reason="paused")
    assert sum(isinstance(piece, End) for piece in pieces) == 1
    assert isinstance(pieces[0], Init)


# -- broken clocks --------------------------------------------------------------------------------


@pytest.mark.parametrize(("pts", "dts"), [(-1, -1), (30, 30), (1, 1_000), (2_000, 1)], ids=str)
@pytest.mark.parametrize("frame", [None, FRAME], ids=["any length", "even"])
def test_times_that_run_backwards_or_jump_end_the_take(
    pts: int, dts: int, frame: Fraction | None
) -> None:
    one = footage_of([Fraction(0)]).frames[0]
    packager = packager_of(footage_of([Fraction(0)]), [], frame)
    packager.video(one.data, pts=Fraction(0), dts=Fraction(0), key=True)

    with pytest.raises(BrokenTimes):
        packager.video(one.data, pts=Fraction(pts), dts=Fraction(dts), key=False)


def test_a_frame_a_little_before_the_last_one_is_put_after_it() -> None:
    times = [Fraction(at, 1000) for at in (0, 40, 40, 39, 80, 120)]

    packets = demuxed(packaged(footage_of(times)))

    dts = [packet.dts for packet in packets]
    assert dts == sorted(set(dts))


# -- whatever comes -------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(
    steps=st.lists(st.integers(1, 900), min_size=1, max_size=60),
    keys=st.sets(st.integers(1, 60)),
    even=st.booleans(),
)
def test_whatever_comes_the_picture_is_one_line_in_bounded_parts(
    steps: list[int], keys: set[int], even: bool
) -> None:
    times = [Fraction(0), *itertools.accumulate(Fraction(step, 1000) for step in steps)]
    footage = footage_of(times, {0, *keys})

    pieces = packaged(footage, FRAME if even else None)

    parts, init = parts_of(pieces), pieces[0]
    assert len(demuxed(pieces)) == len(times)
    end, before = 0.0, Place(7, -1)
    for part in parts:
        assert part.start == pytest.approx(end, abs=0.00001)
        end = part.start + part.duration
        packets = demuxed([init, part])
        assert part.duration <= PART or len(packets) == 1
        assert part.independent == packets[0].is_keyframe
        assert Place.of(part) in (Place(before.msn, before.index + 1), Place(before.msn + 1, 0))
        before = Place.of(part)
    # A segment that is shorter than a second follows one that could not wait: the numbers grow slower than seconds.
    assert before.msn - 7 <= end / 0.85 + 1
