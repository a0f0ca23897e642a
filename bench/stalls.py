"""Moments in which a sale stood still, and what PostgreSQL's processes did meanwhile."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from statistics import median
from types import TracebackType

import psycopg

SLOT = 0.1
"""Seconds of each count in a crowd's `pace`."""
STILL = 0.25
"""Less than this share of the usual pace is a stall."""
EVERY = 0.05
"""Seconds between two looks at PostgreSQL: what a look costs is a hundredth of a core."""
LOOK = """SELECT backend_type, state, coalesce(wait_event_type || ' ' || wait_event, 'at work'),
       left(regexp_replace(query, '\\s+', ' ', 'g'), 40)
  FROM pg_stat_activity
 WHERE pid <> pg_backend_pid() AND state IS DISTINCT FROM 'idle' AND wait_event_type IS DISTINCT FROM 'Activity'"""


@dataclass(frozen=True)
class Stall:
    """`at` seconds after the first click the pace fell, for `seconds`; `seen` is what was done meanwhile, if known."""

    at: float
    seconds: float
    seen: str = ""

    def __str__(self) -> str:
        return f"{self.seconds:.1f} s at {self.at:.1f} s" + (f" ({self.seen})" if self.seen else "")


def stalls_of(pace: Sequence[int]) -> list[Stall]:
    """Slots in a row that are far below the median, once it has begun. The last slot is not a whole one."""
    if len(pace) < 4:
        return []
    few = median(pace[:-1]) * STILL
    first = next((place for place, count in enumerate(pace) if count > few), len(pace))
    slots = pace[first:-1]
    found: list[Stall] = []
    began: int | None = None
    for place, count in enumerate([*slots, few], start=first):
        if count < few:
            began = place if began is None else began
        elif began is not None:
            found.append(Stall(round(began * SLOT, 1), round((place - began) * SLOT, 1)))
            began = None
    return found


@dataclass
class Watch:
    """Looks at PostgreSQL inside of its `with`, from a thread and a connection of its own. `looks` are (ns, what)."""

    url: str
    looks: list[tuple[int, list[str]]] = field(default_factory=list)

    def __enter__(self) -> Watch:
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        with (
            suppress(psycopg.Error),
            psycopg.connect(self.url, autocommit=True) as connection,
        ):
            while not self._over.wait(EVERY):
                rows = connection.execute(LOOK).fetchall()
                self.looks.append((time.time_ns(), [told(*row) for row in rows]))

    def explain(self, stall: Stall, began_ns: int) -> Stall:
        """The same with what was seen most often while it lasted; `began_ns` is when the first click was."""
        start = began_ns + int(stall.at * 1e9)
        end = start + int(stall.seconds * 1e9)
        during = [what for at, what in self.looks if start <= at <= end]
        seen = Counter(each for what in during for each in set(what))
        names = [f"{name} {n}/{len(during)}" for name, n in seen.most_common(4)]
        return Stall(stall.at, stall.seconds, "; ".join(names))


def told(backend: str, state: str | None, waits: str, query: str) -> str:
    """One process in a few words. `idle in transaction` means: PostgreSQL waits for a program that holds its locks."""
    if state and state.startswith("idle in transaction"):
        waits = "waits for its program"
    return ", ".join(
        part for part in (backend.removeprefix("client "), waits, query.strip()) if part
    )
