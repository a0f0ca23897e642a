"""Real web processes and a relay, seen through one scrape."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from subprocess import Popen
from typing import Any, ClassVar

import aiohttp
import pytest
import pytest_asyncio
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from livestore.base.publishing import LIVES
from livestore.base.threads import in_database
from tests.streams.room.conftest import Stage
from tests.streams.room.server import WebProcess, listening, relay_process
from tests.streams.room.visitor import SocketLine, Visitor

WATCHERS, SAID = 6, 5


class Scrape:
    """One answer of /metrics, read by Prometheus' own parser; of our own processes, others may run beside them."""

    ours: ClassVar[set[str]] = set()

    def __init__(self, text: str) -> None:
        self.families = list(text_string_to_metric_families(text))
        self.samples: list[Sample] = [
            each
            for one in self.families
            for each in one.samples
            if each.labels["process"].rpartition(":")[2] in self.ours
        ]

    @property
    def processes(self) -> set[str]:
        return {each.labels["process"] for each in self.samples}

    def roles(self) -> list[str]:
        return sorted(name.split(":")[0] for name in self.processes)

    def sum(self, name: str, **labels: str) -> float:
        return sum(
            each.value
            for each in self.samples
            if each.name == name and labels.items() <= each.labels.items()
        )


@pytest.fixture
def house(stage: Stage, tmp_path: Path) -> Iterator[tuple[list[WebProcess], Popen[bytes]]]:
    """Two web processes on one socket, and a relay."""
    with (tmp_path / "house.log").open("w+") as log, listening() as opened:
        webs = [WebProcess(opened, log) for _ in range(2)]
        relay = relay_process(log)
        try:
            for web in webs:
                web.wait_ready()
            Scrape.ours = {str(each.pid) for each in (relay, *(web.process for web in webs))}
            yield webs, relay
        finally:
            for web in webs:
                web.kill()
            relay.kill()
            relay.wait()


@pytest_asyncio.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True)) as session:
        yield session


async def scrape(http: aiohttp.ClientSession, web: WebProcess) -> Scrape:
    async with http.get(f"{web.origin}/metrics") as answer:
        assert answer.status == 200
        assert answer.headers["Content-Type"].startswith("text/plain")
        return Scrape(await answer.text())


async def seen(http: aiohttp.ClientSession, web: WebProcess, true: Any) -> Scrape:
    """The first scrape of which it is true."""
    end = time.monotonic() + 40
    while True:
        found = await scrape(http, web)
        if true(found):
            return found
        assert time.monotonic() < end, found.processes
        await asyncio.sleep(0.2)


async def come_in(
    http: aiohttp.ClientSession, web: WebProcess, stage: Stage, *more: str
) -> Visitor:
    address = f"{web.origin}/ws/shows/{stage.slug}/"
    opened = await http.ws_connect(address, protocols=["livestore.v1", *more])
    visitor = Visitor(SocketLine(opened))
    await visitor.frame()
    return visitor


async def test_one_scrape_tells_of_all_processes_and_agrees_with_what_happened(
    house: tuple[list[WebProcess], Popen[bytes]], stage: Stage, http: aiohttp.ClientSession
) -> None:
    webs, _ = house
    before = await seen(http, webs[0], lambda found: found.roles() == ["relay", "web", "web"])
    assert before.sum("livestore_sockets") == 0
    visitors = [await come_in(http, webs[0], stage) for _ in range(WATCHERS)]
    ticket = await in_database(stage.ticket, stage.mina)
    mina = await come_in(http, webs[0], stage, f"ticket.{ticket}")
    for number in range(SAID):
        assert (await mina.command("chat.send", text=f"Number {number}"))["ok"]
    assert not (await mina.command("chat.send", text=""))["ok"]
    for visitor in [*visitors, mina]:
        while [each["type"] for each in visitor.events].count("chat.message") < SAID:
            await visitor.frame()

    def settled(found: Scrape) -> bool:
        """Each process tells its own every two seconds."""
        return (
            found.sum("livestore_commands_total", type="chat.send") == SAID + 1
            and found.sum("livestore_sockets") == WATCHERS + 1
            and found.sum("livestore_deliveries_total", kind="room") >= SAID * (WATCHERS + 1)
            and found.sum("livestore_http_requests_total", route="metrics", status="200") >= 2
        )

    found = await seen(http, webs[0], settled)
    assert found.sum("livestore_commands_total", outcome="ok") == SAID
    assert found.sum("livestore_commands_total", outcome="invalid") == 1
    assert found.sum("livestore_sockets", who="guest", way="fast") == WATCHERS
    assert found.sum("livestore_sockets", who="known", way="fast") == 1
    assert found.sum("livestore_room_sockets", room=stage.slug) == WATCHERS + 1
    assert found.sum("livestore_written_bytes_total") > 0
    assert found.sum("process_open_fds") > WATCHERS
    assert found.sum("livestore_lap_seconds_count") > 0

    gone = next(name for name in found.processes if name.endswith(f":{webs[1].process.pid}"))
    webs[1].kill()
    began = time.monotonic()
    left = await seen(http, webs[0], lambda found: gone not in found.processes)
    assert left.roles() == ["relay", "web"]
    assert time.monotonic() - began < LIVES + 5


async def test_a_process_that_ends_in_order_is_gone_at_once(
    house: tuple[list[WebProcess], Popen[bytes]], http: aiohttp.ClientSession
) -> None:
    webs, relay = house
    await seen(http, webs[0], lambda found: found.roles() == ["relay", "web", "web"])
    relay.terminate()
    await asyncio.to_thread(relay.wait, 20)
    await asyncio.to_thread(webs[1].terminate)
    assert (await scrape(http, webs[0])).roles() == ["web"]
