"""kill -9 of PostgreSQL, Valkey and the web while people buy: what was acknowledged is there, once."""

from __future__ import annotations

import asyncio
import random
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from livestore.stack.launch import Demo
from rehearsal.doors import Api, Refused, Room, http_session
from tests.e2e.conftest import put_on_the_shelf
from tests.e2e.rooms import host_api, live_show, run, tickets

SEED = 20261121
VICTIMS = ["postgres", "web-1", "valkey", "web-2", "worker", "postgres", "relay", "beat", "valkey"]
BUYERS, STOCK = 24, 20_000
TROUBLE = (aiohttp.ClientError, OSError, TimeoutError)


@pytest.fixture(scope="module")
def sturdy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A demo of this module's own: its processes are killed all the time."""
    with Demo(data=tmp_path_factory.mktemp("sturdy") / "data", show=False, web=2) as running:
        yield running


@dataclass
class Buyer:
    """Somebody who buys one piece after the other and asks again, with the same key, until it is answered."""

    room: Room
    api: Api
    by_socket: bool
    line: dict[str, int]
    dice: random.Random
    acknowledged: dict[str, str] = field(default_factory=dict)
    troubles: int = 0

    async def buy_until(self, over: asyncio.Event) -> None:
        while not over.is_set():
            key = str(uuid.UUID(int=self.dice.getrandbits(128), version=4))
            self.acknowledged[key] = await self.order(key, by_socket=self.by_socket)
            await asyncio.sleep(self.dice.uniform(0.0, 0.3))

    async def ask_again(self) -> None:
        for key, order in self.acknowledged.items():
            assert await self.order(key, by_socket=not self.by_socket) == order

    async def order(self, key: str, *, by_socket: bool) -> str:
        """The public id of the order that stands for this key."""
        async with asyncio.timeout(120):
            while True:
                try:
                    if by_socket:
                        return str(
                            (await self.room.command("buy", self.line | {"key": key}))["order"]
                        )
                    body = {"lines": [self.line], "channel": self.room.slug}
                    return str((await self.api.call("POST", "/orders", body, key=key))["order"])
                except Refused as refused:
                    if not refused.retry:
                        raise
                except TROUBLE:
                    pass
                self.troubles += 1
                await asyncio.sleep(self.dice.uniform(0.1, 0.4))


def test_every_acknowledged_order_survives_and_stands_once(sturdy: Demo, tmp_path: Path) -> None:
    product = put_on_the_shelf(sturdy, tmp_path, "sturdy-mug", stock=STOCK)
    buyers, stored, left = run(_buy_while_killing(sturdy, product))
    for buyer, orders in zip(buyers, stored, strict=True):
        assert len(buyer.acknowledged) > 3, "who bought nothing proves nothing"
        assert sorted(orders) == sorted(buyer.acknowledged.values()), "lost, doubled or unasked for"
    assert sum(buyer.troubles for buyer in buyers) > len(VICTIMS), "the kills were felt"
    placed = sum(len(buyer.acknowledged) for buyer in buyers)
    assert left == STOCK - placed
    _invariants_hold(sturdy)


def _invariants_hold(demo: Demo, within: float = 20.0) -> None:
    """The relay may still be carrying what was written while it was away."""
    end = time.monotonic() + within
    while (report := demo.manage("check_invariants", check=False)).returncode != 0:
        assert time.monotonic() < end, report.stdout + report.stderr
        time.sleep(0.5)


async def _buy_while_killing(
    demo: Demo, product: dict[str, Any]
) -> tuple[list[Buyer], list[list[str]], int]:
    """(buyers, the orders the shop has of each, units left), after every key was asked for once more."""
    dice = random.Random(SEED)
    [variant] = product["variants"]
    line = {"variant": variant["id"], "quantity": 1, "seen_price": variant["price"]["minor"]}
    async with host_api(demo) as host, http_session() as http:
        slug = await live_show(host, product["id"])
        buyers = [
            Buyer(
                Room(http, demo.origin, slug, token),
                Api(http, demo.origin, f"ticket.{token}"),
                number % 2 == 0,
                line,
                random.Random(dice.getrandbits(32)),
            )
            for number, token in enumerate(await asyncio.to_thread(tickets, demo, slug, BUYERS))
        ]
        staying = [asyncio.create_task(buyer.room.stay()) for buyer in buyers]
        await asyncio.wait_for(asyncio.gather(*(each.room.ready.wait() for each in buyers)), 60)
        over = asyncio.Event()
        buying = [asyncio.create_task(buyer.buy_until(over)) for buyer in buyers]
        for victim in VICTIMS:
            await asyncio.sleep(dice.uniform(0.3, 2.0))
            await asyncio.to_thread(demo.kill_and_wait_back, victim, 45.0)
        over.set()
        await asyncio.gather(*buying)

        # Once more with the same keys, through the other door: the same orders.
        await asyncio.gather(*(buyer.ask_again() for buyer in buyers))
        stored = await _paid_orders(buyers)
        shelf = await host.call("GET", f"/products/{product['handle']}")
        for buyer in buyers:
            await buyer.room.leave()
        for task in staying:
            task.cancel()
        await asyncio.gather(*staying, return_exceptions=True)
    return buyers, list(stored), int(shelf["variants"][0]["left"])


async def _paid_orders(buyers: list[Buyer]) -> list[list[str]]:
    """The orders of each, once all are paid: worker, beat and relay have come back to work as well."""
    async with asyncio.timeout(90):
        while True:
            stored = await asyncio.gather(*(_orders_of(buyer) for buyer in buyers))
            if all(status == "paid" for orders in stored for status in orders.values()):
                return [list(orders) for orders in stored]
            await asyncio.sleep(1)


async def _orders_of(buyer: Buyer) -> dict[str, str]:
    """Public id -> status of everything that this buyer has ordered."""
    found: dict[str, str] = {}
    while True:
        page = await buyer.api.call("GET", f"/orders?limit=100&offset={len(found)}")
        found |= {order["order"]: order["status"] for order in page["items"]}
        if not page["items"] or len(found) >= page["count"]:
            return found
