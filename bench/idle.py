"""Many viewers in a room in which nothing happens: what they cost."""

from __future__ import annotations

import asyncio

from bench import machine
from bench.crowd import Crowd
from bench.house import House
from bench.measuring import WINDOW
from bench.scenario import Column, Options, Report, Say, Value

VIEWERS = 5_000
SECONDS = 60.0
SETTLE = 3.0
COLUMNS = (
    Column("viewers", "viewers"),
    Column("connect_s", "seconds until all are in", 1, "less"),
    Column("join_us", "CPU us a join", 0),
    Column("web", "web: % of a core", 2, "less"),
    Column("all", "whole stack: % of a core", 2, "less"),
    Column("kib", "KiB a viewer", 1, "less"),
    Column("kernel", "KiB a viewer in the kernel", 1),
    Column("frames", "frames a viewer and minute", 2),
    Column("log_faults", "faults in the log", 0),
    Column("dropped", "sockets dropped", 0),
    Column("refused", "not let in", 0),
)


async def run(options: Options, say: Say) -> Report:
    viewers = options.viewers or VIEWERS
    seconds = options.seconds or SECONDS
    report = Report("idle", f"{viewers:,} viewers and nothing happens", COLUMNS)
    for turn in range(options.runs):
        say(f"run {turn + 1} of {options.runs}: {viewers:,} viewers, {seconds:.0f} s")
        async with House(say=say, web=options.web_for(viewers)) as house:
            found = await _rest(house, viewers, seconds, say)
        report.add("ours", "guests who are told what is on air and then hear nothing", found)
    report.notes.append(
        "KiB in the kernel is the growth of its slab memory while they came in, for both ends of each connection and "
        "everything else on this machine."
    )
    report.check("web processes at rest", report.number("ours", "web"), 12, 5, unit=" % of a core")
    report.check("memory a viewer", report.number("ours", "kib"), 26, 13, unit=" KiB")
    report.check("seconds until all are in", report.number("ours", "connect_s"), 60, 20, unit=" s")
    for key, what in (("dropped", "sockets dropped"), ("refused", "viewers who did not get in")):
        report.check(what, report.number("ours", key), 0)
    return report


async def _rest(house: House, viewers: int, seconds: float, say: Say) -> dict[str, Value]:
    before, slab = machine.look(house.web()), machine.slab()
    async with Crowd(port=house.port, path=house.path, count=viewers) as crowd:
        opened = await crowd.open(window=WINDOW, progress=say)
        joined = machine.look(house.web())
        used = machine.spent(before, joined)
        await asyncio.sleep(SETTLE)
        crowd.reset()
        web, everything = machine.look(house.web()), machine.look(house.all())
        await asyncio.sleep(seconds)
        rest = machine.spent(web, machine.look(house.web()))
        whole = machine.spent(everything, machine.look(house.all()))
        after = machine.look(house.web())
        seen = await crowd.stats()
        return {
            "viewers": seen.ready,
            "connect_s": opened.seconds,
            "join_us": used.cpu / max(1, opened.ready) * 1e6,
            "web": rest.share * 100,
            "all": whole.share * 100,
            "kib": (after.memory - before.memory) / max(1, opened.ready) / 1024,
            "kernel": (machine.slab() - slab) / max(1, opened.ready) / 1024,
            "frames": seen.frames / max(1, seen.ready) / seconds * 60,
            "log_faults": seen.lost + seen.doubled + seen.disorder + seen.epoch_jumps,
            "dropped": seen.cut,
            "refused": viewers - opened.ready,
        }
