"""The relay's lanes: what a room waits for does not wait for what a rush of orders leaves behind."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import orjson
import pytest
from django.db import transaction

from livestore import lanes
from livestore.base.outbox import Fact, OutboxRow, record
from livestore.base.threads import in_database
from livestore.lanes import LONGEST_PATIENCE, PEOPLE, ROOM, RULES, Lane, LaneRule
from livestore.relay import Relay
from shop.checkout.pulse import RUSH
from shop.facts import PERSONAL
from streams.room import announce, log
from tests.streams.room.conftest import Stage

pytestmark = pytest.mark.usefixtures("house")
TOGETHER = (LaneRule("all"),)
"""The control: one lane for everything."""


def write(*facts: Fact) -> None:
    with transaction.atomic():
        record(facts)


def unpinned(stage: Stage, number: int) -> Fact:
    told = {"type": "item.unpinned", "data": {"number": number}, "rev": number}
    return Fact("streams.event", told, channel=stage.slug)


def orders(count: int) -> Fact:
    """A fact about orders that nobody has: it weighs as much as one about real ones."""
    rows = [{"order": f"ord_{place}", "user": 1, "rev": 2} for place in range(count)]
    return Fact("shop.orders_updated", {"orders": rows})


async def heard(stage: Stage) -> list[int]:
    part = await log.read(stage.slug, 1, 100)
    return [orjson.loads(text)["data"]["number"] for text in part.texts]


@asynccontextmanager
async def held_up(stage: Stage, rules: Sequence[LaneRule], patch: Any) -> AsyncIterator[None]:
    """A relay that has begun to tell somebody of the own cart and does not come to its end."""
    began, go_on = asyncio.Event(), asyncio.Event()
    publish_direct = announce.publish_direct

    async def slow(items: Sequence[Any]) -> None:
        if items:
            began.set()
            await go_on.wait()
        await publish_direct(items)

    patch.setattr(announce, "publish_direct", slow)
    relay = Relay(rules)
    task = asyncio.create_task(relay.run())
    try:
        await in_database(write, Fact("shop.cart_updated", person=stage.mina.pk))
        await asyncio.wait_for(began.wait(), 15)
        yield
    finally:
        go_on.set()
        relay.stop()
        await asyncio.wait_for(task, 15)


async def told_within(stage: Stage, seconds: float) -> bool:
    try:
        async with asyncio.timeout(seconds):
            while await heard(stage) != [7]:
                await asyncio.sleep(0.02)
    except TimeoutError:
        return False
    return True


async def test_a_room_does_not_wait_for_what_single_people_are_told(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with held_up(stage, RULES, monkeypatch):
        await in_database(write, unpinned(stage, 7))
        assert await told_within(stage, 15)


async def test_in_one_lane_with_them_it_would_wait(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: the same, with one lane for all facts."""
    async with held_up(stage, TOGETHER, monkeypatch):
        await in_database(write, unpinned(stage, 7))
        assert not await told_within(stage, 1)


@pytest.fixture
async def people() -> AsyncIterator[Lane]:
    lane = Lane(PEOPLE)
    yield lane
    await lane.do(lane.give_up)
    await lane.close()


async def ids_of(lane: Lane) -> list[int]:
    """Read a batch, then let go of it as if it had been told."""
    facts = await lane.do(lane.read)
    ids = [fact.id for fact in facts]
    if ids:
        await lane.do(lambda: lane.finish(ids))
    return ids


async def test_each_fact_is_in_exactly_one_lane(stage: Stage, people: Lane) -> None:
    await in_database(write, unpinned(stage, 1), *(Fact(kind) for kind in PERSONAL[2:3]), orders(2))
    room = Lane(ROOM)
    try:
        rows = await in_database(lambda: list(OutboxRow.objects.order_by("id").values_list("id")))
        mine, theirs = await ids_of(people), await ids_of(room)
    finally:
        await room.close()
    assert sorted(mine + theirs) == [pk for (pk,) in rows]
    assert len(theirs) == 1


async def test_a_batch_ends_before_it_tells_too_many_things(stage: Stage, people: Lane) -> None:
    await in_database(write, *(orders(200) for _ in range(5)), orders(900), orders(1))
    sizes = []
    while taken := await ids_of(people):
        sizes.append(len(taken))
        assert people.more or not await in_database(OutboxRow.objects.exists)
    assert sizes == [2, 2, 1, 1, 1], "at most 500 orders, or one row alone"
    assert not people.more


