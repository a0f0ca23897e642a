"""Latencies in buckets of at most 1.6 %: what bench/native/histogram.h counts, added up and read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any


def bucket_of(value: int) -> int:
    """The bucket of a time in microseconds; the same rule as in histogram.h."""
    if value < 64:
        return value
    top = value.bit_length() - 1
    return min((top - 5) * 64 + ((value >> (top - 6)) & 63), 64 * 32 - 1)


def middle_of(bucket: int) -> float:
    """The middle of a bucket, microseconds."""
    if bucket < 64:
        return float(bucket)
    top, place = bucket // 64 + 5, bucket % 64
    width = 1 << (top - 6)
    return (1 << top) + place * width + (width - 1) / 2


@dataclass
class Histogram:
    """Microseconds. `total` and `most` are exact, quantiles are within 1.6 %."""

    count: int = 0
    total: int = 0
    most: int = 0
    buckets: Counter[int] = field(default_factory=Counter)

    @classmethod
    def read(cls, value: Mapping[str, Any] | None) -> Histogram:
        """From what a crowd prints; None is an empty one."""
        if not value:
            return cls()
        buckets = Counter({int(key): int(n) for key, n in value["buckets"].items()})
        return cls(int(value["count"]), int(value["sum"]), int(value["most"]), buckets)

    @classmethod
    def of(cls, values: Iterable[float]) -> Histogram:
        """From single times in microseconds."""
        found = cls()
        for value in values:
            whole = max(0, int(value))
            found.count += 1
            found.total += whole
            found.most = max(found.most, whole)
            found.buckets[bucket_of(whole)] += 1
        return found

    def __add__(self, other: Histogram) -> Histogram:
        return Histogram(
            self.count + other.count,
            self.total + other.total,
            max(self.most, other.most),
            self.buckets + other.buckets,
        )

    def quantile(self, share: float) -> float:
        """Microseconds that `share` (0..1) of all stayed within; 0 when nothing was counted."""
        wanted = share * self.count
        seen = 0
        for bucket in sorted(self.buckets):
            seen += self.buckets[bucket]
            if seen >= wanted:
                return min(middle_of(bucket), float(self.most))
        return float(self.most)

    def ms(self, share: float) -> float:
        """The same in milliseconds; `ms(1)` is the longest."""
        return (self.most if share >= 1 else self.quantile(share)) / 1000

    @property
    def mean_ms(self) -> float:
        return self.total / self.count / 1000 if self.count else 0.0

    def as_json(self) -> dict[str, float]:
        """What reports keep: milliseconds, rounded."""
        names = {"p50": 0.5, "p90": 0.9, "p99": 0.99, "p999": 0.999, "max": 1.0}
        found: dict[str, float] = {name: round(self.ms(share), 3) for name, share in names.items()}
        return {"count": self.count, "mean": round(self.mean_ms, 3), **found}
