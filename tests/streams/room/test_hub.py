"""The hub: gaps are repaired, newcomers miss nothing, a new epoch is told to everybody, values are not hurried."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from typing import Any

import orjson
import pytest

from livestore.base.threads import in_database
from streams.models import Show
from streams.room import archive, hosting, log, snapshot, valkey
from streams.room.announcements import ToRoom
from streams.room.hub import Hub
from streams.room.protocol.events import ChatMessage, StockChanged
from streams.room.protocol.values import PersonValue
from streams.room.resume import Ring
from streams.room.rooms import rooms
from tests.streams.room.conftest import Door, Stage
from tests.streams.room.visitor import Visitor, is_gap_free

MINA = PersonValue(id=1, name="Mina")


async def publish(stage: Stage, *texts: str) -> log.Top:
    return await log.append(
        stage.slug, [ToRoom(stage.slug, ChatMessage(user=MINA, text=text)) for text in texts]
    )


async def reach(visitor: Visitor, seq: int) -> None:
    """Read until this position was told."""
    await visitor.until(lambda event: abs(event.get("seq", 0)) >= seq)


def hub_of(stage: Stage) -> Hub:
    return rooms().hubs[stage.slug]


def drop(hub: Hub, which: Callable[[], bool]) -> list[bytes]:
    """Lose publications on their way, as a network does."""
    lost: list[bytes] = []
    hear = hub.hear

    def sometimes(message: bytes) -> None:
        if which():
            lost.append(message)
        else:
            hear(message)

    hub.hear = sometimes  # type: ignore[method-assign]
    return lost


async def chatter(stage: Stage, count: int) -> None:
    for number in range(count):
        await publish(stage, f"line {number}")


async def test_lost_publications_leave_no_gap_with_two_publishers(asgi: Door, stage: Stage) -> None:
    visitors = [await asgi.enter(stage) for _ in range(2)]
    dice = random.Random(7)
    lost = drop(hub_of(stage), lambda: dice.random() < 0.2)
    await asyncio.gather(chatter(stage, 100), chatter(stage, 100))
    assert len(lost) > 10
    await hub_of(stage).look()
    for visitor in visitors:
        await reach(visitor, 200)
        assert visitor.seqs == list(range(201))


async def test_without_repair_lost_publications_stay_lost(asgi: Door, stage: Stage) -> None:
    """The control: the same loss, and a hub that does not read the log."""
    visitor = await asgi.enter(stage)
    hub = hub_of(stage)
    hub.mend = lambda: None  # type: ignore[method-assign]
    dice = random.Random(7)
    assert not drop(hub, lambda: dice.random() < 0.2)
    await chatter(stage, 100)
    with pytest.raises(TimeoutError):
        await visitor.until(lambda event: event.get("seq") == 100, seconds=1)


async def test_a_lost_last_publication_is_found_by_the_look(asgi: Door, stage: Stage) -> None:
    visitor = await asgi.enter(stage)
    hub = hub_of(stage)
    drop(hub, lambda: True)
    await publish(stage, "the last word")
    await log.append(stage.slug, [ToRoom(stage.slug, StockChanged(variant=5, left=2), rev=1)])
    await hub.look()
    await reach(visitor, 1)
    assert (await visitor.until("stock.changed"))["data"]["left"] == 2


async def test_messages_of_another_epoch_are_never_mixed_in(asgi: Door, stage: Stage) -> None:
    visitor = await asgi.enter(stage, stage.mina)
    await publish(stage, "one", "two")
    await reach(visitor, 2)
    old = visitor.epoch
    await valkey.client().hset(log.key(stage.slug, "meta"), "run", "0" * 40)
    await publish(stage, "after the restart")
    told = len(visitor.events)
    await visitor.until("room.snapshot", after=told)
    assert visitor.epoch != old
    await visitor.until("me.snapshot", after=told)
    await publish(stage, "and on")
    await visitor.until(lambda event: event["data"].get("text") == "and on")
    assert is_gap_free(visitor.seqs)
    assert visitor.seqs.count(-1) == 1
    chats = visitor.told("room.snapshot")[-1]["data"]["chat"]
    assert [each["text"] for each in chats] == ["one", "two", "after the restart"]
    assert [each["seq"] < 0 for each in chats] == [True, True, False], "told from the archive"


async def test_a_flushed_valkey_gives_everybody_a_snapshot(asgi: Door, stage: Stage) -> None:
    visitors = [await asgi.enter(stage) for _ in range(3)]
    await publish(stage, "one")
    for visitor in visitors:
        await reach(visitor, 1)
    await valkey.client().flushdb()
    await hub_of(stage).look()
    for visitor in visitors:
        told = len(visitor.events)
        await visitor.until("room.snapshot", after=max(1, told - 1))
        assert visitor.seqs == [0, 1, 0]


async def test_who_comes_back_gets_what_was_missed_and_nothing_twice(
    asgi: Door, stage: Stage
) -> None:
    first = await asgi.enter(stage)
    await publish(stage, "one", "two", "three")
    await reach(first, 3)
    epoch = first.epoch
    for since, expected in ((0, [1, 2, 3]), (2, [3]), (3, [])):
        back = await asgi.enter(stage, since=f"{epoch}:{since}")
        assert back.seqs == expected
        assert back.epoch == epoch
        assert not back.told("room.snapshot")


async def test_what_this_process_forgot_is_read_from_the_log(asgi: Door, stage: Stage) -> None:
    first = await asgi.enter(stage)
    await publish(stage, *map(str, range(30)))
    await reach(first, 30)
    hub_of(stage).ring = Ring(30)
    back = await asgi.enter(stage, since=f"{first.epoch}:4")
    assert back.seqs == list(range(5, 31))


async def test_what_can_not_be_replayed_becomes_a_snapshot(asgi: Door, stage: Stage) -> None:
    first = await asgi.enter(stage)
    await publish(stage, *map(str, range(30)))
    await reach(first, 30)
    hub_of(stage).ring = Ring(30)
    await in_database(archive.archive_room, stage.slug, keep=10)
    trimmed = await asgi.enter(stage, since=f"{first.epoch}:4")
    other = await asgi.enter(stage, since="0123456789abcdef:4")
    ahead = await asgi.enter(stage, since=f"{first.epoch}:31")
    for visitor in (trimmed, other, ahead):
        assert visitor.seqs == [-30]
    kept = await asgi.enter(stage, since=f"{first.epoch}:20")
    assert kept.seqs == list(range(21, 31))


async def test_a_replay_that_is_too_long_becomes_a_snapshot(asgi: Door, stage: Stage) -> None:
    first = await asgi.enter(stage)
    for _ in range(10):
        await publish(stage, *["x" * 300] * 60)
    await reach(first, 600)
    back = await asgi.enter(stage, since=f"{first.epoch}:1")
    assert back.events[0]["type"] == "room.snapshot"
    assert is_gap_free(back.seqs)


async def test_a_process_that_is_behind_catches_up_for_who_comes_back(
    asgi: Door, stage: Stage
) -> None:
    first = await asgi.enter(stage)
    drop(hub_of(stage), lambda: True)
    await publish(stage, "one", "two")
    back = await asgi.enter(stage, since=f"{first.epoch}:2")
    assert back.seqs == []
    await reach(first, 2)


async def test_nobody_misses_anything_while_coming_in_during_a_rush(
    asgi: Door, stage: Stage
) -> None:
    await asgi.enter(stage)
    dice = random.Random(3)
    drop(hub_of(stage), lambda: dice.random() < 0.1)
    talking = asyncio.create_task(chatter(stage, 300))
    visitors = []
    for number in range(24):
        seq = rooms().hubs[stage.slug].ring.position
        since = f"{hub_of(stage).epoch}:{max(0, seq - number)}" if number % 2 else ""
        visitors.append(
            (await asgi.enter(stage, since=since), max(0, seq - number) if since else None)
        )
    await talking
    await hub_of(stage).look()
    for visitor, since in visitors:
        await reach(visitor, 300)
        if since is not None and visitor.seqs[0] > 0:
            assert visitor.seqs[0] == since + 1
            assert visitor.seqs == list(range(since + 1, 301))
        else:
            assert is_gap_free(visitor.seqs)
            assert visitor.seqs[-1] == 300 or visitor.seqs == [-300]


async def test_newcomers_of_one_moment_share_a_snapshot(
    asgi: Door, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    await asgi.enter(stage)
    built: list[str] = []
    build = snapshot.build

    async def counted(slug: str) -> Any:
        built.append(slug)
        return await build(slug)

    monkeypatch.setattr(snapshot, "build", counted)
    await publish(stage, "something new")
    visitors = await asyncio.gather(*(asgi.enter(stage) for _ in range(20)))
    assert len(built) <= 1
    assert all(is_gap_free(visitor.seqs) for visitor in visitors)
    assert all(sum(1 for seq in visitor.seqs if seq > 0) <= 1 for visitor in visitors)


async def test_values_are_told_four_times_a_second_but_nothing_left_at_once(
    asgi: Door, stage: Stage
) -> None:
    visitor = await asgi.enter(stage)
    began = asyncio.get_running_loop().time()
    for left in range(40, 0, -1):
        event = StockChanged(variant=1, left=left)
        await log.append(stage.slug, [ToRoom(stage.slug, event, rev=100 - left)])
    await visitor.until(lambda event: event["data"].get("left") == 1)
    took = asyncio.get_running_loop().time() - began
    assert len(visitor.told("stock.changed")) <= 2 + took / 0.25
    began = asyncio.get_running_loop().time()
    await log.append(stage.slug, [ToRoom(stage.slug, StockChanged(variant=1, left=0), rev=101)])
    await visitor.until(lambda event: event["data"].get("left") == 0)
    assert asyncio.get_running_loop().time() - began < 0.2


async def test_newcomers_get_the_newest_values_after_the_snapshot(asgi: Door, stage: Stage) -> None:
    first = await asgi.enter(stage)
    await log.append(stage.slug, [ToRoom(stage.slug, StockChanged(variant=1, left=3), rev=5)])
    await first.until("stock.changed")
    newcomer = await asgi.enter(stage)
    back = await asgi.enter(stage, since=f"{first.epoch}:0")
    for visitor in (newcomer, back):
        assert visitor.told("stock.changed")[0]["data"] == {
            "variant": 1,
            "left": 3,
            "deal_left": None,
        }


async def test_events_of_one_publication_travel_in_one_frame(asgi: Door, stage: Stage) -> None:
    visitor = await asgi.enter(stage)
    await publish(stage, "one", "two", "three")
    await reach(visitor, 3)
    assert [len(frame["events"]) for frame in visitor.frames if len(frame["events"]) == 3]


async def test_an_away_host_is_told_and_nothing_ends(asgi: Door, stage: Stage) -> None:
    await asgi.enter(stage)
    facts = hub_of(stage).facts
    hosting._told.clear()
    hosting.watch_host(stage.slug, facts, here=False, away=29)
    assert not hosting._tasks
    hosting.watch_host(stage.slug, facts, here=False, away=30)
    await asyncio.gather(*hosting._tasks)
    show = await in_database(Show.objects.get, slug=stage.slug)
    assert show.host_away_since is not None
    assert show.state == "live"
    hosting._told.clear()
    facts.away_since = 1
    hosting.watch_host(stage.slug, facts, here=True, away=0)
    await asyncio.gather(*hosting._tasks)
    assert (await in_database(Show.objects.get, slug=stage.slug)).host_away_since is None


async def test_the_hub_knows_the_state_of_the_show_from_the_log(asgi: Door, stage: Stage) -> None:
    await asgi.enter(stage)
    hub = hub_of(stage)
    assert hub.facts.numbers == frozenset({1, 2, 3})
    part = await log.append(stage.slug, [])
    show = {"state": "paused", "host": {"id": 5}, "host_away_since": 9}
    event = {"type": "show.changed", "at": 1, "data": {"show": show}, "seq": part.top + 1}
    text = orjson.dumps(event)
    hub.hear(b"E %b\nL %d %b" % (hub.epoch.encode(), part.top + 1, text))
    assert (hub.facts.state, hub.facts.host, hub.facts.away_since) == ("paused", 5, 9)
