"""kill -9 of every process at seeded random moments of a mock show: it comes back by itself."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator

import pytest

from livestore.stack.launch import Demo
from rehearsal.doors import Room, http_session
from tests.e2e.rooms import holes, run, tickets

SEED = 20261120
VICTIMS = ["web-1", "relay", "worker", "valkey", "web-2", "postgres"]


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A demo with a mock show of eighty people: together they say something every second or two.

    (Forty leave ten seconds of silence now and then, also when nothing is killed, and each kill waits for two events.)
    """
    folder = tmp_path_factory.mktemp("busy") / "data"
    with Demo(data=folder, viewers=80, show=True, web=2) as running:
        yield running


def test_every_process_can_be_killed_during_a_show(busy: Demo) -> None:
    viewers = run(_watch_while_killing(busy))
    for viewer in viewers:
        assert holes(viewer.received) == []
        assert len(viewer.received) > 20, "a viewer who heard nothing proves nothing"
        assert viewer.opened > 1, "the viewer's own web process was killed as well"
    report = busy.manage("check_invariants", check=False)
    assert report.returncode == 0, report.stdout + report.stderr


async def _watch_while_killing(busy: Demo) -> list[Room]:
    dice = random.Random(SEED)
    tokens = await asyncio.to_thread(tickets, busy, "evening-edit", 2)
    async with http_session() as http:
        viewers = [Room(http, busy.origin, "evening-edit", token) for token in tokens]
        staying = [asyncio.create_task(viewer.stay()) for viewer in viewers]
        await asyncio.wait_for(asyncio.gather(*(each.ready.wait() for each in viewers)), 30)
        for victim in VICTIMS:
            await asyncio.sleep(dice.uniform(0.5, 3.0))
            await asyncio.to_thread(busy.kill_and_wait_back, victim, 45.0)
            await asyncio.wait_for(asyncio.gather(*(each.ready.wait() for each in viewers)), 45)
            for viewer in viewers:
                await _hears_something_new(viewer)
        for viewer in viewers:
            await viewer.leave()
        for task in staying:
            task.cancel()
        await asyncio.gather(*staying, return_exceptions=True)
    return viewers


async def _hears_something_new(viewer: Room) -> None:
    """The show goes on for this viewer: another log event arrives."""
    before = len(viewer.received)
    async with asyncio.timeout(60):
        while len(viewer.received) < before + 2:
            await asyncio.sleep(0.05)
