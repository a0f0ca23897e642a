"""Sending everybody away: all of them, in steps, and not back in the same moment."""

from __future__ import annotations

import asyncio
import json

import pytest

from streams.room.hub import Hub
from streams.room.protocol import CloseCode
from streams.room.rooms import Rooms, restarting
from tests.streams.room.clockwork import Ear, listener


def full(house: Rooms, size: int) -> list[Ear]:
    """A room with this many sockets, which nobody has opened."""
    hub = house.hubs["evening-edit"] = Hub("evening-edit", house.mine)
    ears = []
    for number in range(size):
        ear = Ear()
        connection = listener(ear)
        connection.member = f"g{number}"
        hub.attach(connection)
        ears.append(ear)
    return ears


@pytest.mark.parametrize("size", [0, 1, 3_000])
async def test_everybody_is_sent_away_with_a_delay_of_their_own(size: int) -> None:
    house = Rooms()
    ears = full(house, size)
    await house.drain(seconds=0.1)
    assert not house.hubs["evening-edit"].connections
    closings = [ear.closing for ear in ears]
    assert all(each is not None and each.code is CloseCode.RESTARTING for each in closings)
    delays = {each.retry_after_ms for each in closings if each is not None}
    assert len(delays) >= size / 3


async def test_others_have_their_turn_while_thousands_are_sent_away() -> None:
    house = Rooms()
    full(house, 3_000)
    turns = 0

    async def other() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    task = asyncio.create_task(other())
    await house.drain(seconds=0.0)
    task.cancel()
    assert turns >= 40


def test_ten_thousand_are_back_within_five_seconds_and_few_within_two() -> None:
    def latest(sockets: int) -> int:
        delays = [restarting(sockets).retry_after_ms or 0 for _ in range(4_000)]
        assert min(delays) >= 100
        thirds = [
            sum(low <= delay / max(delays) < low + 1 / 3 for delay in delays)
            for low in (0.0, 1 / 3)
        ]
        assert all(count > 1_000 for count in thirds), "spread evenly"
        return max(delays)

    assert latest(0) <= 2_000
    assert latest(1_000) <= 2_000
    assert 3_000 < latest(10_000) <= 4_000, "and a second for sending them away"
    assert latest(19_000) > 6_000


def test_the_delay_is_told_in_the_reason() -> None:
    reason = json.loads(restarting(19_000).reason)
    assert reason["code"] == "restarting"
    assert 100 <= reason["retry_after_ms"] <= 6_650
