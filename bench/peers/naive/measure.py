"""Runs the naive shop behind gunicorn and behind Daphne and counts its orders.

Left out in its favour: no login, no CSRF check, no sessions, no address, card, payment or history, and no
facts for a room.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench import posts
from bench.machine import look, spent
from bench.peers.cluster import Cluster
from bench.peers.errors import NotMeasured
from bench.peers.processes import environment, serving
from livestore.stack.listen import free_port
from livestore.stack.table import ROOT

PRODUCT = "/buy/1/"
WSGI, ASGI = "bench.peers.naive.wsgi:application", "bench.peers.naive.asgi:application"
MOST = 60_000


@dataclass(frozen=True)
class Naive:
    """One server's run. `cpu_us` is what its processes used for one order, `postgres_us` what PostgreSQL did."""

    server: str
    connections: int
    answers: posts.Answers
    cpu_us: float
    postgres_us: float

    @property
    def orders_per_second(self) -> float:
        return self.answers.status(201) / self.answers.seconds if self.answers.seconds else 0.0


def measure(
    cluster: Cluster,
    *,
    gunicorn: Path | None,
    seconds: float = 3.0,
    say: Callable[[str], None] = lambda line: None,
) -> list[Naive]:
    """Each server in turn in a fresh database; `gunicorn` is the interpreter that has it, or None.

    Afterwards orders, lines and units sold must agree: AssertionError if not.
    """
    port = free_port("127.0.0.1", 19200)
    if port is None:
        raise NotMeasured("no free port was found for the naive shop.")
    workers = ["-b", f"127.0.0.1:{port}", "--workers", "2", "--no-control-socket"]
    runs: list[tuple[str, list[str], int, dict[str, str]]] = []
    if gunicorn is not None:
        command = [str(gunicorn), "-m", "gunicorn", *workers]
        runs.append(("gunicorn, 2 sync workers", [*command, WSGI], 4, {}))
        threads = ["--worker-class", "gthread", "--threads", "8"]
        runs.append(("gunicorn, 2 x 8 threads", [*command, *threads, WSGI], 16, {}))
    daphne = [sys.executable, "-m", "daphne", "-b", "127.0.0.1", "-p", str(port), ASGI]
    runs.append(("Daphne", daphne, 16, {"NAIVE_POOL": "1"}))
    found: list[Naive] = []
    for name, argv, connections, more in runs:
        env = environment(
            DATABASE_URL=cluster.fresh("bench_naive"),
            DJANGO_SETTINGS_MODULE="bench.peers.naive.settings",
            **more,
        )
        prepare(env, str(10 * MOST))
        with serving(argv, env=env, port=port) as pid:
            # A first short run: connections are opened and plans are made before it counts.
            post(buyers(0, 200), port, connections, 5)
            cluster.settle()
            before, before_postgres = look([pid]), cluster.usage()
            answers = post(buyers(200, MOST), port, connections, seconds)
            cpu = spent(before, look([pid])).cpu
            postgres = cluster.cpu_since(before_postgres)
        sums = json.loads(prepare(env, "check"))
        sold = 10 * MOST - sums["left"]
        assert sums["orders"] == sums["lines"] == sold, f"the naive shop does not add up: {sums}"
        orders = max(1, answers.status(201))
        found.append(Naive(name, connections, answers, cpu / orders * 1e6, postgres / orders * 1e6))
        say(f"naive view on {name}: {found[-1].orders_per_second:,.0f} orders a second")
    return found


def post(requests: list[bytes], port: int, connections: int, seconds: float) -> posts.Answers:
    """Send them all, or as many as go in `seconds`."""
    return asyncio.run(posts.post(requests, port=port, connections=connections, seconds=seconds))


def buyers(first: int, count: int) -> list[bytes]:
    """One request for each of `count` different buyers."""
    return [
        posts.request("127.0.0.1", PRODUCT, json.dumps({"buyer": buyer}).encode(), {})
        for buyer in range(first, first + count)
    ]


def prepare(env: dict[str, str], word: str) -> str:
    """Tables and a product with `word` units, or with "check" the sums as JSON."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.peers.naive.prepare", word],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    if done.returncode != 0:
        raise NotMeasured(f"the naive shop could not be prepared: {done.stderr.strip()[-300:]}")
    return done.stdout
