"""Four ways to measure our own checkout. Each has a fresh stack of its own, and returns one row's figures.

Commands of one socket are limited in the product (a person can not click 100 times a second); where a socket
stands for many people the limit is lifted by LIVESTORE_COMMANDS_BURST and LIVESTORE_COMMANDS_RATE.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from dataclasses import dataclass

from bench import books, people, posts
from bench.cpu import BEHIND, POSTGRES, VALKEY, WEB, Meter
from bench.crowd import Crowd
from bench.figures import Figures
from bench.house import House
from bench.scenario import Run, Say, Value
from bench.stalls import Watch, stalls_of

LIFTED = {"LIVESTORE_COMMANDS_BURST": "1000000", "LIVESTORE_COMMANDS_RATE": "1000000"}
ENDLESS = 1_000_000
MOST_A_SECOND = 30_000
DRAIN_WITHIN = 300.0
KEYS = {WEB: "web", POSTGRES: "postgres", VALKEY: "valkey", BEHIND: "behind"}


@dataclass(frozen=True)
class Size:
    """How much is measured. A run of a person at a desk is smaller than the headline."""

    buyers: int = 18_000
    units: int = 15_000
    sockets: int = 1_000
    connections: int = 512  # people in a rush do not share one, and a batch is who is there
    alone: int = 200
    seconds: float = 5.0


async def all_at_once(size: Size, *, web: int, say: Say) -> Run:
    """Everybody clicks at the same moment. `seconds` is from the first click to the last durable answer.

    `paid_s` is from the first click until no order waits for its payment any more.
    """
    async with House(say=say, web=web, wares={"lipstick": size.units}, people=size.buyers) as house:
        ware = house.sale.wares["lipstick"]
        async with Crowd(
            port=house.port,
            path=house.path,
            count=size.buyers,
            tickets=house.sale.tickets,
            retry=True,
        ) as crowd:
            opened = await crowd.open(progress=say)
            for why, count in opened.figures.failures.items():
                say(f"{count:,} did not get in: {why}")
            await crowd.load(people.buy_frames(ware, size.buyers, seed=1))
            await asyncio.sleep(3)  # what came with the coming in is over
            crowd.reset()
            idle = await crowd.stats()
            before, began = Meter.read(house.demo.pids()), time.monotonic()
            seen = await crowd.go("burst", within=180)
            cpu = _cpu(before, house, seen.ok)
            say(f"{seen.ok:,} sold, {seen.errors:,} refused in {seen.seconds:.2f} s")
            heard = (seen.frames - idle.frames - seen.ok - seen.errors) / max(1, size.buyers)
            say(f"{heard:.1f} frames of the room and about themselves for each of them")
            shop = books.books_of(house.demo)
            drained = await asyncio.to_thread(shop.drain, DRAIN_WITHIN)
            paid = time.monotonic() - began
            after = await crowd.stats()
        wrong = await asyncio.to_thread(books.invariants, house.demo)
        for line in wrong:
            say(line)
        sold = await asyncio.to_thread(shop.units_sold, ware.variant)
        return {
            **_answers(seen, idle, opened.ready),
            **cpu,
            "outside": opened.failed,
            "sold": sold,
            "oversold": max(0, sold - size.units),
            "unsold": max(0, min(size.units, size.buyers) - sold),
            "refused": seen.codes.get("sold_out", 0),
            "other": seen.errors - seen.codes.get("sold_out", 0),
            "seconds": seen.seconds,
            "paid_s": paid if drained else None,
            "not_paid": 0 if drained else shop.pending(),
            "wrong": len(wrong),
            "cut": after.cut,
            "room_lost": after.lost + after.doubled,
        }


async def in_a_row(size: Size, *, web: int, say: Say) -> Run:
    """1,000 sockets, each buys again as soon as it is answered, for `seconds`."""
    wares = {"endless-lipstick": ENDLESS}
    async with House(say=say, web=web, wares=wares, people=size.sockets, env=LIFTED) as house:
        ware = house.sale.wares["endless-lipstick"]
        async with Crowd(
            port=house.port, path=house.path, count=size.sockets, tickets=house.sale.tickets
        ) as crowd:
            await crowd.open()
            await crowd.load(people.buy_frames(ware, size.sockets, seed=2))
            await crowd.go("burst", 500)  # plans, caches and connections, before it counts
            count = max(size.sockets, int(MOST_A_SECOND * size.seconds))
            await crowd.load(await asyncio.to_thread(people.buy_frames, ware, count, seed=3))
            crowd.reset()
            idle = await crowd.stats()
            shop = books.books_of(house.demo)
            before = Meter.read(house.demo.pids())
            with Watch(shop.url) as watch:
                crowd.begin("loop")
                await asyncio.sleep(size.seconds)
                crowd.halt()
                seen = await crowd.finished(60)
            cpu = _cpu(before, house, seen.ok)
        say(f"{seen.ok:,} orders in {seen.seconds:.2f} s over {size.sockets:,} sockets")
        stalls = [watch.explain(each, seen.first_sent) for each in stalls_of(seen.pace)]
        for each in stalls:
            say(f"stood still for {each}")
        sold = await asyncio.to_thread(shop.units_sold, ware.variant)
        return {
            **_answers(seen, idle, seen.sent),
            **cpu,
            "sold": sold - size.sockets,
            "lost": seen.ok - (sold - size.sockets),
            "other": seen.errors,
            "seconds": seen.seconds,
            "stalls": len(stalls),
            "stalled_s": max((each.seconds for each in stalls), default=0.0),
            "stalled": "; ".join(map(str, stalls)),
            "pace": seen.pace,
        }


async def over_http(size: Size, *, web: int, say: Say) -> Run:
    """`POST /api/v1/orders` over keep-alive connections, every request another person's until all had their turn."""
    wares, persons = {"endless-lipstick": ENDLESS}, max(size.connections, size.buyers // 4)
    async with House(say=say, web=web, wares=wares, people=persons) as house:
        sale, ware = house.sale, house.sale.wares["endless-lipstick"]
        warm = max(size.connections, 200)
        count = warm + int(MOST_A_SECOND * size.seconds)
        body = (
            f'{{"lines":[{{"variant":{ware.variant},"quantity":1,"seen_price":{ware.price}}}],'
            f'"channel":"{sale.slug}"}}'
        ).encode()
        host = f"127.0.0.1:{house.port}"
        requests = [
            posts.request(
                host,
                "/api/v1/orders",
                body,
                {"Authorization": f"Bearer ticket.{ticket}", "Idempotency-Key": key},
            )
            for ticket, key in zip(
                itertools.cycle(sale.tickets), people.keys(4, count), strict=False
            )
        ]
        await posts.post(requests[:warm], port=house.port, connections=size.connections, seconds=10)
        before = Meter.read(house.demo.pids())
        answers = await posts.post(
            requests[warm:], port=house.port, connections=size.connections, seconds=size.seconds
        )
        placed = answers.status(201)
        cpu = _cpu(before, house, placed)
        shop = books.books_of(house.demo)
        sold = await asyncio.to_thread(shop.units_sold, ware.variant)
        say(f"{placed:,} orders in {answers.seconds:.2f} s over HTTP")
        return {
            "orders_s": placed / answers.seconds if answers.seconds else 0.0,
            "p50": answers.p50,
            "p99": answers.p99,
            "p999": answers.p999,
            "max": answers.longest,
            **cpu,
            "sold": sold - warm,
            "lost": answers.lost + max(0, placed - (sold - warm)),
            "other": answers.answered - placed,
            "seconds": answers.seconds,
            "generator": answers.cpu_seconds / answers.seconds if answers.seconds else 0.0,
        }


async def alone(size: Size, *, web: int, say: Say) -> Run:
    """One buyer in an empty shop, one click after the other with pauses: how long until `pending`."""
    wares = {"quiet-lipstick": ENDLESS}
    async with House(say=say, web=web, wares=wares, people=1, env=LIFTED) as house:
        ware = house.sale.wares["quiet-lipstick"]
        async with Crowd(
            port=house.port, path=house.path, count=1, tickets=house.sale.tickets
        ) as crowd:
            await crowd.open()
            await crowd.load(people.buy_frames(ware, 20, seed=5))
            await crowd.go("rate", 20)
            await crowd.load(people.buy_frames(ware, size.alone, seed=6))
            crowd.reset()
            idle = await crowd.stats()
            before = Meter.read(house.demo.pids())
            seen = await crowd.go("rate", 20, within=size.alone / 20 + 60)
            cpu = _cpu(before, house, seen.ok)
        say(f"one buyer: {seen.reply.ms(0.5):.1f} ms to `pending` (p50)")
        found = {**_answers(seen, idle, size.alone), **cpu}
        found["orders_s"] = None  # one that pauses; a rate would say nothing
        return {**found, "sold": seen.ok, "other": seen.errors, "seconds": seen.seconds}


def _answers(seen: Figures, idle: Figures, asked: int) -> dict[str, Value]:
    """What a crowd says about its answers; `lost` are clicks without any. `idle` is how it was before."""
    used = (seen.cpu_ns - idle.cpu_ns) / 1e9
    found: dict[str, Value] = {
        "orders_s": seen.ok / seen.seconds if seen.seconds else 0.0,
        "p50": seen.reply.ms(0.5),
        "p99": seen.reply.ms(0.99),
        "p999": seen.reply.ms(0.999),
        "max": seen.reply.ms(1),
        "lost": asked - seen.ok - seen.errors,
        "generator": used / seen.seconds if seen.seconds else 0.0,
    }
    return found


def _cpu(before: Meter, house: House, orders: int) -> dict[str, Value]:
    """CPU of the stack since `before`: of all of it, and of its parts, microseconds an order."""
    parts = before.per_order(Meter.read(house.demo.pids()), orders)
    found: dict[str, Value] = {KEYS[name]: used for name, used in parts.items()}
    return {"cpu": sum(parts.values()), **found}
