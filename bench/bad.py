"""Slow, silent and shouting clients among many good ones: what the others notice, and when the bad are cut off."""

from __future__ import annotations

import asyncio
import json
import time
from contextlib import AsyncExitStack

from bench import machine
from bench.crowd import UNSTAMPED, Crowd
from bench.figures import Figures
from bench.house import House
from bench.measuring import WINDOW
from bench.scenario import Column, Options, Report, Say, Value

VIEWERS = 2_000
BAD = 50
TALKERS = 120
LONG = 250
"""Letters of a message: a client that reads nothing is over its budget and the kernel's two buffers after 900 KiB."""
BIG_ROOM = 4_700
"""Good viewers over which a busy chat would be sampled; there it is kept calmer and goes on for longer."""
CHAT, CHAT_IN_A_BIG_ROOM = (60.0, 40.0), (28.0, 85.0)
"""Messages a second, and for how many seconds: enough of both for everybody's budget."""
KINDS = ("slow", "silent", "writer")
COLUMNS = (
    Column("viewers", "good viewers"),
    Column("p50", "p50 ms", 1),
    Column("p99", "p99 ms", 1, "less"),
    Column("p999", "p99.9 ms", 1),
    Column("lost", "lost", 0),
    Column("dropped", "good sockets dropped", 0),
    *(Column(f"{kind}_cut", f"{kind}: cut off", 0) for kind in KINDS),
    *(Column(f"{kind}_codes", f"{kind}: codes they read") for kind in KINDS),
    *(Column(f"{kind}_after", f"{kind}: cut after s (p50)", 1) for kind in KINDS),
)


async def run(options: Options, say: Say) -> Report:
    viewers = options.viewers or VIEWERS
    bad = options.bad or BAD
    rate, seconds = CHAT if viewers < BIG_ROOM else CHAT_IN_A_BIG_ROOM
    seconds = options.seconds or seconds
    report = Report("bad", f"{bad} bad clients of each kind among {viewers:,}", COLUMNS)
    for turn in range(options.runs):
        async with House(say=say, web=options.web_for(viewers), people=TALKERS) as house:
            for name, about, count in (
                ("ours", "nobody misbehaves", 0),
                (
                    "ours, with bad clients",
                    "some read 1 KB a second, some nothing, some only write",
                    bad,
                ),
            ):
                say(f"run {turn + 1} of {options.runs}: {name}, {seconds:.0f} s of chat")
                found = await _chat(house, viewers, count, rate, seconds, say)
                report.add(name, about, found)
    report.notes.append(
        "A client that is cut off while it is behind can not read why: its code is 1006, or none when it reads "
        "nothing at all; whether the server has closed is then taken from the kernel."
    )
    _promise(report, bad)
    return report


def _promise(report: Report, bad: int) -> None:
    quiet, loud = report.number("ours", "p99"), report.number("ours, with bad clients", "p99")
    if quiet and loud is not None:
        report.check("others' p99, with against without", loud / quiet, 1.1, unit=" x")
    for kind in KINDS:
        cut = report.number("ours, with bad clients", f"{kind}_cut")
        report.check(f"{kind} clients cut off", cut, bad, at_least=True)
    for key, what in (("lost", "messages lost"), ("dropped", "good sockets dropped")):
        report.check(what, report.number("ours, with bad clients", key), 0)


async def _chat(
    house: House, viewers: int, bad: int, rate: float, seconds: float, say: Say
) -> dict[str, Value]:
    """A stream of chat for `seconds`, `rate` messages in each, heard by the good ones."""
    async with AsyncExitStack() as stack:
        good = await stack.enter_async_context(
            Crowd(port=house.port, path=house.path, count=viewers)
        )
        await good.open(window=WINDOW, progress=say)
        talkers = await stack.enter_async_context(
            Crowd(port=house.port, path=house.path, count=TALKERS, tickets=house.sale.tickets)
        )
        await talkers.open()
        others: dict[str, Crowd] = {}
        for kind in KINDS if bad else ():
            others[kind] = await stack.enter_async_context(_bad(house, kind, bad))
            await others[kind].open()
        await talkers.load([_line(n) for n in range(int(seconds * rate))])
        await asyncio.sleep(2)
        good.reset()
        began = time.monotonic()
        said = await talkers.go("rate", rate, within=seconds + 20)
        await good.reached("chat.message", said.ok, 20)
        seen = await good.stats()
        times = seen.times("chat.message")
        found: dict[str, Value] = {
            "viewers": seen.ready,
            "p50": times.ms(0.5),
            "p99": times.ms(0.99),
            "p999": times.ms(0.999),
            "lost": said.ok * viewers - times.count - seen.left_out + seen.lost,
            "dropped": seen.cut,
            "seconds": time.monotonic() - began,
        }
        for kind, crowd in others.items():
            held = machine.established(house.port, crowd.sources)
            found |= _cut(kind, await crowd.stats(), bad - held)
        return found


def _bad(house: House, kind: str, count: int) -> Crowd:
    if kind == "slow":
        return Crowd(port=house.port, path=house.path, count=count, behaviour="slow")
    if kind == "silent":
        return Crowd(port=house.port, path=house.path, count=count, behaviour="silent")
    return Crowd(port=house.port, path=house.path, count=count, behaviour="writer", every_ms=20)


def _line(number: int) -> str:
    text = f"{UNSTAMPED} {number} ".ljust(LONG, "o")
    return json.dumps({"type": "chat.send", "ref": "c", "data": {"text": text}})


def _cut(kind: str, seen: Figures, closed: int) -> dict[str, Value]:
    """`closed` by what the kernel knows of the server's end: the silent do not notice."""
    codes = ", ".join(f"{code} x{count}" for code, count in seen.closes.most_common())
    return {
        f"{kind}_cut": max(seen.cut, closed),
        f"{kind}_codes": codes or "none",
        f"{kind}_after": seen.lived.ms(0.5) / 1000 if seen.lived.count else None,
    }
