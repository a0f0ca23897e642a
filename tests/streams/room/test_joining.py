"""The first frame: made once for all who come in one moment, and continued by the laps without a gap or a double."""

from __future__ import annotations

import asyncio
import itertools
import random
from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest
import pytest_asyncio

from streams.room import joining, log, snapshot, telling, ticks
from streams.room.announcements import ToRoom
from streams.room.connection import Connection
from streams.room.encoding import text_of
from streams.room.hub import Hub
from streams.room.mine import Mine
from streams.room.protocol import CloseCode, Closing
from streams.room.protocol.events import ChatDeleted, ChatMessage, ItemUnpinned, StockChanged
from streams.room.protocol.values import PersonValue
from streams.room.resume import Position
from streams.room.rooms import rooms
from streams.room.snapshot import Facts, Snapshot
from tests.streams.room.clockwork import Ear, listener
from tests.streams.room.conftest import Stage
from tests.streams.room.visitor import is_gap_free

MINA = PersonValue(id=1, name="Mina")


@pytest_asyncio.fixture
async def hub(house: None, stage: Stage) -> AsyncIterator[Hub]:
    yield await rooms().enter(stage.slug)


def slow(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make what can wait for a tick wait until somebody flushes."""
    monkeypatch.setattr(ticks, "LONGEST", 3600.0)
    hub.laps.cost = 1e9


def join(hub: Hub, since: Position | None = None) -> Ear:
    """Come in without anything being read: the coroutine ends before it waits for the first time."""
    ear, connection = _newcomer(hub)
    with pytest.raises(StopIteration):
        hub.join(connection, since).send(None)
    return ear


def _newcomer(hub: Hub) -> tuple[Ear, Connection]:
    ear = Ear()
    connection = listener(ear)
    connection.member = f"g{len(hub.connections)}"
    return ear, connection


async def say(hub: Hub, *texts: str) -> None:
    """Written into the log, and heard by this hub before this returns."""
    events = [ToRoom(hub.slug, ChatMessage(user=MINA, text=text)) for text in texts]
    await log.append(hub.slug, events)
    await hub.catch_up()


async def flushed(hub: Hub) -> None:
    """Everything that waits is told, and the lap is over."""
    hub.ticks.flush()
    while hub.laps.running:
        await asyncio.sleep(0)


def told(ear: Ear) -> list[int]:
    return [
        -event["seq"] if event["type"] == "room.snapshot" else event["seq"]
        for frame in ear.frames
        for event in frame["events"]
        if "seq" in event
    ]


async def test_a_storm_of_guests_is_written_the_same_bytes_and_reads_nothing(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def build(slug: str) -> Any:
        pytest.fail("the snapshot is a moment old")

    monkeypatch.setattr(snapshot, "build", build)
    first = hub.joining.at_once(None)
    assert first is not None
    ears = [join(hub) for _ in range(300)]
    assert hub.joining.at_once(None) is first
    assert all(ear.heard == [first.payload] for ear in ears)
    assert told(ears[0]) == [0]


async def test_newcomers_while_chat_goes_on_have_no_gap_and_no_double(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So many are here that chat waits for the tick; what waits comes by the lap and not in the first frame."""
    slow(hub, monkeypatch)
    ears = [join(hub) for _ in range(300)]
    for number in range(12):
        await say(hub, f"line {number}")
        ears += [join(hub) for _ in range(3)]
        waited = hub.ticks.waiting
        ears.append(join(hub, Position(hub.epoch, number % 2)))
        assert hub.ticks.waiting == waited, "nobody hurries the chat by coming in"
    assert waited, "the last lines wait for the tick"
    await flushed(hub)
    for ear in ears:
        seqs = told(ear)
        assert abs(seqs[-1]) == 12
        assert is_gap_free([-seqs[0] + 1, *seqs] if seqs[0] > 0 else seqs)
        assert seqs == sorted(set(seqs))


async def test_who_knows_more_than_the_room_was_told_gets_nothing_twice(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow(hub, monkeypatch)
    for _ in range(300):
        join(hub)
    await say(hub, "one")
    await say(hub, "two")
    assert hub.ticks.waiting, "the second word waits"
    ear = join(hub, Position(hub.epoch, 2))
    assert told(ear) == []
    await say(hub, "three")
    await flushed(hub)
    assert told(ear) == [3]


async def test_those_who_come_back_to_the_same_place_share_a_replay(hub: Hub) -> None:
    await say(hub, "one", "two", "three")
    since = Position(hub.epoch, 1)
    shared = hub.joining.at_once(since)
    assert shared is not None
    assert hub.joining.at_once(since) is shared
    assert told(join(hub, since)) == [2, 3]
    assert told(join(hub, Position(hub.epoch, 0))) == [1, 2, 3]


async def test_a_newer_value_makes_a_new_first_frame(hub: Hub) -> None:
    old = hub.joining.at_once(None)
    event = StockChanged(variant=5, left=2)
    await log.append(hub.slug, [ToRoom(hub.slug, event, rev=1)])
    await hub.look()
    new = hub.joining.at_once(None)
    assert new is not None
    assert new is not old
    [value] = [
        each for each in orjson.loads(new.payload)["events"] if each["type"] == "stock.changed"
    ]
    assert value["data"]["left"] == 2


async def test_a_deleted_message_is_in_no_first_frame_any_more(hub: Hub) -> None:
    await say(hub, "something awful")
    for since in (None, Position(hub.epoch, 0)):
        frame = hub.joining.at_once(since)
        assert frame is not None
        assert b"awful" in frame.payload
    gone = text_of(ChatMessage(user=MINA, text="", deleted=True), at=1, seq=1)
    await log.replace(hub.slug, ChatDeleted(seq=1, by="host"), gone, 1)
    await hub.catch_up()
    assert hub.joining.at_once(None) is None, "the old snapshot is not used any more"
    for since in (None, Position(hub.epoch, 0)):
        assert b"awful" not in (await hub.joining.first(since)).payload


async def test_a_snapshot_serves_for_a_moment_only(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert hub.joining.at_once(None) is not None
    monkeypatch.setattr(joining.Joining._usable, "__defaults__", (-1.0,))
    assert hub.joining.at_once(None) is None
    ear, connection = _newcomer(hub)
    await hub.join(connection, None)
    assert told(ear) == [0], "one that was just made is used, however long making it took"


async def test_an_urgent_event_is_told_while_others_come_in(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow(hub, monkeypatch)
    ears = [join(hub) for _ in range(300)]
    await say(hub, "first word", "second word")
    await log.append(hub.slug, [ToRoom(hub.slug, ItemUnpinned(number=1))])
    await hub.catch_up()
    await asyncio.sleep(0)
    assert not hub.ticks.waiting, "and takes along what waited"
    ears.append(join(hub))
    assert all(abs(told(ear)[-1]) == 3 for ear in ears)


async def test_groups_are_dealt_out_in_turn(hub: Hub) -> None:
    for _ in range(16):
        join(hub)
    groups = sorted(each.group for each in hub.connections)
    assert [len(list(each)) for _, each in itertools.groupby(groups)] == [2] * 8


class Alone:
    """A hub that hears what the test says, and reads nothing: its snapshot is made by hand."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.hub = Hub("evening-edit", Mine())
        self.seq = 0
        self.hub._begin(log.View(log.Top("e", 0, 1, 0, False), (), {}, {}), self._snapshot())
        self.ears: list[tuple[Ear, Connection, int | None]] = []

    def _snapshot(self) -> Snapshot:
        event = {"type": "room.snapshot", "at": 1, "data": {}, "seq": self.seq}
        return Snapshot("e", self.seq, orjson.dumps(event), Facts())

    def hear(self, kind: str) -> None:
        self.seq += 1
        data: dict[str, Any] = {"seq": max(1, self.seq - 3)} if kind == "chat.deleted" else {}
        user = {"id": 1, "role": "viewer"}
        event = {"type": kind, "at": 1, "data": data | {"user": user, "text": ""}, "seq": self.seq}
        self.hub.hear(b"E e\nL %d %b" % (self.seq, orjson.dumps(event)))

    def come(self, since: int | None) -> None:
        if self.hub.joining.snapshot is None:
            self.hub.joining.snapshot = self._snapshot()
        ear, connection = _newcomer(self.hub)
        position = None if since is None else Position("e", since)
        with pytest.raises(StopIteration):
            self.hub.join(connection, position).send(None)
        self.ears.append((ear, connection, since))

    def is_complete(self, ear: Ear, connection: Connection, since: int | None) -> bool:
        """Everything after the beginning once and in order, to the end unless they left."""
        seqs = told(ear)
        start = -seqs[0] if since is None else since
        followed = seqs[1:] if since is None else seqs
        end = start + len(followed)
        ended = connection.closed or end == self.seq
        return start >= 0 and followed == list(range(start + 1, end + 1)) and ended

    async def live(self, steps: int) -> None:
        dice = self.dice
        for _ in range(steps):
            luck = dice.random()
            if luck < 0.3:
                self.hear("chat.message")
            elif luck < 0.36:
                self.hear(dice.choice(["item.pinned", "chat.deleted", "order.placed"]))
            elif luck < 0.6:
                self.come(None)
            elif luck < 0.75:
                self.come(dice.randint(max(0, self.seq - 6), self.seq))
            elif luck < 0.8 and self.ears:
                dice.choice(self.ears)[1].close(Closing(CloseCode.NOT_ALLOWED))
            elif luck < 0.82:
                self.hub.joining.snapshot = self._snapshot()
            else:
                await asyncio.sleep(dice.choice([0, 0, 0.001]))
        self.hub.ticks.flush()
        while self.hub.laps.running:
            await asyncio.sleep(0)


@pytest.mark.parametrize("seed", range(10))
async def test_by_chance_nobody_has_a_gap_or_a_double(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telling, "CHUNK", 7)
    monkeypatch.setattr(ticks, "SMALL", 3)
    alone = Alone(seed)
    await alone.live(500)
    assert len(alone.ears) > 100
    assert all(alone.is_complete(*each) for each in alone.ears)


async def test_with_what_waits_in_the_first_frame_it_would_be_told_twice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The control: newcomers who begin with all that this hub has heard."""
    monkeypatch.setattr(ticks, "SMALL", 3)
    monkeypatch.setattr(joining.Joining, "_told_after", lambda self, seq: self._hub.ring.after(seq))
    alone = Alone(seed=1)
    await alone.live(500)
    assert not all(alone.is_complete(*each) for each in alone.ears)
