"""A sampled chat as viewers see it: what they were told and what was left out is all there is, and I8 holds."""

from __future__ import annotations

import asyncio

import pytest

from streams.room import log, sampling, snapshot
from streams.room.announcements import ToRoom
from streams.room.connection import GROUPS
from streams.room.protocol.events import ChatMessage, ItemRequested, RoomCounts
from streams.room.protocol.values import PersonValue
from streams.room.rooms import rooms
from tests.streams.reducer import Reducer, comparable
from tests.streams.room.conftest import Door, Stage
from tests.streams.room.visitor import Visitor

SHOWN = 3


@pytest.fixture(autouse=True)
def a_huge_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rules of a huge and busy room, for two people who say ten things."""
    monkeypatch.setattr(sampling, "CROWD", 1)
    monkeypatch.setattr(sampling, "BUSY", 5)
    monkeypatch.setattr(sampling, "SHOWN", SHOWN)


async def publish(stage: Stage, count: int, user: int, text: str = "line") -> None:
    who = PersonValue(id=user, name="Somebody")
    events = [ToRoom(stage.slug, ChatMessage(user=who, text=f"{text} {n}")) for n in range(count)]
    asked = ToRoom(stage.slug, ItemRequested(number=2, total=0, user=who))
    await log.append(stage.slug, [*events, asked])


def reduced(visitor: Visitor) -> Reducer:
    reducer = Reducer()
    for frame in visitor.frames:
        if "ref" not in frame:
            reducer.take(frame)
    return reducer


async def test_a_room_without_its_left_out_chat_equals_a_fresh_snapshot(
    asgi: Door, stage: Stage
) -> None:
    guest, mina = await asgi.enter(stage), await asgi.enter(stage, stage.mina)
    host, omar = await asgi.enter(stage, stage.hana), await asgi.enter(stage, stage.omar)
    await publish(stage, 40, user=999)
    await publish(stage, 4, user=stage.mina.pk, text="mine")
    await publish(stage, 1, user=999, text="@Mina Sato, yes")
    published = 40 + 1 + 4 + 1 + 1 + 1
    for visitor in (guest, mina, host, omar):
        await visitor.until(
            lambda event: event["type"] == "item.requested" and event["data"]["total"] == 3
        )
    _, fresh = await snapshot.state(stage.slug)
    said = {each["seq"]: each for each in fresh["chat"]}
    for visitor in (guest, mina, host, omar):
        reducer = reduced(visitor)
        assert reducer.seq == published
        assert len(reducer.told) + reducer.left_out == published
        now = reducer.snapshot()
        assert all(said[each["seq"]] == each for each in now["chat"])
        for state in (now, fresh):
            state["counts"] = None  # told when they are told
        assert comparable(now | {"chat": []}) == comparable(fresh | {"chat": []})
    assert reduced(guest).left_out >= 40 - SHOWN
    assert reduced(host).left_out == reduced(omar).left_out == 0
    own = [each for each in mina.told("chat.message") if each["data"]["text"].startswith("mine")]
    assert len(own) == 4
    assert reduced(mina).left_out > 30


async def test_who_comes_back_resumes_from_through(asgi: Door, stage: Stage) -> None:
    guest = await asgi.enter(stage)
    await asgi.enter(stage)
    await publish(stage, 40, user=999)
    await guest.until("item.requested")
    position = reduced(guest).seq
    assert guest.frames[-1]["through"] == position == 41
    back = await asgi.enter(stage, since=f"{guest.epoch}:{position}")
    assert back.seqs == []
    await publish(stage, 1, user=999)
    await back.until("item.requested")
    # A reader that believes its last seq and not `through` would ask for what was left out on purpose.
    behind = await asgi.enter(stage, since=f"{guest.epoch}:{guest.seqs[-2]}")
    assert behind.seqs[0] == guest.seqs[-2] + 1


async def test_neighbours_see_different_halves(asgi: Door, stage: Stage) -> None:
    visitors = [await asgi.enter(stage) for _ in range(GROUPS)]
    await publish(stage, 100, user=999)
    await asyncio.gather(*(visitor.until("item.requested") for visitor in visitors))
    assert all(len(visitor.told("chat.message")) == SHOWN for visitor in visitors)
    assert len({tuple(visitor.seqs) for visitor in visitors}) == GROUPS


async def test_a_room_is_as_large_as_it_was_counted_in_all_processes(
    asgi: Door, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def nobody_is_counted() -> None:
        """Else this process would soon say that one guest is here."""

    monkeypatch.setattr(sampling, "CROWD", 5_000)
    guest = await asgi.enter(stage)
    hub = rooms().hubs[stage.slug]
    monkeypatch.setattr(hub, "_count", nobody_is_counted)
    await publish(stage, 40, user=999)
    await guest.until("item.requested")
    assert reduced(guest).left_out == 0
    counts = RoomCounts(people=4_900, simulated=200)
    await log.append(stage.slug, [ToRoom(stage.slug, counts)])
    await hub.look()
    assert hub.crowd == 5_100
    await publish(stage, 40, user=999)
    await guest.until(
        lambda event: event["type"] == "item.requested" and event["data"]["total"] == 2
    )
    assert reduced(guest).left_out > 0
