"""How busy the checkout is, for those who can wait while it is."""

from __future__ import annotations

import os
import time

from django.db import connection

RUSH = 125 * (os.cpu_count() or 1)
"""Orders a second over which buyers need the machine more than their payments do."""
SHORTEST = 0.2
"""Seconds between two looks; a shorter time says little about a rate."""


class Pulse:
    """Orders asked for in a second, by looking at the sequence from which each of them draws an id."""

    def __init__(self) -> None:
        self.rate = 0.0
        self._asked: int | None = None
        self._looked = 0.0

    @property
    def is_rush(self) -> bool:
        return self.rate > RUSH

    def look(self) -> None:
        """One small query on this thread's connection; the first look only begins."""
        now = time.monotonic()
        if now - self._looked < SHORTEST:
            return
        with connection.cursor() as cursor:
            cursor.execute("SELECT last_value FROM purchase_id_seq")
            [asked] = cursor.fetchone() or [0]
        self.take(asked, now)

    def take(self, asked: int, now: float) -> None:
        """`asked` orders in all at `now` (seconds of any clock)."""
        if self._asked is not None and now > self._looked:
            self.rate = max(0, asked - self._asked) / (now - self._looked)
        self._asked, self._looked = asked, now
