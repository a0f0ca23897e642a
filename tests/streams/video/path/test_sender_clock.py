"""The clock of a sender in server time: it follows hours of drift, and no frame that was held up moves it."""

from __future__ import annotations

import random

import pytest

from streams.video.path.sender_clock import SenderClock

HOURS = 3


@pytest.mark.parametrize("pace", [0.9999, 1.0001], ids=["slow", "quick"])
def test_hours_of_drift_are_followed_and_late_frames_are_not(pace: float) -> None:
    """A sender's clock that is 0.01 % off is a second off after three hours."""
    clock, dice = SenderClock(), random.Random(3)
    worst = 0.0
    for number in range(HOURS * 3600 * 4):
        real = number * 250.0
        media = real / 1000 * pace
        held_up = dice.choice((0, 5, 30)) + (1_500 if number % 400 > 390 else 0)
        clock.came(media, 40 + real + held_up)
        if number > 40:
            worst = max(worst, abs(clock(media) - (40 + real)))

    assert (
        abs(HOURS * 3_600_000 * (pace - 1)) > 1_000
    )  # what it would be off by, had it not followed
    assert worst <= 12
