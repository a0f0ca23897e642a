"""The floor of the sale: PostgreSQL alone, driven by its own pgbench.

The same work as one order, without anything around it: one unit off the hot product's row, an order row
(unique per product and buyer), a line with its foreign key, a durable commit. No prices, addresses, cards,
holds, history or facts, no people and no network.

Unbatched: three ways to write it, at 1, 4 and 16 clients, the best counts. Batched: 200 orders in one
transaction, which is what nobody gets below.
"""

from __future__ import annotations

import re
import subprocess
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import psycopg

from bench.peers.cluster import Cluster
from bench.peers.errors import NotMeasured
from livestore.stack.postgres import find_binaries

BATCH = 200
CLIENTS = (1, 4, 16)
BATCH_CLIENTS = (1, 4)
SCHEMA = """
CREATE TABLE stock (product int PRIMARY KEY, total bigint NOT NULL, reserved bigint NOT NULL DEFAULT 0,
                    CHECK (reserved <= total));
CREATE TABLE orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, product int NOT NULL,
                     buyer bigint NOT NULL, placed_at timestamptz NOT NULL DEFAULT now(),
                     UNIQUE (product, buyer));
CREATE TABLE order_line (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
                         order_id bigint NOT NULL REFERENCES orders, quantity int NOT NULL,
                         price bigint NOT NULL);
CREATE INDEX ON order_line (order_id);
CREATE FUNCTION buy(who bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE made bigint;
BEGIN
  INSERT INTO orders (product, buyer) VALUES (1, who) RETURNING id INTO made;
  INSERT INTO order_line (order_id, quantity, price) VALUES (made, 1, 1299);
  UPDATE stock SET reserved = reserved + 1 WHERE product = 1 AND reserved < total;
  IF NOT FOUND THEN RAISE 'sold out'; END IF;
END $$;
INSERT INTO stock VALUES (1, 1000000000);
"""
BUYER = "\\set buyer random(1, 1000000000000000)\n"
SCRIPTS = {
    "update first": BUYER
    + """BEGIN;
UPDATE stock SET reserved = reserved + 1 WHERE product = 1 AND reserved < total;
INSERT INTO orders (product, buyer) VALUES (1, :buyer) RETURNING id AS made \\gset
INSERT INTO order_line (order_id, quantity, price) VALUES (:made, 1, 1299);
COMMIT;
""",
    "one statement": BUYER
    + """WITH taken AS (
  UPDATE stock SET reserved = reserved + 1 WHERE product = 1 AND reserved < total RETURNING product),
placed AS (INSERT INTO orders (product, buyer) SELECT product, :buyer FROM taken RETURNING id)
INSERT INTO order_line (order_id, quantity, price) SELECT id, 1, 1299 FROM placed;
""",
    "one function": BUYER + "SELECT buy(:buyer);\n",
}
BATCHED = (
    BUYER
    + f"""WITH taken AS (
  UPDATE stock SET reserved = reserved + {BATCH} WHERE product = 1 AND reserved + {BATCH} <= total
  RETURNING product),
placed AS (
  INSERT INTO orders (product, buyer)
  SELECT product, :buyer::bigint + place FROM taken, generate_series(1, {BATCH}) AS place
  ON CONFLICT DO NOTHING RETURNING id)
INSERT INTO order_line (order_id, quantity, price) SELECT id, 1, 1299 FROM placed;
"""
)


@dataclass(frozen=True)
class Told:
    """What pgbench printed: transactions a second, how many, failed ones, mean latency in ms."""

    tps: float
    transactions: int
    failed: int
    latency_ms: float


@dataclass(frozen=True)
class Floor:
    """One run. `cpu_us` is PostgreSQL's CPU for one order."""

    way: str
    clients: int
    orders_per_second: float
    latency_ms: float
    cpu_us: float


@dataclass(frozen=True)
class Floors:
    """All runs of one call."""

    single: tuple[Floor, ...]
    batched: tuple[Floor, ...]

    @property
    def best(self) -> Floor:
        return max(self.single, key=lambda each: each.orders_per_second)

    @property
    def best_batched(self) -> Floor:
        return max(self.batched, key=lambda each: each.orders_per_second)


