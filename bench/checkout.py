"""`bench checkout`: one hot product, thousands of buyers; ours, peers and floors in turn.

--viewers N  buyers of the headline (18,000 for 15,000 units); --seconds S  how long the steady parts take
--only       ours (or rush, steady, http, alone), pgbench, naive, oscar
--kills N    also a sale with N times kill -9 in it, as `bench kills`
"""

from __future__ import annotations

import asyncio
import os
import statistics
import tempfile
import time

from bench import kills, rivals, rush
from bench.peers.sale import BATCHED, FLOOR, NAMES, OSCAR
from bench.rush import Size
from bench.scenario import Column, Options, Report, Say

STEADY, RUSH, HTTP, ALONE = "ours", "ours, all at once", "ours, over HTTP", "ours, one buyer"
COLUMNS = (
    Column("orders_s", "orders/s", better="more"),
    Column("seconds", "seconds", 2),
    Column("p50", "p50 ms", 1, "less"),
    Column("p99", "p99 ms", 1, "less"),
    Column("p999", "p99.9 ms", 1, "less"),
    Column("max", "max ms", 1, "less"),
    Column("stalls", "stalls"),
    Column("stalled_s", "longest stall s", 1, "less"),
    Column("cpu", "CPU us/order", better="less"),
    Column("web", "its code", better="less"),
    Column("postgres", "PostgreSQL", better="less"),
    Column("valkey", "Valkey"),
    Column("behind", "relay+worker"),
    Column("generator", "generator, cores", 2),
    Column("paid_s", "all paid after s", 1),
    Column("race_sold", "of 10 units, 20 buyers"),
    Column("sold", "sold"),
    Column("refused", "refused"),
    Column("lost", "lost"),
)
PART_WITHIN = 600.0
"""Seconds for one run of one part, its stack's start and end included: a rush on a busy machine takes two minutes."""
WORK = "price, limits, address, card, hold, ledger, history, facts for the room, durable, relay and payments running"
ABOUT = {
    STEADY: f"`buy` over {{sockets:,}} sockets, each again as soon as it is answered; {WORK}",
    RUSH: f"{{buyers:,}} people on as many sockets click at once, {{units:,}} units; {WORK}; all hear of all sales",
    HTTP: f"POST /api/v1/orders over {{connections}} connections, distinct people; {WORK}",
    ALONE: "one socket, a click every 50 ms, the whole way to `pending` and back",
}


