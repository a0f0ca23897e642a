"""What every benchmark is given, and what it hands back. A scenario is a module with `async def run`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median

Say = Callable[[str], None]
Value = float | int | str | list[int] | None
"""A figure or a word; a list is a timeline, which only the JSON keeps."""
Run = Mapping[str, Value]


@dataclass(frozen=True)
class Options:
    """What the person asked for; 0 and () mean: what the scenario thinks best."""

    viewers: int = 0
    only: tuple[str, ...] = ()
    runs: int = 3
    seconds: float = 0
    web: int = 0
    bad: int = 0
    kills: int = 0

    def wants(self, name: str) -> bool:
        return not self.only or name in self.only

    def web_for(self, sockets: int) -> int:
        """Web processes: two, and more where one would come near its 20,000 open files."""
        return self.web or max(2, -(-sockets // 15_000))


@dataclass(frozen=True)
class Column:
    """One figure. `digits` after the point; `better` says which way is better, or none."""

    key: str
    heading: str
    digits: int = 0
    better: str = ""


@dataclass
class Row:
    """One contestant: its runs, and their median. `about` says how its work differs from ours."""

    name: str
    about: str
    runs: list[dict[str, Value]] = field(default_factory=list)

    @property
    def values(self) -> dict[str, Value]:
        """For each figure the median of the runs; for words the last one."""
        found: dict[str, Value] = {}
        for key in {key: None for run in self.runs for key in run}:
            numbers = [run[key] for run in self.runs if isinstance(run.get(key), int | float)]
            if numbers:
                found[key] = median(number for number in numbers if isinstance(number, int | float))
            else:
                found[key] = self.runs[-1].get(key)
        return found


@dataclass(frozen=True)
class Check:
    """A promise and what came out. `limit` is the must, `stretch` what we hope for."""

    what: str
    value: float
    limit: float
    stretch: float | None = None
    at_least: bool = False
    unit: str = ""

    @property
    def met(self) -> bool:
        return self.value >= self.limit if self.at_least else self.value <= self.limit

    @property
    def stretched(self) -> bool:
        if self.stretch is None:
            return False
        return self.value >= self.stretch if self.at_least else self.value <= self.stretch


@dataclass
class Report:
    """The result of one scenario. `compare` is the column whose ratios to the first row are shown."""

    name: str
    title: str
    columns: Sequence[Column]
    rows: list[Row] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    compare: str = ""

    def add(self, name: str, about: str, run: Run) -> Row:
        """One more run of a contestant."""
        row = next((row for row in self.rows if row.name == name), None)
        if row is None:
            row = Row(name, about)
            self.rows.append(row)
        row.runs.append(dict(run))
        return row

    def row(self, name: str) -> dict[str, Value]:
        """The medians of one contestant; empty when it did not take part."""
        return next((row.values for row in self.rows if row.name == name), {})

    def number(self, name: str, key: str) -> float | None:
        """One median, None when it was not measured."""
        value = self.row(name).get(key)
        return float(value) if isinstance(value, int | float) else None

    def check(
        self,
        what: str,
        value: float | None,
        limit: float,
        stretch: float | None = None,
        *,
        at_least: bool = False,
        unit: str = "",
    ) -> None:
        """Note a promise; nothing when the figure was not measured."""
        if value is not None:
            self.checks.append(Check(what, value, limit, stretch, at_least, unit))
