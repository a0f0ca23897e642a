"""What a crowd saw, added up over its processes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from itertools import zip_longest
from typing import Any

from bench.histogram import Histogram


@dataclass
class Figures:
    """Since the last reset. Times in `*_ns` are nanoseconds since 1970 but for `cpu_ns`.

    lost, doubled       log events that a socket should have had and had not; had twice
    disorder            batches whose seqs did not rise
    epoch_jumps         another log without a snapshot that says where it begins
    left_out            chat messages that the server said it left out (sampling)
    broken              sockets that lost something
    least_seq/most_seq  where the open sockets stand in the log; equal when all have heard all
    odd, stray          frames that were not understood; answers that nobody waited for
    failed, cut         attempts that did not get in; sockets closed later, by code in `closes`
    unanswered          lines sent on a socket that was closed for good
    pace                good answers in each 100 ms since the first line was sent
    """

    sockets: int = 0
    ready: int = 0
    handshakes: int = 0
    waiting: int = 0
    placed: int = 0
    broken: int = 0
    least_seq: int = 0
    most_seq: int = 0
    bytes: int = 0
    frames: int = 0
    pings: int = 0
    opened: int = 0
    failed: int = 0
    cut: int = 0
    rejoined: int = 0
    resets: int = 0
    log_events: int = 0
    left_out: int = 0
    lost: int = 0
    doubled: int = 0
    disorder: int = 0
    epoch_jumps: int = 0
    odd: int = 0
    ok: int = 0
    errors: int = 0
    retries: int = 0
    stray: int = 0
    sent: int = 0
    unanswered: int = 0
    cpu_ns: int = 0
    now: int = 0
    first_sent: int = 0
    last_answer: int = 0
    pace: list[int] = field(default_factory=list)
    types: Counter[str] = field(default_factory=Counter)
    closes: Counter[str] = field(default_factory=Counter)
    codes: Counter[str] = field(default_factory=Counter)
    failures: Counter[str] = field(default_factory=Counter)
    latency: dict[str, Histogram] = field(default_factory=dict)
    handshake: Histogram = field(default_factory=Histogram)
    joined: Histogram = field(default_factory=Histogram)
    back: Histogram = field(default_factory=Histogram)
    lived: Histogram = field(default_factory=Histogram)
    reply: Histogram = field(default_factory=Histogram)
    marked: Histogram = field(default_factory=Histogram)

    @property
    def whole(self) -> bool:
        """Nothing of the log was lost, doubled or out of order on any socket."""
        return not (self.lost or self.doubled or self.disorder or self.epoch_jumps or self.odd)

    @property
    def seconds(self) -> float:
        """From the first line sent to the last answer."""
        return max(0, self.last_answer - self.first_sent) / 1e9 if self.first_sent else 0.0

    def times(self, kind: str) -> Histogram:
        """Latencies of one type of event; empty when none came."""
        return self.latency.get(kind, Histogram())


COUNTERS = ("types", "closes", "codes", "failures")
TIMES = ("handshake", "joined", "back", "lived", "reply", "marked")


def merge(parts: Sequence[Mapping[str, Any]]) -> Figures:
    """One from the answers of all processes."""
    found = Figures()
    numbers = [each.name for each in fields(Figures) if each.type == "int"]
    for name in numbers:
        setattr(found, name, sum(int(part.get(name, 0)) for part in parts))
    placed = [part for part in parts if part.get("placed")]
    found.least_seq = min((int(part["least_seq"]) for part in placed), default=0)
    found.most_seq = max((int(part["most_seq"]) for part in placed), default=0)
    begun = [int(part["first_sent"]) for part in parts if part.get("first_sent")]
    found.first_sent = min(begun, default=0)
    found.last_answer = max((int(part.get("last_answer", 0)) for part in parts), default=0)
    found.now = max((int(part.get("now", 0)) for part in parts), default=0)
    paces = (part.get("pace", ()) for part in parts)
    found.pace = [sum(slot) for slot in zip_longest(*paces, fillvalue=0)]
    for part in parts:
        for name in COUNTERS:
            getattr(found, name).update({key: int(n) for key, n in part.get(name, {}).items() if n})
        for name in TIMES:
            setattr(found, name, getattr(found, name) + Histogram.read(part.get(name)))
        for kind, value in part.get("latency", {}).items():
            found.latency[kind] = found.times(kind) + Histogram.read(value)
    return found