def size_of(options: Options) -> Size:
    """The headline's sizes, or smaller ones in proportion to `--viewers`."""
    buyers = options.viewers or Size.buyers
    return Size(
        buyers=buyers,
        units=max(1, buyers * 5 // 6),
        sockets=min(Size.sockets, buyers),
        seconds=options.seconds or Size.seconds,
    )


async def run(options: Options, say: Say) -> Report:
    """Everything in turn, as often as was asked; medians count."""
    size = size_of(options)
    report = Report("checkout", "One hot product", COLUMNS, compare="orders_s")
    acts = {
        "steady": (STEADY, rush.in_a_row),
        "rush": (RUSH, rush.all_at_once),
        "http": (HTTP, rush.over_http),
        "alone": (ALONE, rush.alone),
    }
    others = [name for name in NAMES if options.wants(name)]
    too_long: list[str] = []
    for number in range(1, options.runs + 1):
        for word, (name, act) in acts.items():
            if not options.wants("ours") and not options.wants(word):
                continue
            say(f"run {number} of {options.runs}: {name}")
            sockets = size.buyers if word == "rush" else size.sockets
            try:
                async with asyncio.timeout(PART_WITHIN + size.seconds) as limit:
                    found = await act(size, web=options.web_for(sockets), say=say)
            except TimeoutError:
                if not limit.expired():
                    raise
                too_long.append(f"run {number} of '{name}' took too long and was broken off.")
                say(too_long[-1])
                continue
            report.add(name, ABOUT[name].format(**vars(size)), found)
            if found.get("stalled"):
                report.notes.append(f"Run {number} of '{name}' stood still: {found['stalled']}.")
        if others:
            say(f"run {number} of {options.runs}: {', '.join(others)}")
            await rivals.measure(others, seconds=size.seconds, report=report, say=say)
    if options.kills:
        await under_kills(report, options, say)
    flush = durable_write()
    report.notes.append(
        f"One durable write (8 KB and fdatasync) takes {flush:.0f} us on this disk at the end of the run, so orders"
        f" that wait for each other's commit can not be more than {1e6 / flush:,.0f} a second."
    )
    report.notes.append(
        "CPU is that of all server processes for one order; 'its code' is the web processes, or the peer's own."
        " The load generator shares the machine's cores; its own use is in the table."
    )
    report.notes += too_long
    report.check("parts that took too long", len(too_long), 0)
    promise(report, size)
    return report


async def under_kills(report: Report, options: Options, say: Say) -> None:
    """`bench kills` as one more row; its promises join ours."""
    say(f"{options.kills} kills")
    found = await kills.run(options, say)
    [row] = found.rows
    seen = row.values
    figures = {
        "sold": seen["orders"],
        "refused": seen["refused"],
        "lost": seen["missing"],
        "max": (found.number(row.name, "longest_s") or 0.0) * 1000,
    }
    report.add(f"{row.name}, under kill -9", row.about, figures)
    report.checks += found.checks
    report.notes += found.notes


def promise(report: Report, size: Size) -> None:
    """What it must show. Ratios only where both sides were measured."""
    whole = size.buyers >= Size.buyers
    rush_s = report.number(RUSH, "seconds")
    if whole:
        report.check("seconds to the last durable answer", rush_s, 3.0, 1.5, unit=" s")
    for key, what in (
        ("oversold", "units sold that were not there"),
        ("unsold", "units left though somebody wanted them"),
        ("outside", "buyers who did not get in"),
        ("lost", "clicks without an answer"),
        ("other", "refusals in the rush for another reason than sold out"),
        ("cut", "sockets cut"),
        ("room_lost", "events lost or doubled, over all sockets"),
        ("wrong", "broken invariants after the rush"),
    ):
        report.check(what, report.number(RUSH, key), 0)
    if report.number(RUSH, "seconds") is not None:
        drained = report.number(RUSH, "paid_s")
        report.check("seconds until all are paid", drained or 9_999.0, 60, unit=" s")
    steady = report.number(STEADY, "orders_s")
    report.check("orders a second in a row", steady, 8_000, 15_000, at_least=True)
    report.check("p99 of these", report.number(STEADY, "p99"), 250, 100, unit=" ms")
    report.check("acknowledged and not in the books", report.number(STEADY, "lost"), 0)
    report.check(
        "orders a second over HTTP", report.number(HTTP, "orders_s"), 3_000, 8_000, at_least=True
    )
    for name, what in ((STEADY, "in a row"), (HTTP, "over HTTP")):
        report.check(f"refusals and failures {what}", report.number(name, "other"), 0)
    report.check("clicks lost over HTTP", report.number(HTTP, "lost"), 0)
    report.check("one buyer, p50 to `pending`", report.number(ALONE, "p50"), 12, unit=" ms")
    naive = [row.name for row in report.rows if row.name.startswith("naive, ")]
    best_naive = max((report.number(name, "orders_s") or 0.0 for name in naive), default=0.0)
    for what, other, limit, stretch in (
        ("times the best unbatched pgbench", report.number(FLOOR, "orders_s"), 0.7, 1.5),
        ("times the best naive view", best_naive, 10, 20),
        ("times django-oscar", report.number(OSCAR, "orders_s"), 60, 150),
    ):
        if steady and other:
            report.check(what, steady / other, limit, stretch, at_least=True)
    batched = report.number(BATCHED, "orders_s")
    if steady and batched:
        report.notes.append(
            f"Of what PostgreSQL alone does {BATCHED.partition(', ')[2]}, ours reaches {steady / batched:.0%}."
        )


def durable_write(times: int = 200) -> float:
    """Microseconds for 8 KB written and flushed to the disk that the data is on; the median."""
    taken: list[float] = []
    with tempfile.TemporaryFile(prefix="livestore-bench-") as file:
        for _ in range(times):
            began = time.perf_counter()
            os.pwrite(file.fileno(), b"x" * 8192, 0)
            os.fdatasync(file.fileno())
            taken.append((time.perf_counter() - began) * 1e6)
    return statistics.median(taken)
