"""Takes on the disk become one film, and every moment of the room has its place in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from streams.video.path.parts import Init, Part, Piece
from streams.video.path.recorder import Recorder, film, index
from streams.video.replay.books import facts
from streams.video.replay.timeline import Reel, Timeline, read_reel, timeline
from tests.streams.video import filming

FIRST, SECOND = 1_790_000_000_000, 1_790_000_015_000
"""The second take begins 12 s after the end of the first, which is 3 s long."""


def on_disk(folder: Path, pieces: list[Piece], ordinal: int) -> None:
    recorder = Recorder(folder, ordinal, 1 << 30)
    for piece in pieces:
        recorder.write(piece)
    recorder.close()


def reel(folder: Path, ordinal: int) -> Reel:
    found = read_reel(folder, ordinal)
    assert found is not None
    return found


@pytest.fixture
def two_takes(tmp_path: Path) -> Timeline:
    on_disk(tmp_path, filming.film(3, at=FIRST, msn=100), 1)
    on_disk(tmp_path, filming.film(2, at=SECOND, msn=200, take=2), 2)
    return timeline([reel(tmp_path, 2), reel(tmp_path, 1)])


def test_takes_follow_each_other_and_the_time_between_them_is_known(two_takes: Timeline) -> None:
    first, second = two_takes.entries

    assert [first.reel.ordinal, second.reel.ordinal] == [1, 2]
    assert second.as_json() == {
        "take": 2,
        "offset": 3.0,
        "start": 0.0,
        "end": 2.0,
        "wall_start": SECOND,
        "gap_before_seconds": 12.0,
    }
    assert first.gap_before == 0
    assert two_takes.seconds == pytest.approx(5)


def test_a_segment_is_a_second_of_film_that_lies_where_it_is_said(
    two_takes: Timeline, tmp_path: Path
) -> None:
    one = two_takes.entries[0].reel
    [init, *parts, _] = filming.film(3, at=FIRST, msn=100)
    assert isinstance(init, Init)

    assert [each.msn for each in one.segments] == [100, 101, 102]
    assert one.head == len(init.payload)
    second = one.segments[1]
    data = film(tmp_path, 1).read_bytes()[second.offset : second.offset + second.length]
    wanted = [each for each in parts if isinstance(each, Part) and each.msn == 101]
    assert data == b"".join(each.payload for each in wanted)
    assert (second.start, second.duration, second.at) == (1.0, 1.0, FIRST + 1000)


@pytest.mark.parametrize(
    ("wall", "position"),
    [
        (FIRST - 60_000, 0.0),
        (FIRST, 0.0),
        (FIRST + 1_500, 1.5),
        (FIRST + 3_000, 3.0),
        (FIRST + 9_000, 3.0),
        (SECOND + 500, 3.5),
        (SECOND + 2_000, None),
    ],
)
def test_every_moment_has_a_place(two_takes: Timeline, wall: int, position: float | None) -> None:
    found = two_takes.position(wall)

    assert found == (None if position is None else pytest.approx(position))


def test_what_a_kill_cut_off_is_left_out(tmp_path: Path) -> None:
    on_disk(tmp_path, filming.film(3)[:-1], 1)
    whole = reel(tmp_path, 1)
    text = index(tmp_path, 1).read_bytes()
    index(tmp_path, 1).write_bytes(text[:-20])  # the last line lost its end

    cut = reel(tmp_path, 1)

    assert whole.end == pytest.approx(3)
    assert cut.end == pytest.approx(2.75)
    assert cut.bytes < whole.bytes


def test_an_index_that_names_more_than_the_film_holds_is_not_believed(tmp_path: Path) -> None:
    on_disk(tmp_path, filming.film(3), 1)
    whole = reel(tmp_path, 1)
    with film(tmp_path, 1).open("r+b") as opened:
        opened.truncate(whole.segments[2].offset + 10)

    assert reel(tmp_path, 1).end == pytest.approx(2)


def test_nothing_is_made_of_a_take_without_a_picture(tmp_path: Path) -> None:
    on_disk(tmp_path, filming.film(1)[:1], 1)

    assert read_reel(tmp_path, 1) is None
    assert read_reel(tmp_path, 2) is None


def test_the_short_rows_of_segments_say_the_same(two_takes: Timeline) -> None:
    told = facts(two_takes, [])

    assert told["seconds"] == 5.0
    for entry, take in zip(two_takes.entries, told["takes"], strict=True):
        start, offset = round(entry.reel.start * 1000), take["head"]
        for segment, (length, size, *drift) in zip(
            entry.reel.segments, take["segments"], strict=True
        ):
            assert start == round(segment.start * 1000)
            assert offset == segment.offset
            assert size == segment.length
            assert entry.reel.wall_start + start + sum(drift) == segment.at
            start, offset = start + length, offset + size
        assert start == round(entry.reel.end * 1000)
