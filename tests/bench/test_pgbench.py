"""The floor of the sale: what is read from pgbench, and that its own sums are looked at."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest
from django.conf import settings

from bench.peers import pgbench
from bench.peers.cluster import Cluster
from bench.peers.errors import NotMeasured
from bench.peers.pgbench import Floor, Floors

REPORT = """pgbench (18.6)
transaction type: /tmp/x/script.sql
scaling factor: 1
query mode: prepared
number of clients: 4
number of threads: 2
maximum number of tries: 1
duration: 2 s
number of transactions actually processed: 6385
number of failed transactions: 3 (0.047%)
latency average = 1.253 ms
initial connection time = 5.711 ms
tps = 3192.025340 (without initial connection time)
"""


def floor(orders: float, way: str = "one function") -> Floor:
    return Floor(way, 1, orders, 1.0, 100.0)


def test_the_figures_of_a_report_are_read() -> None:
    assert pgbench.read(REPORT) == pgbench.Told(3192.02534, 6385, 3, 1.253)


def test_a_report_without_a_transaction_is_no_measurement() -> None:
    with pytest.raises(NotMeasured, match="did not finish"):
        pgbench.read(REPORT.replace("processed: 6385", "processed: 0"))


def test_words_that_are_no_report_are_told_as_they_are() -> None:
    with pytest.raises(NotMeasured, match="the server went away"):
        pgbench.read("some line\nthe server went away\n")


def test_the_best_single_and_the_best_batch_count() -> None:
    found = Floors((floor(900), floor(3_000), floor(2_000)), (floor(40_000), floor(60_000)))
    assert found.best.orders_per_second == 3_000
    assert found.best_batched.orders_per_second == 60_000


@pytest.fixture
def cluster() -> Cluster:
    return Cluster(settings.DATABASE_URL, 0)


def test_sums_that_do_not_agree_are_not_reported_as_a_result(cluster: Cluster) -> None:
    url = cluster.fresh("bench_test_floor")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(pgbench.SCHEMA)
        connection.execute("SELECT buy(1)")
        connection.execute("SELECT buy(2)")
        pgbench.check(url)
        connection.execute("DELETE FROM order_line WHERE order_id = 1")
    with pytest.raises(AssertionError, match="differ"):
        pgbench.check(url)
    drop(cluster, "bench_test_floor")


def test_a_fresh_database_is_empty_whatever_was_in_it(cluster: Cluster) -> None:
    with psycopg.connect(cluster.fresh("bench_test_fresh"), autocommit=True) as connection:
        connection.execute("CREATE TABLE left_over (id int)")
    with psycopg.connect(cluster.fresh("bench_test_fresh")) as connection:
        found = connection.execute("SELECT to_regclass('left_over')").fetchone()
    assert found == (None,)
    drop(cluster, "bench_test_fresh")


def test_every_script_does_the_whole_work_of_an_order() -> None:
    for script in (*pgbench.SCRIPTS.values(), pgbench.BATCHED):
        text = script if "buy(" not in script else pgbench.SCHEMA
        for part in ("UPDATE stock", "INSERT INTO orders", "INSERT INTO order_line"):
            assert part in text


def drop(cluster: Cluster, name: str) -> None:
    with psycopg.connect(cluster.url("postgres"), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def test_the_peers_pins_are_exact() -> None:
    pins = Path(pgbench.__file__).with_name("requirements.txt").read_text().splitlines()
    named = [pin for pin in pins if pin and not pin.startswith("#")]
    assert any(pin.startswith("django-oscar==") for pin in named)
    assert all("==" in pin for pin in named)
