"""`bench kills`: kill -9 in the middle of a sale; what was acknowledged is in the books, once, and nothing else.

--kills N  how often web, PostgreSQL or Valkey is killed (30), each at a random moment of its three seconds
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bench import books, people
from bench.crowd import Crowd
from bench.house import House
from bench.rush import LIFTED
from bench.scenario import Column, Options, Report, Run, Say
from livestore.stack.launch import Demo

SERVERS = ("postgres", "valkey")
EVERY = 3.0
BACK_WITHIN = 60.0
SOCKETS, RATE, KILLS, SEED = 400, 150, 30, 20_261_121
WARE = "sturdy-lipstick"
SHARE_TO_SELL = 0.96
"""Units for so much of all wishes: at the end it is sold out, and nobody may get what is not there."""


ZEROES = {
    "missing": "acknowledged orders that are not in the books",
    "doubled": "one order told to two buyers",
    "unasked": "orders that nobody was told of",
    "oversold": "units sold that were not there",
    "unanswered": "clicks that never got an answer",
    "other": "refusals for another reason than sold out",
    "not_paid": "orders not paid in the end",
    "wrong": "broken invariants",
}
COLUMNS = (
    Column("kills", "kills"),
    Column("orders", "acknowledged"),
    Column("refused", "sold out"),
    Column("cut", "sockets cut"),
    Column("retries", "asked again"),
    Column("back_s", "slowest return s", 1),
    Column("longest_s", "longest wait s", 1),
    Column("missing", "missing"),
    Column("oversold", "oversold"),
    Column("wrong", "invariants broken"),
)


@dataclass(frozen=True)
class Kill:
    """`at` is seconds after the sale began."""

    at: float
    victim: str


def schedule(count: int, *, seed: int, victims: Sequence[str]) -> list[Kill]:
    """`count` kills at random moments, one in each span of EVERY seconds; every victim gets its turn.

    The same seed is the same schedule.
    """
    dice = random.Random(seed)
    found: list[Kill] = []
    turn: list[str] = []
    for place in range(count):
        if not turn:
            turn = list(victims)
            dice.shuffle(turn)
        found.append(Kill(EVERY * (place + dice.uniform(0.15, 0.95)), turn.pop()))
    return found


@dataclass(frozen=True)
class Told:
    """What the buyers were answered: order ids, and refusals by code."""

    orders: list[str] = field(default_factory=list)
    refused: dict[str, int] = field(default_factory=dict)


def read_answers(answers: Iterable[tuple[int, int, Mapping[str, Any]]]) -> Told:
    """From what a crowd kept: (line, microseconds, the answer)."""
    told = Told()
    for _, _, answer in answers:
        if answer.get("ok"):
            told.orders.append(str(answer["data"]["order"]))
        else:
            code = str(answer.get("error", {}).get("code", "unknown"))
            told.refused[code] = told.refused.get(code, 0) + 1
    return told


async def run(options: Options, say: Say) -> Report:
    """One sale with all kills in it: another run would be another schedule, so medians say nothing."""
    kills = options.kills or KILLS
    wishes = int(EVERY * (kills + 1) * RATE)
    units = int(wishes * SHARE_TO_SELL)
    about = (
        f"{SOCKETS} buyers over sockets, {RATE} clicks a second, all ask again with the same key"
    )
    report = Report("kills", f"A sale with kill -9 at {kills} random moments", COLUMNS)
    web = options.web or 2
    async with House(say=say, web=web, wares={WARE: units}, people=SOCKETS, env=LIFTED) as house:
        victims = [f"web-{number}" for number in range(1, web + 1)]
        plan = schedule(kills, seed=SEED, victims=[*victims, *SERVERS])
        report.add("ours", about, await _sale(house, plan, wishes, units, say))
    for key, what in ZEROES.items():
        report.check(what, report.number("ours", key), 0)
    report.check("kills", report.number("ours", "kills"), kills, at_least=True)
    report.notes.append(f"Seed {SEED}: the same kills at the same moments every time.")
    return report


async def _sale(house: House, plan: Sequence[Kill], wishes: int, units: int, say: Say) -> Run:
    """Buyers buy all the time, and come back by themselves after every cut."""
    demo, ware = house.demo, house.sale.wares[WARE]
    async with Crowd(
        port=house.port,
        path=house.path,
        count=SOCKETS,
        tickets=house.sale.tickets,
        reconnect=True,
        retry=True,
    ) as crowd:
        await crowd.open()
        await crowd.load(people.buy_frames(ware, wishes, seed=SEED))
        crowd.keep_answers()
        crowd.reset()
        crowd.begin("rate", RATE)
        felt, slowest = await _kill_all(demo, plan, say)
        seen = await crowd.finished(wishes / RATE + 120)
        told = read_answers(await crowd.answers())
    say(f"{len(told.orders):,} orders acknowledged, {sum(told.refused.values()):,} refused")
    shop = books.books_of(demo)
    paid = await asyncio.to_thread(shop.drain, 120.0)
    wrong = await asyncio.to_thread(books.invariants, demo)
    for line in wrong:
        say(line)
    sold = await asyncio.to_thread(shop.units_sold, ware.variant)
    return {
        "kills": felt,
        "orders": len(told.orders),
        "refused": told.refused.get("sold_out", 0),
        "cut": seen.cut,
        "retries": seen.retries,
        "longest_s": seen.reply.ms(1) / 1000,
        "back_s": slowest,
        "missing": len(await asyncio.to_thread(shop.missing, told.orders)),
        "doubled": len(told.orders) - len(set(told.orders)),
        # Everybody is answered in the end, so an order that nobody was told of is somebody's second one.
        "unasked": max(0, sold - len(set(told.orders))),
        "oversold": max(0, sold - units),
        "unanswered": wishes - seen.ok - seen.errors,
        "other": sum(n for code, n in told.refused.items() if code != "sold_out"),
        "not_paid": 0 if paid else shop.pending(),
        "wrong": len(wrong),
    }


async def _kill_all(demo: Demo, plan: Sequence[Kill], say: Say) -> tuple[int, float]:
    """Every kill at its time (or as soon as the one before is healed): how many, and the slowest return."""
    began = time.monotonic()
    slowest = 0.0
    for number, kill in enumerate(plan, start=1):
        await asyncio.sleep(max(0.0, began + kill.at - time.monotonic()))
        fell = time.monotonic()
        await asyncio.to_thread(demo.kill_and_wait_back, kill.victim, BACK_WITHIN)
        took = time.monotonic() - fell
        slowest = max(slowest, took)
        say(f"kill {number} of {len(plan)}: {kill.victim}, back after {took:.1f} s")
    return len(plan), slowest