def read(output: str) -> Told:
    """The figures of a pgbench report. `NotMeasured` when it is none, or nothing was done."""

    def number(pattern: str, default: str = "") -> str:
        match = re.search(pattern, output, re.MULTILINE)
        return match[1] if match else default

    tps = number(r"^tps = ([\d.]+)")
    transactions = int(number(r"^number of transactions actually processed: (\d+)", "0"))
    if not tps or not transactions:
        last = output.strip().splitlines()[-1:] or ["it wrote nothing"]
        raise NotMeasured(f"pgbench did not finish a transaction: {last[0]}")
    return Told(
        tps=float(tps),
        transactions=transactions,
        failed=int(number(r"^number of failed transactions: (\d+)", "0")),
        latency_ms=float(number(r"^latency average = ([\d.]+) ms", "0")),
    )


def measure(
    cluster: Cluster,
    *,
    seconds: float = 2.0,
    clients: Iterable[int] = CLIENTS,
    batch_clients: Iterable[int] = BATCH_CLIENTS,
    say: Callable[[str], None] = lambda line: None,
) -> Floors:
    """Every way at every number of clients, `seconds` each, in a fresh database.

    Afterwards orders, lines and the stock row must agree: AssertionError if not.
    """
    binaries = find_binaries()
    program = binaries / "pgbench" if binaries else None
    if program is None or not program.exists():
        raise NotMeasured("PostgreSQL's own load program, pgbench, is not on this machine.")
    url = cluster.fresh("bench_floor")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(SCHEMA)
    single: list[Floor] = []
    batched: list[Floor] = []
    for way, script in SCRIPTS.items():
        for count in clients:
            single.append(_run(cluster, program, way, script, count, seconds))
            say(f"{way}, {count} clients: {single[-1].orders_per_second:,.0f} orders a second")
    for count in batch_clients:
        batched.append(_run(cluster, program, f"{BATCH} at once", BATCHED, count, seconds, BATCH))
        say(f"{BATCH} at once, {count} clients: {batched[-1].orders_per_second:,.0f} a second")
    check(url)
    return Floors(tuple(single), tuple(batched))


def _run(
    cluster: Cluster,
    program: Path,
    way: str,
    script: str,
    clients: int,
    seconds: float,
    orders: int = 1,
) -> Floor:
    with tempfile.TemporaryDirectory(prefix="livestore-bench-") as folder:
        file = Path(folder) / "script.sql"
        file.write_text(script)
        argv = [
            str(program),
            "-n",
            "-M",
            "prepared",
            "-f",
            str(file),
            "-T",
            f"{max(1, seconds):.0f}",
        ]
        argv += ["-c", str(clients), "-j", str(min(clients, 2)), cluster.url("bench_floor")]
        cluster.settle()
        before = cluster.usage()
        # pgbench ends by itself; the limit is for a server that does not answer.
        done = subprocess.run(
            argv, capture_output=True, text=True, check=False, timeout=seconds + 60
        )
        cpu = cluster.cpu_since(before)
    if done.returncode != 0:
        why = [line for line in done.stderr.splitlines() if "ERROR" in line or "FATAL" in line]
        raise NotMeasured(f"pgbench failed: {(why or [done.stderr.strip()])[0]}")
    told = read(done.stdout)
    return Floor(
        way=way,
        clients=clients,
        orders_per_second=told.tps * orders,
        latency_ms=told.latency_ms,
        cpu_us=cpu / (told.transactions * orders) * 1e6,
    )


def check(url: str) -> None:
    """Orders, lines and reserved units must be the same number."""
    with psycopg.connect(url) as connection:
        row = connection.execute(
            "SELECT (SELECT count(*) FROM orders), (SELECT count(*) FROM order_line),"
            " (SELECT reserved FROM stock WHERE product = 1)"
        ).fetchone()
    assert row is not None
    assert row[0] == row[1] == row[2], f"orders, lines, reserved differ: {row}"
