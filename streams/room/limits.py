"""How much is too much. Token buckets in this process, on its monotonic clock."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Clock = Callable[[], float]
K = TypeVar("K", bound=Hashable)


class Bucket:
    """`burst` acts at once, then `rate` a second."""

    __slots__ = ("_at", "_burst", "_clock", "_left", "_rate")

    def __init__(self, burst: float, rate: float, clock: Clock = time.monotonic) -> None:
        self._burst = self._left = float(burst)
        self._rate = rate
        self._clock = clock
        self._at = clock()

    def take(self) -> int:
        """0 when the act is within the limit, else the milliseconds until it would be."""
        now = self._clock()
        self._left = min(self._burst, self._left + (now - self._at) * self._rate)
        self._at = now
        if self._left >= 1:
            self._left -= 1
            return 0
        return max(1, round((1 - self._left) / self._rate * 1000))


class Buckets(Generic[K]):
    """A bucket for each key; the longest unused ones are forgotten over `most`."""

    def __init__(
        self, burst: float, rate: float, most: int = 50_000, clock: Clock = time.monotonic
    ) -> None:
        self._burst, self._rate, self._clock = burst, rate, clock
        self._most = most
        self._buckets: OrderedDict[K, Bucket] = OrderedDict()

    def take(self, key: K) -> int:
        bucket = self._buckets.get(key)
        if bucket is None:
            bucket = self._buckets[key] = Bucket(self._burst, self._rate, self._clock)
            if len(self._buckets) > self._most:
                self._buckets.popitem(last=False)
        self._buckets.move_to_end(key)
        return bucket.take()


PATIENCE = (60, 1.0)
"""Refused and unreadable commands of one socket before it is closed with 4429."""
BAD_FRAMES = 20
"""Frames of one socket that can not be read; the next one closes it with 4500."""
CHAT = (5, 1.0)
"""Chat messages of one person in one room, over all tabs of this process."""
REQUESTS = (1, 1 / 30)
"""How often one person's request for the same number counts."""

chat: Buckets[tuple[str, int]] = Buckets(*CHAT)
requests: Buckets[tuple[str, int, int]] = Buckets(*REQUESTS)
captions: Buckets[tuple[str, int]] = Buckets(*CHAT)
