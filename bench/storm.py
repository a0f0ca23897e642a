"""Everybody at once: N guests join as fast as they can, then one web process restarts and its people come back."""

from __future__ import annotations

import asyncio
import signal
import time

from bench import machine
from bench.crowd import Crowd
from bench.house import House
from bench.scenario import Column, Options, Report, Say, Value

VIEWERS = 5_000
KNOWN = 1_000
BACK_WITHIN = 60.0
COLUMNS = (
    Column("viewers", "viewers"),
    Column("connect_s", "seconds until all are in", 2, "less"),
    Column("joins", "joins a second", 0, "more"),
    Column("join_us", "CPU us a join", 0, "less"),
    Column("first_p50", "first frame p50 ms", 0),
    Column("first_p99", "first frame p99 ms", 0),
    Column("refused", "not let in", 0),
    Column("known", "known people", 0),
    Column("known_s", "seconds until they are in", 2),
    Column("known_us", "CPU us a known join", 0),
    Column("told_s", "seconds until all have me.snapshot", 2),
    Column("moved", "moved by the restart", 0),
    Column("goodbyes", "of them with 4410", 0),
    Column("back_p50", "back after p50 s", 2),
    Column("back_p99", "back after p99 s", 2),
    Column("back_last", "all back after s", 2, "less"),
    Column("retries", "tries that failed", 0),
    Column("resets", "told anew instead of resumed", 0),
    Column("missing", "never came back", 0),
    Column("log_faults", "faults in the log", 0),
)


async def run(options: Options, say: Say) -> Report:
    viewers = options.viewers or VIEWERS
    known = min(KNOWN, viewers)
    report = Report("storm", f"{viewers:,} viewers at once, and a restart", COLUMNS)
    for turn in range(options.runs):
        say(f"run {turn + 1} of {options.runs}: {viewers:,} viewers")
        web = options.web_for(viewers + known)
        async with House(say=say, web=web, people=known) as house:
            found = await _storm(house, viewers, say)
            found |= await _known(house, known, say)
        report.add("ours", f"{viewers:,} guests; then {known:,} people with a login each", found)
    report.notes += [
        "Joined means: the first frame with the room's state has come. All handshakes are begun as fast as the "
        "crowd can, 4,000 at a time, which is less than the backlog.",
        "The restart is a SIGTERM to one web process; its viewers come back by themselves after the delay that the "
        "goodbye names, to any process, with the position they had.",
    ]
    report.check("viewers who did not get in", report.number("ours", "refused"), 0)
    report.check("never came back", report.number("ours", "missing"), 0)
    moved = report.number("ours", "moved") or 0
    limit = 5 * max(1.0, moved / 10_000)  # 10,000 within five seconds
    report.check(f"all {moved:,.0f} back", report.number("ours", "back_last"), limit, unit=" s")
    report.check("faults in the log", report.number("ours", "log_faults"), 0)
    report.check("seconds until all are in", report.number("ours", "connect_s"), 60, 20, unit=" s")
    return report


async def _storm(house: House, viewers: int, say: Say) -> dict[str, Value]:
    async with Crowd(port=house.port, path=house.path, count=viewers, reconnect=True) as crowd:
        before = machine.look(house.web())
        opened = await crowd.open(window=4_000, progress=say)
        used = machine.spent(before, machine.look(house.web()))
        first = opened.figures.joined
        found: dict[str, Value] = {
            "viewers": opened.ready,
            "connect_s": opened.seconds,
            "joins": opened.ready / opened.seconds,
            "join_us": used.cpu / max(1, opened.ready) * 1e6,
            "first_p50": first.ms(0.5),
            "first_p99": first.ms(0.99),
            "refused": viewers - opened.ready,
        }
        await asyncio.sleep(3)
        say("one web process restarts")
        crowd.reset()
        house.demo.kill("web-1", signal.SIGTERM)
        return found | await _come_back(crowd, opened.ready, say)


async def _come_back(crowd: Crowd, viewers: int, say: Say) -> dict[str, Value]:
    """Until everybody who was sent away is in again."""
    end = time.monotonic() + BACK_WITHIN
    while True:
        await asyncio.sleep(0.5)
        seen = await crowd.stats()
        done = seen.cut and seen.ready >= viewers and seen.rejoined >= seen.cut
        if done or time.monotonic() > end:
            break
    if seen.ready < viewers:
        say(
            f"{viewers - seen.ready} are not back: {seen.handshakes} on their way, {seen.waiting} waiting, "
            f"closed by {dict(seen.closes)}, failed by {dict(seen.failures)}"
        )
    return {
        "moved": seen.cut,
        "goodbyes": seen.closes["4410"],
        "back_p50": seen.back.ms(0.5) / 1000,
        "back_p99": seen.back.ms(0.99) / 1000,
        "back_last": seen.back.ms(1) / 1000,
        "retries": seen.failed,
        "resets": seen.resets,
        "missing": viewers - seen.ready,
        "log_faults": seen.lost + seen.doubled + seen.disorder + seen.epoch_jumps,
    }


async def _known(house: House, known: int, say: Say) -> dict[str, Value]:
    """People with a login each: looked up, let in and told what is theirs."""
    say(f"{known:,} known people join")
    async with Crowd(
        port=house.port, path=house.path, count=known, tickets=house.sale.tickets
    ) as crowd:
        before = machine.look(house.web())
        began = time.monotonic()
        opened = await crowd.open(window=known, progress=say)
        await crowd.reached("me.snapshot", 1, 60)
        told = time.monotonic() - began
        used = machine.spent(before, machine.look(house.web()))
        return {
            "known": opened.ready,
            "known_s": opened.seconds,
            "told_s": told,
            "known_us": used.cpu / max(1, opened.ready) * 1e6,
        }
