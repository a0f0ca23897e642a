"""When a room is told, rule by rule, with a clock that is turned by hand."""

from __future__ import annotations

import pytest

from streams.room.encoding import text_of
from streams.room.log import Latest
from streams.room.protocol import EVENTS, Lane
from streams.room.protocol.events import ChatMessage, ItemRequested, ItemUnpinned, OrderPlaced
from streams.room.protocol.values import PersonValue
from streams.room.sampling import CHAT as CHAT_BEGINS
from streams.room.telling import EXPECTED_COST, Laps
from streams.room.ticks import (
    BIG,
    HOLD_BACK,
    HOLD_BACK_BIG,
    LONGEST,
    PATIENT,
    SHARE,
    SLOW,
    SMALL,
    Ticks,
)
from tests.streams.room.clockwork import Clockwork, Ear, listener


def said(kind: str) -> bytes:
    return b'{"type":"%b","at":1,"data":{}}' % kind.encode()


CHAT, PIN = said("chat.message"), said("item.pinned")


class Told:
    """Ticks over a room of `size`, and what they told, with the time."""

    def __init__(self, size: int, cost: float = EXPECTED_COST) -> None:
        self.loop = Clockwork()
        self.began = self.loop.now
        laps = Laps(self.loop)
        laps.connections = dict.fromkeys(listener(Ear()) for _ in range(size))
        laps.cost = cost
        self.frames: list[tuple[float, list[bytes | int]]] = []
        self.ticks = Ticks(self.loop, self._tell, laps)
        self.seq = 0

    def _tell(self, lines: list[tuple[int, bytes]], values: list[bytes]) -> None:
        at = round(self.loop.now - self.began, 6)
        self.frames.append((at, [*(seq for seq, _ in lines), *values]))

    def hear(self, *texts: bytes) -> None:
        """A publication with these events."""
        for text in texts:
            self.seq += 1
            self.ticks.event(self.seq, text)
        self.ticks.plan()

    def value(self, name: str, text: bytes, *, urgent: bool = False) -> None:
        self.seq += 1
        self.ticks.value(name, Latest(self.seq, urgent, text))
        self.ticks.plan()

    @property
    def contents(self) -> list[list[bytes | int]]:
        return [content for _, content in self.frames]

    @property
    def times(self) -> list[float]:
        return [at for at, _ in self.frames]


def test_a_small_room_is_told_in_the_same_turn_of_the_loop() -> None:
    room = Told(SMALL - 1)
    for _ in range(3):
        room.hear(CHAT)
        room.hear(CHAT)
        room.loop.turn()
    assert room.frames == [(0, [1, 2]), (0, [3, 4]), (0, [5, 6])]


def test_chat_in_a_large_room_waits_for_the_tick() -> None:
    room = Told(1_000)
    tick = SHARE * 1_000 * EXPECTED_COST
    assert room.ticks.tick == pytest.approx(tick)
    room.hear(CHAT)
    room.loop.advance(tick / 10)
    for _ in range(9):
        room.hear(CHAT)
        room.loop.advance(tick / 5)
    room.loop.advance(tick)
    assert room.contents == [[1], [2, 3, 4, 5, 6], [7, 8, 9, 10]]
    assert room.times == pytest.approx([0, tick, 2 * tick])


def test_the_first_word_after_a_silence_does_not_wait() -> None:
    room = Told(10_000)
    room.hear(CHAT)
    room.loop.settle()
    room.loop.advance(10)
    room.hear(CHAT)
    room.loop.settle()
    assert room.times == [0, 10]


def test_the_tick_grows_with_the_room_and_with_what_a_delivery_costs_but_not_for_ever() -> None:
    assert Told(SMALL - 1).ticks.tick == 0
    assert Told(2_000).ticks.tick == pytest.approx(2 * Told(1_000).ticks.tick)
    assert Told(1_000, cost=30e-6).ticks.tick == pytest.approx(SHARE * 0.03)
    assert Told(19_000, cost=30e-6).ticks.tick == LONGEST


