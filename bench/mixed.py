"""`bench mixed`: a whole sale at once: viewers, chat, pins and orders, and what each notices of the others.

--viewers N  people in the room (20,000), each with a ticket; --seconds S  how long (300: 15,000 orders)
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bench import books, people
from bench.crowd import MOST, Crowd
from bench.figures import Figures
from bench.histogram import Histogram
from bench.house import House
from bench.machine import look, spent
from bench.rush import DRAIN_WITHIN, LIFTED
from bench.scenario import Column, Options, Report, Run, Say

VIEWERS, SECONDS = 20_000, 300.0
ORDERS_A_SECOND, CHAT_A_SECOND, PIN_EVERY = 50, 20, 5.0
CHATTERS = 100
SETTLE = 10.0
"""Seconds after the last order in which the last events of the sale may still be on their way."""
COLUMNS = (
    Column("viewers", "viewers"),
    Column("orders", "orders"),
    Column("order_p50", "order p50 ms", 1, "less"),
    Column("order_p99", "p99", 1, "less"),
    Column("pins", "pins"),
    Column("pin_p50", "pin p50 ms", 1, "less"),
    Column("pin_p99", "p99", 1, "less"),
    Column("pin_max", "last viewer", 1, "less"),
    Column("chats", "chat"),
    Column("chat_p99", "chat p99 ms", 1, "less"),
    Column("room_lost", "events lost"),
    Column("cut", "sockets cut"),
    Column("paid_s", "paid after s", 1),
    Column("load", "stack, cores", 2),
    Column("generator", "generator, cores", 2),
)


@dataclass(frozen=True)
class Size:
    """Who does what for how long."""

    viewers: int
    seconds: float

    @property
    def orders(self) -> int:
        return max(1, round(ORDERS_A_SECOND * self.seconds))

    @property
    def buyers(self) -> int:
        """Everybody buys once, if there are so many in the room; one is left to look on."""
        return min(self.orders, self.viewers - 1, MOST)


async def run(options: Options, say: Say) -> Report:
    """Each run with a fresh stack; five minutes each unless told otherwise."""
    size = Size(options.viewers or VIEWERS, options.seconds or SECONDS)
    report = Report("mixed", "A whole sale at once", COLUMNS)
    about = (
        f"{size.viewers:,} people in the room, chat {CHAT_A_SECOND}/s, a pin every {PIN_EVERY:.0f} s,"
        f" {ORDERS_A_SECOND} orders a second for {size.seconds:.0f} s; payments, relay and archive running"
    )
    for number in range(1, options.runs + 1):
        say(f"run {number} of {options.runs}")
        found = await measure(size, web=options.web_for(size.viewers), say=say)
        report.add("ours", about, found)
    report.check("order p99", report.number("ours", "order_p99"), 250, unit=" ms")
    report.check("pin p99 at the viewers", report.number("ours", "pin_p99"), 500, unit=" ms")
    for key, what in (
        ("room_lost", "events lost or doubled, over all sockets"),
        ("behind", "log events that somebody has not heard in the end"),
        ("cut", "sockets cut"),
        ("lost", "clicks without an answer"),
        ("refused", "orders refused"),
        ("unsold", "orders acknowledged and not in the books"),
        ("not_paid", "orders not paid in the end"),
        ("wrong", "broken invariants"),
    ):
        report.check(what, report.number("ours", key), 0)
    return report


async def measure(size: Size, *, web: int, say: Say) -> Run:
    """One sale."""
    wares = {"lipstick": size.orders, "measured-lamp": 1_000, "measured-bowl": 1_000}
    known = size.viewers + CHATTERS
    async with House(say=say, web=web, wares=wares, people=known, env=LIFTED) as house:
        ware, tickets = house.sale.wares["lipstick"], iter(house.sale.tickets)

        def some(count: int, *, retry: bool = False) -> Crowd:
            own = list(itertools.islice(tickets, count))
            return Crowd(port=house.port, path=house.path, count=count, tickets=own, retry=retry)

        # Three crowds in one room: who buys once, who only looks, who talks.
        async with (
            some(size.buyers, retry=True) as buyers,
            some(size.viewers - size.buyers) as lookers,
            some(CHATTERS) as talkers,
        ):
            everybody = (buyers, lookers, talkers)
            opened = [await crowd.open(progress=say) for crowd in everybody]
            await buyers.load(people.buy_frames(ware, size.orders, seed=7))
            await talkers.load(people.chat_frames(int(CHAT_A_SECOND * size.seconds)))
            await asyncio.sleep(5)
            for crowd in everybody:
                crowd.reset()
            idle = [await crowd.stats() for crowd in everybody]
            before = look(house.all())
            buyers.begin("rate", ORDERS_A_SECOND)
            talkers.begin("rate", CHAT_A_SECOND)
            pins = await _pin(house, size.seconds, say)
            bought = await buyers.finished(60)
            chatted = await talkers.finished(10)
            used = spent(before, look(house.all()))
            busy = [await crowd.stats() for crowd in everybody]
            began = time.monotonic()
            shop = books.books_of(house.demo)
            drained = await asyncio.to_thread(shop.drain, DRAIN_WITHIN)
            paid = time.monotonic() - began
            await asyncio.sleep(SETTLE)
            seen = [await crowd.stats() for crowd in everybody]
        wrong = await asyncio.to_thread(books.invariants, house.demo)
        for line in wrong:
            say(line)
        sold = await asyncio.to_thread(shop.units_sold, ware.variant)
        pin, chat = times(seen, "item.pinned"), times(seen, "chat.message")
        return {
            "viewers": sum(each.ready for each in opened),
            "orders": bought.ok,
            "refused": bought.errors,
            "lost": size.orders - bought.ok - bought.errors,
            "unsold": abs(bought.ok - sold),
            "order_p50": bought.reply.ms(0.5),
            "order_p99": bought.reply.ms(0.99),
            "pins": pins,
            "pin_p50": pin.ms(0.5),
            "pin_p99": pin.ms(0.99),
            "pin_max": pin.ms(1),
            "chats": chatted.ok,
            "chat_p99": chat.ms(0.99),
            "room_lost": sum(each.lost + each.doubled + each.disorder for each in seen),
            "behind": max(each.most_seq for each in seen) - min(each.least_seq for each in seen),
            "cut": sum(each.cut for each in seen) + sum(each.failed for each in opened),
            "paid_s": paid if drained else None,
            "not_paid": 0 if drained else shop.pending(),
            "wrong": len(wrong),
            "load": used.share,
            "generator": _cpu_seconds(busy, idle) / used.seconds,
        }


def times(seen: Iterable[Figures], kind: str) -> Histogram:
    """Latencies of one type of event over several crowds."""
    return sum((each.times(kind) for each in seen), Histogram())


def _cpu_seconds(later: Sequence[Figures], earlier: Sequence[Figures]) -> float:
    """What the crowds themselves used between two looks."""
    return (sum(each.cpu_ns for each in later) - sum(each.cpu_ns for each in earlier)) / 1e9


async def _pin(house: House, seconds: float, say: Say) -> int:
    """Pin one of two things every few seconds, as a host does; returns how often."""
    numbers = itertools.cycle(
        ware.number for name, ware in house.sale.wares.items() if name != "lipstick"
    )
    end = time.monotonic() + seconds
    pins = 0
    while (left := end - time.monotonic()) > 0:
        await house.command("item.pin", {"number": next(numbers)})
        pins += 1
        if pins % 12 == 0:
            say(f"{max(0, left):.0f} s to go")
        await asyncio.sleep(min(PIN_EVERY, max(0.0, end - time.monotonic())))
    return pins
