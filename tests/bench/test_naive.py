"""The naive shop is slow, not wrong: it must be a fair peer."""

from __future__ import annotations

import json
import sys

import psycopg
from django.conf import settings

from bench.peers.cluster import Cluster
from bench.peers.naive import measure
from bench.peers.processes import environment, serving
from livestore.stack.listen import free_port
from tests.bench.conftest import needs_cc

pytestmark = needs_cc


def test_it_sells_what_it_has_and_not_one_more() -> None:
    port = free_port("127.0.0.1", 19_800)
    assert port is not None
    cluster = Cluster(settings.DATABASE_URL, 0)
    env = environment(
        DATABASE_URL=cluster.fresh("bench_test_naive"),
        DJANGO_SETTINGS_MODULE="bench.peers.naive.settings",
        NAIVE_POOL="1",
    )
    measure.prepare(env, "10")
    argv = [sys.executable, "-m", "daphne", "-b", "127.0.0.1", "-p", str(port), measure.ASGI]
    with serving(argv, env=env, port=port):
        answers = measure.post(measure.buyers(0, 14), port, 7, 30)
    assert answers.statuses == {201: 10, 409: 4}
    assert json.loads(measure.prepare(env, "check")) == {"orders": 10, "lines": 10, "left": 0}
    with psycopg.connect(cluster.url("postgres"), autocommit=True) as connection:
        connection.execute("DROP DATABASE bench_test_naive WITH (FORCE)")
