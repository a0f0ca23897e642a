"""Positions in a log, and what a client that comes back has missed.

A position is (epoch, seq). Missed events are given only when there is no gap between the client's seq and
now; otherwise, and when there are too many, the client gets a snapshot.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import parse_qs

MOST_REPLAYED = 128 * 1024
"""Bytes. A longer replay costs a client more than a snapshot, and must stay well under a socket's budget."""

Line = tuple[int, bytes]


@dataclass(frozen=True, slots=True)
class Position:
    epoch: str
    seq: int


def parse_since(query: str) -> Position | None:
    """`since=<epoch>:<seq>` of a query string; None when absent or unreadable (then: a snapshot)."""
    try:
        value = parse_qs(query, max_num_fields=20).get("since", [""])[0]
    except ValueError:
        return None
    found = re.fullmatch(r"([A-Za-z0-9]{1,32}):([0-9]{1,15})", value)
    return Position(found[1], int(found[2])) if found else None


class Ring:
    """The newest events of a log in this process, without a hole, up to `position`."""

    def __init__(self, position: int, size: int = 1000) -> None:
        self.position = position
        self._lines: deque[Line] = deque(maxlen=size)

    @property
    def first(self) -> int:
        """The oldest seq that is kept; position + 1 when nothing is."""
        return self._lines[0][0] if self._lines else self.position + 1

    def add(self, seq: int, text: bytes) -> None:
        if seq != self.position + 1:
            raise ValueError(f"{seq} does not follow {self.position}")
        self._lines.append((seq, text))
        self.position = seq

    def replace(self, seq: int, change: Callable[[bytes], bytes]) -> None:
        """Another text for one event, if it is still here."""
        place = seq - self.first
        if 0 <= place < len(self._lines):
            self._lines[place] = (seq, change(self._lines[place][1]))

    def reaches(self, seq: int) -> bool:
        """Whether everything after `seq` is here."""
        return self.first <= seq + 1

    def after(self, seq: int) -> list[Line]:
        """Everything after `seq`; only when it `reaches(seq)`."""
        count = self.position - seq
        if count <= 0:
            return []
        start = len(self._lines) - count
        return [self._lines[i] for i in range(start, len(self._lines))]


def too_much(lines: list[Line]) -> bool:
    return sum(len(text) for _, text in lines) > MOST_REPLAYED
