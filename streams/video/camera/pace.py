"""When each frame is due. One schedule for the whole take, so nothing adds up; what can not be kept is repeated."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

Clock = Callable[[], float]
Sleep = Callable[[float], object]
LONGEST_STALL = 2.0
"""Seconds that may be made up for by repeating a frame. After a longer stall the take is lost."""


class Stalled(Exception):
    """The machine stood still for too long; the media clock can not go on honestly."""


class Pace:
    """Frame n is due n / fps seconds after the first. `clock` is monotonic, in seconds; `sleep` may return early."""

    def __init__(self, fps: int, clock: Clock, sleep: Sleep) -> None:
        self.frame = Fraction(1, fps)
        self._fps, self._clock, self._sleep = fps, clock, sleep
        self._began = clock()

    def due(self, number: int) -> float:
        return self._began + number / self._fps

    def wait(self, number: int) -> int:
        """Wait for a frame. How many frames before it are late, and have to be repeats: 0 in time.

        Frames number to number + answer - 1 are to be repeats, number + answer is the one to draw. Raises Stalled.
        """
        early = self.due(number) - self._clock()
        if early > 0:
            self._sleep(early)
            return 0
        late = int(-early * self._fps)
        if -early > LONGEST_STALL:
            raise Stalled
        return late
