"""Figures that any app may count, in the shapes and names of Prometheus.

Where it costs nothing that matters, use prometheus_client's own counters with `registry=REGISTRY`. In hot loops use
`Tally` and `Spread`: plain numbers without a lock (half a microsecond each), so exactly one thread may write one.
What can only be looked at in the event loop's own thread is `Looked`.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from prometheus_client import CollectorRegistry, Metric, disable_created_metrics, generate_latest
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily

disable_created_metrics()  # type: ignore[no-untyped-call]

REGISTRY = CollectorRegistry()
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
MOST_LABELS = 200
"""Combinations of label values in one tally; what comes later is counted as "other"."""
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
SIZES = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 5_000)

Labels = tuple[str, ...]
Family = tuple[str, str, str, list[tuple[str, dict[str, str], float]]]
"""A figure as JSON: name, type, what it is, and its samples (name, labels, value)."""


class Tally:
    """A counter. `name` without `_total`; one thread writes."""

    def __init__(self, name: str, text: str, labels: Sequence[str] = ()) -> None:
        self.name, self.text, self.labels = name, text, tuple(labels)
        self.counts: dict[Labels, float] = {} if labels else {(): 0}
        REGISTRY.register(self)

    def add(self, amount: float = 1, *labels: str) -> None:
        counts = self.counts
        if labels not in counts and len(counts) >= MOST_LABELS:
            labels = ("other",) * len(self.labels)
        counts[labels] = counts.get(labels, 0) + amount

    def total(self) -> float:
        return sum(self.counts.copy().values())

    def collect(self) -> Iterator[Metric]:
        family = CounterMetricFamily(self.name, self.text, labels=self.labels)
        for labels, count in self.counts.copy().items():
            family.add_metric(labels, count)
        yield family

    def describe(self) -> list[Metric]:
        return []


class Spread:
    """A histogram with upper bounds `bounds`; one thread writes."""

    def __init__(self, name: str, text: str, bounds: Sequence[float] = SECONDS) -> None:
        self.name, self.text, self.bounds = name, text, tuple(bounds)
        self.counts = [0] * (len(bounds) + 1)
        self.sum = 0.0
        REGISTRY.register(self)

    def observe(self, value: float) -> None:
        self.counts[bisect_left(self.bounds, value)] += 1
        self.sum += value

    def observe_rising(self, values: Sequence[float]) -> None:
        """Many values, the lowest first: as many looks as there are bounds, not values."""
        below = 0
        for place, bound in enumerate(self.bounds):
            upto = bisect_left(values, bound, below)
            # A value that equals the bound belongs to it.
            while upto < len(values) and values[upto] == bound:
                upto += 1
            self.counts[place] += upto - below
            below = upto
            if below == len(values):
                break
        self.counts[-1] += len(values) - below
        self.sum += sum(values)

    def collect(self) -> Iterator[Metric]:
        buckets, cumulated = [], 0
        for bound, count in zip((*self.bounds, float("inf")), self.counts.copy(), strict=True):
            cumulated += count
            buckets.append(("+Inf" if bound == float("inf") else str(float(bound)), cumulated))
        family = HistogramMetricFamily(self.name, self.text)
        family.add_metric([], buckets=buckets, sum_value=self.sum)
        yield family

    def describe(self) -> list[Metric]:
        return []


class Looked:
    """Figures that `read` finds by looking at things of the event loop; `look_at_all` does it there."""

    every: list[Looked] = []

    def __init__(self, read: Callable[[], Iterable[Metric]]) -> None:
        self._read = read
        self._seen: list[Metric] = []
        REGISTRY.register(self)
        Looked.every.append(self)

    def look(self) -> None:
        self._seen = list(self._read())

    def collect(self) -> Iterable[Metric]:
        return self._seen

    def describe(self) -> list[Metric]:
        return []


def look_at_all() -> None:
    """Called in the thread of the event loop (or in any, when there is none)."""
    for each in Looked.every:
        each.look()


def families() -> list[Family]:
    """Every figure of this process."""
    return [
        (
            metric.name,
            metric.type,
            metric.documentation,
            [(each.name, each.labels, each.value) for each in metric.samples],
        )
        for metric in REGISTRY.collect()
    ]


def exposition(processes: dict[str, list[Family]]) -> bytes:
    """The figures of several processes as Prometheus reads them, each sample with its `process`."""
    merged: dict[str, Metric] = {}
    for process, found in processes.items():
        for name, kind, text, samples in found:
            if name not in merged:
                merged[name] = Metric(name, text, kind)
            for sample, labels, value in samples:
                merged[name].add_sample(sample, {**labels, "process": process}, value)
    return generate_latest(_Merged(merged.values()))


class _Merged(CollectorRegistry):
    def __init__(self, metrics: Iterable[Metric]) -> None:
        super().__init__()
        self._metrics: Any = list(metrics)

    def collect(self) -> Iterable[Metric]:
        return self._metrics