async def test_a_lane_that_was_quiet_is_prompt_and_a_busy_one_keeps_its_pace() -> None:
    lane = Lane(LaneRule("slow", most=5, heavy=5, pace=30.0, burst=3))
    assert [lane.pause() for _ in range(3)] == [0.0, 0.0, 0.0]
    assert 25 < lane.pause() <= 30
    lane.more = True
    assert lane.pause() == 0.0, "what waits already is not held back"
    await lane.close()


def stock() -> Fact:
    told: dict[str, Any] = {"variant": 1, "left": 3, "rev": 1, "deals": {}}
    return Fact("shop.stock_changed", told)


@pytest.fixture
async def busy() -> AsyncIterator[Lane]:
    """The rooms' lane after more turns about stock than it may take at once: the next one is far away."""
    lane = Lane(replace(ROOM, pace=60.0, burst=0))
    await in_database(write, stock())
    assert len(await ids_of(lane)) == 1
    assert lane.pause() == 0.0, "it listens instead of sleeping"
    assert lane.paced
    yield lane
    await lane.do(lane.give_up)
    await lane.close()


async def kinds_of(lane: Lane) -> list[str]:
    facts = await lane.do(lane.read)
    if facts:
        await lane.do(lambda: lane.finish([fact.id for fact in facts]))
    return [fact.kind for fact in facts]


async def test_a_pin_does_not_wait_for_the_turn_of_the_stock(stage: Stage, busy: Lane) -> None:
    await in_database(write, stock(), unpinned(stage, 7), stock(), unpinned(stage, 8))
    assert await kinds_of(busy) == ["streams.event", "streams.event"]
    assert busy.pause() == 0.0
    assert await kinds_of(busy) == [], "the stock still waits"
    busy._due = 0.0
    assert await kinds_of(busy) == ["shop.stock_changed", "shop.stock_changed"]


async def test_when_its_turn_is_due_stock_keeps_its_place_among_the_others(
    stage: Stage, busy: Lane
) -> None:
    await in_database(write, stock(), unpinned(stage, 7), stock())
    busy._due = 0.0
    assert await kinds_of(busy) == ["shop.stock_changed", "streams.event", "shop.stock_changed"]


async def test_in_a_lane_where_nothing_is_patient_a_pin_waits_for_the_pace(stage: Stage) -> None:
    """The control: the same lane without an exception for anybody."""
    lane = Lane(replace(ROOM, patient=(), pace=60.0, burst=0))
    await in_database(write, stock())
    assert len(await ids_of(lane)) == 1
    assert lane.pause() > 50
    await lane.close()


async def test_a_lane_gets_up_for_its_own_facts_only() -> None:
    room, people = Lane(ROOM), Lane(PEOPLE)
    assert room.wakes("shop.stock_changed")
    assert room.wakes("shop.cart_updated,streams.event")
    assert not room.wakes("shop.cart_updated")
    assert people.wakes("shop.cart_updated")
    assert not people.wakes("streams.event")
    assert room.wakes(""), "whoever does not say what it is about wakes all"
    assert people.wakes("")
    room._due = float("inf")
    assert room.wakes("shop.stock_changed,streams.item_pinned")
    assert not room.wakes("shop.stock_changed")
    await room.close()
    await people.close()


async def test_a_commit_wakes_a_lane_that_keeps_its_pace_for_a_pin_and_not_for_stock(
    stage: Stage, busy: Lane, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lanes, "POLL", 60.0)
    await busy.do(busy.wait)  # begins to listen
    waiting = asyncio.ensure_future(busy.do(busy.wait))
    await in_database(write, stock())
    done, _ = await asyncio.wait([waiting], timeout=0.3)
    assert not done
    await in_database(write, unpinned(stage, 7))
    await asyncio.wait_for(waiting, 15)
    assert await kinds_of(busy) == ["streams.event"]


async def test_people_are_told_slowly_while_buyers_rush_and_at_full_speed_after_it() -> None:
    lane = Lane(LaneRule("rush", most=5, heavy=5, pace=1.0, burst=2, rate=100))
    lane.more = True
    lane.pulse.rate = RUSH + 1.0
    assert lane.pause(200) == 0.0, "the first turns after a silence go at once"
    assert 1.5 < lane.pause(200) <= 2.0, "two seconds for 200 things, also while more wait"
    assert 3.5 < lane.pause(200) <= 4.0
    lane._oldest = LONGEST_PATIENCE
    assert lane.pause(200) == 0.0, "nobody waits for ever"
    lane._oldest, lane.pulse.rate = 0.0, 10.0
    assert lane.pause(200) == 0.0, "the rush is over"
    await lane.close()
