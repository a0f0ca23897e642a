"""Runs django-oscar's order placement in process, with its own interpreter, and reads what it tells."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.peers.cluster import Cluster
from bench.peers.errors import NotMeasured
from bench.peers.processes import environment
from livestore.stack.table import ROOT

BUYERS, UNITS = 20, 10


@dataclass(frozen=True)
class Run:
    """So many processes placing orders. CPU is microseconds an order, of Python and of PostgreSQL."""

    processes: int
    orders_per_second: float
    cpu_us: float
    postgres_us: float


@dataclass(frozen=True)
class Oscar:
    """All runs, and how many of 10 units 20 buyers got at once (`sold`)."""

    runs: tuple[Run, ...]
    sold: int
    units: int = UNITS
    buyers: int = BUYERS

    @property
    def best(self) -> Run:
        return max(self.runs, key=lambda each: each.orders_per_second)


def measure(
    cluster: Cluster,
    *,
    python: Path,
    seconds: float = 4.0,
    processes: Iterable[int] = (1, 2),
    say: Callable[[str], None] = lambda line: None,
) -> Oscar:
    """In a fresh database. `NotMeasured` when oscar does not run here."""
    env = environment(
        DATABASE_URL=cluster.fresh("bench_oscar"),
        DJANGO_SETTINGS_MODULE="bench.peers.oscar.settings",
    )
    say("django-oscar is making its tables")
    _told(python, env, ["prepare"], 180)
    runs = []
    for count in processes:
        cluster.settle()
        before = cluster.usage()
        told = _told(python, env, ["run", str(count), str(seconds)], seconds + 120)
        postgres = cluster.cpu_since(before)
        orders = max(1, int(told["orders"]))
        runs.append(
            Run(
                processes=count,
                orders_per_second=float(told["per_second"]),
                cpu_us=float(told["cpu_seconds"]) / orders * 1e6,
                postgres_us=postgres / orders * 1e6,
            )
        )
        say(f"django-oscar, {count} processes: {runs[-1].orders_per_second:,.0f} orders a second")
    race = _told(python, env, ["race", str(BUYERS), str(UNITS)], 240)
    say(f"django-oscar sold {race['sold']} of {UNITS} units to {BUYERS} buyers at once")
    return Oscar(tuple(runs), int(race["sold"]))


def _told(python: Path, env: dict[str, str], words: list[str], within: float) -> dict[str, Any]:
    argv = [str(python), "-W", "ignore", "-m", "bench.peers.oscar.place", *words]
    try:
        done = subprocess.run(
            argv, cwd=ROOT, env=env, capture_output=True, text=True, check=False, timeout=within
        )
    except subprocess.TimeoutExpired:
        raise NotMeasured(f"django-oscar did not answer within {within:.0f} s.") from None
    if done.returncode != 0:
        last = done.stderr.strip().splitlines()[-1:] or ["no reason given"]
        raise NotMeasured(f"django-oscar failed: {last[0]}")
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return found
