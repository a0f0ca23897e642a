"""When frames are due, with a clock that only goes when it is told to."""

from __future__ import annotations

import pytest

from streams.video.camera.pace import LONGEST_STALL, Pace, Stalled


class Clock:
    def __init__(self) -> None:
        self.now, self.slept = 1000.0, 0.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept += seconds
        self.now += seconds


def filmed(seconds: float, work: dict[int, float], fps: int = 24) -> tuple[list[float], list[int]]:
    """When each frame was drawn (0: at its time), and which were repeats. `work`: seconds that drawing takes."""
    clock = Clock()
    pace = Pace(fps, clock, clock.sleep)
    number, drawn, repeats = 0, [], []
    while number < seconds * fps:
        late = pace.wait(number)
        repeats += range(number, number + late)
        number += late
        drawn.append(clock.now - 1000 - number / fps)
        clock.now += work.get(number, 0.004)
        number += 1
    return drawn, repeats


def test_frames_keep_to_one_schedule_and_do_not_drift() -> None:
    drawn, repeats = filmed(600, {})
    assert len(drawn) == 600 * 24
    assert max(map(abs, drawn)) < 1e-6
    assert repeats == []


def test_a_short_stall_is_filled_with_the_last_picture_and_time_goes_on() -> None:
    drawn, repeats = filmed(4, {30: 0.5})
    assert repeats == list(range(31, 42))
    assert len(drawn) + len(repeats) == 96
    assert all(late < 1 / 24 for late in drawn)


def test_work_that_is_always_too_slow_shows_fewer_pictures_in_time() -> None:
    drawn, repeats = filmed(5, dict.fromkeys(range(200), 0.1))
    assert len(drawn) + len(repeats) == pytest.approx(120, abs=3)
    assert max(drawn) < 1 / 24 + 1e-9


def test_after_a_long_stall_the_take_can_not_go_on() -> None:
    with pytest.raises(Stalled):
        filmed(4, {30: LONGEST_STALL + 0.2})
