"""The clock of a sender told in server time, from when its frames came."""

from __future__ import annotations

WINDOW = 5.0
"""Seconds of media over which the quickest frame is looked for."""
SHARE, STEP = 0.08, 1.0
"""How far the clock moves for a frame: this share of what it is wrong by, or so many milliseconds. The first frames
of a recorder come late; within a second that is made good, and nothing jumps."""


class SenderClock:
    """Frames wait in recorders and networks, never the other way: whichever came quickest tells the time best. The two
    clocks drift apart, so only the last seconds are asked."""

    def __init__(self) -> None:
        self._offset: float | None = None
        self._quickest = self._before = float("inf")
        self._window_ends = 0.0

    def came(self, media: float, at: float) -> None:
        """The frame of media time `media` (seconds) has come at `at` (server milliseconds)."""
        offset = at - media * 1000
        if media >= self._window_ends:
            self._before, self._quickest = self._quickest, offset
            self._window_ends = media + WINDOW
        self._quickest = min(self._quickest, offset)
        if self._offset is None:
            self._offset = offset
        target = min(self._quickest, self._before)
        wrong = target - self._offset
        most = max(STEP, abs(wrong) * SHARE)
        self._offset += max(-most, min(most, wrong))

    def late(self, media: float, now: float) -> float:
        """Milliseconds that the frame of `media` is behind the quickest one, at `now`."""
        return now - media * 1000 - min(self._quickest, self._before)

    def __call__(self, media: float) -> int:
        return round((self._offset or 0.0) + media * 1000)