@pytest.mark.parametrize(
    "kind",
    [
        "show.changed",
        "item.pinned",
        "item.unpinned",
        "item.changed",
        "deal.started",
        "deal.ended",
        "chat.deleted",
        "something.new",
    ],
)
def test_what_matters_goes_at_once_with_everything_that_waited(kind: str) -> None:
    room = Told(10_000)
    room.hear(CHAT)
    room.loop.settle()
    room.loop.advance(0.01)
    room.hear(CHAT, CHAT)
    room.hear(said(kind))
    room.loop.turn()
    assert room.frames[1:] == [(0.01, [2, 3, 4])]
    room.loop.advance(10)
    assert len(room.frames) == 2, "the tick that was planned has nothing left to tell"


@pytest.mark.parametrize(
    "kind", ["chat.message", "item.requested", "order.placed", "orders.placed"]
)
def test_what_comes_in_crowds_waits_for_the_tick(kind: str) -> None:
    room = Told(10_000)
    room.hear(PIN)
    room.loop.settle()
    room.hear(said(kind))
    room.loop.settle()
    assert len(room.frames) == 1
    room.loop.advance(LONGEST)
    assert room.frames[1] == (pytest.approx(room.ticks.tick), [2])


@pytest.mark.parametrize(
    ("size", "name", "pause"),
    [
        (10, "stock.changed:1", HOLD_BACK),
        (10, "room.counts", HOLD_BACK),
        (BIG, "room.counts", HOLD_BACK),
        (BIG + 1, "stock.changed:1", HOLD_BACK_BIG),
        (BIG + 1, "room.counts", SLOW["room.counts"]),
    ],
)
def test_a_value_is_held_back_by_the_size_of_the_room_and_only_the_newest_is_told(
    size: int, name: str, pause: float
) -> None:
    room = Told(size, cost=1e-9)
    room.value(name, b"first")
    room.loop.advance(pause / 20)
    for number in range(30):
        room.value(name, b"%d" % number)
        room.loop.advance(pause / 10)
    room.loop.advance(pause)
    assert room.times == pytest.approx([0, pause, 2 * pause, 3 * pause], abs=1e-3)
    assert room.contents == [[b"first"], [b"9"], [b"19"], [b"29"]]


def test_values_of_different_keys_do_not_hold_each_other_back() -> None:
    room = Told(10)
    room.value("stock.changed:1", b"one")
    room.value("stock.changed:2", b"two")
    room.loop.settle()
    assert room.contents == [[b"one", b"two"]]


def test_an_urgent_value_goes_at_once_and_nothing_older_follows_it() -> None:
    room = Told(BIG + 1)
    room.value("stock.changed:1", b"5")
    room.loop.settle()
    room.loop.advance(0.1)
    room.value("stock.changed:1", b"1")
    room.value("stock.changed:1", b"0", urgent=True)
    room.loop.turn()
    assert room.frames == [(0, [b"5"]), (0.1, [b"0"])]
    room.loop.advance(10)
    assert len(room.frames) == 2


def test_a_new_epoch_forgets_what_waited_and_what_was_held_back() -> None:
    room = Told(10_000)
    room.hear(CHAT)
    room.value("stock.changed:1", b"5")
    room.loop.settle()
    room.hear(CHAT)
    room.value("stock.changed:1", b"4")
    assert room.ticks.waiting == 1
    room.ticks.clear()
    room.loop.advance(10)
    assert room.contents == [[1, b"5"]]
    assert room.ticks.waiting == 0


def test_patient_events_are_known_by_how_their_text_begins() -> None:
    names = [prefix.split(b'"')[3].decode() for prefix in PATIENT]
    assert set(names) <= {kind for kind, event in EVENTS.items() if event.lane is Lane.LOG}
    mina = PersonValue(id=1, name="Mina")
    texts = [
        text_of(ChatMessage(user=mina, text="hello")),
        text_of(ItemRequested(number=1, total=1, user=mina), at=5, seq=7),
        text_of(OrderPlaced(name="Mina", simulated=False, lines=[]), rev=3),
    ]
    assert all(text.startswith(PATIENT) for text in texts)
    assert texts[0].startswith(CHAT_BEGINS)
    assert not text_of(ItemUnpinned(number=1)).startswith(PATIENT)


def test_a_flush_does_not_wait() -> None:
    room = Told(10_000)
    room.hear(PIN)
    room.loop.settle()
    room.hear(CHAT)
    room.ticks.flush()
    assert room.contents == [[1], [2]]
    room.loop.advance(10)
    assert len(room.frames) == 2
