"""`python -m bench.peers.sale SECONDS NAME...`: the sale's peers and floors in turn, on one PostgreSQL of their own.

One JSON line a row on stdout, progress on stderr. A process of its own, so that a stop in the middle ends
everything it started: SIGTERM leaves through the same doors as the end.
"""

from __future__ import annotations

import json
import signal
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import FrameType

from bench.peers import pgbench, virtualenv
from bench.peers.cluster import Cluster, peer_cluster
from bench.peers.errors import NotMeasured
from bench.peers.naive import measure as naive
from bench.peers.oscar import measure as oscar
from bench.scenario import Run

NAMES = ("pgbench", "naive", "oscar")
FLOOR, BATCHED, OSCAR = "pgbench, one by one", f"pgbench, {pgbench.BATCH} at once", "django-oscar"
Found = tuple[str, str, Run]


def say(line: str) -> None:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


def floors(cluster: Cluster, seconds: float) -> Iterator[Found]:
    """Both floors: the best of their ways and numbers of clients."""
    # Many short runs: how fast it can be is seen in two seconds.
    found = pgbench.measure(cluster, seconds=seconds / 2, say=say)
    work = (
        "stock row, order, line, commit, straight in SQL; no prices, people, holds, history, facts"
    )
    for name, best, more in (
        (FLOOR, found.best, "one order a transaction"),
        (BATCHED, found.best_batched, f"{pgbench.BATCH} orders a transaction: the floor"),
    ):
        about = f"{more}; {work}; best: {best.way}, {best.clients} clients"
        values = {
            "orders_s": best.orders_per_second,
            "p50": best.latency_ms,
            "cpu": best.cpu_us,
            "postgres": best.cpu_us,
        }
        yield name, about, values


def naive_view(cluster: Cluster, seconds: float) -> Iterator[Found]:
    """The naive view on each server."""
    try:
        python: Path | None = virtualenv.python(say)
    except NotMeasured as problem:
        say(f"gunicorn is left out: {problem}")
        python = None
    for each in naive.measure(cluster, gunicorn=python, seconds=seconds, say=say):
        about = (
            "a Django view with select_for_update and three ORM writes; no login, CSRF, address, card,"
            f" payment, history or room; {each.connections} connections"
        )
        values = {
            "orders_s": each.orders_per_second,
            "p50": each.answers.p50,
            "p99": each.answers.p99,
            "p999": each.answers.p999,
            "max": each.answers.longest,
            "cpu": each.cpu_us + each.postgres_us,
            "web": each.cpu_us,
            "postgres": each.postgres_us,
            "lost": each.answers.lost,
        }
        yield f"naive, {each.server}", about, values


def oscars(cluster: Cluster, seconds: float) -> Iterator[Found]:
    """django-oscar, the best number of processes."""
    found = oscar.measure(cluster, python=virtualenv.python(say), seconds=seconds, say=say)
    best = found.best
    about = (
        "its own basket, checks and OrderCreator in process: no HTTP, login, payment or mail, but vouchers"
        f" and offers that we do not have; {best.processes} processes; {found.buyers} buyers at once on"
        f" {found.units} units: it sold {found.sold}"
    )
    values = {
        "orders_s": best.orders_per_second,
        "cpu": best.cpu_us + best.postgres_us,
        "web": best.cpu_us,
        "postgres": best.postgres_us,
        "race_sold": found.sold,
    }
    yield OSCAR, about, values


def main(words: Sequence[str]) -> None:
    signal.signal(signal.SIGTERM, _leave)
    seconds, names = float(words[0]), words[1:] or NAMES
    acts = {"pgbench": floors, "naive": naive_view, "oscar": oscars}
    with (
        tempfile.TemporaryDirectory(prefix="livestore-bench-") as folder,
        peer_cluster(Path(folder) / "data") as cluster,
    ):
        for name in names:
            try:
                for row in acts[name](cluster, seconds):
                    sys.stdout.write(json.dumps(row) + "\n")
                    sys.stdout.flush()
            except NotMeasured as problem:
                sys.stdout.write(json.dumps({"left_out": f"{name} is left out: {problem}"}) + "\n")
                sys.stdout.flush()


def _leave(number: int, frame: FrameType | None) -> None:
    raise SystemExit(128 + number)


if __name__ == "__main__":
    main(sys.argv[1:])
