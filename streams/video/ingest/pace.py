"""How fast a sender may send."""

from __future__ import annotations

MOST = 12_000_000 / 8
"""Bytes a second."""
OVER = 5.0
"""Seconds over which it counts: a keyframe, or what a short stall held back, may come at once."""


class Pace:
    """A bucket that runs dry at MOST."""

    def __init__(self) -> None:
        self._level = 0.0
        self._at: float | None = None

    def allows(self, size: int, now: float) -> bool:
        """Whether `size` more bytes at `now` (seconds of any clock) are within the bound."""
        ran = 0.0 if self._at is None else (now - self._at) * MOST
        self._at = now
        self._level = max(0.0, self._level - ran) + size
        return self._level <= MOST * OVER
