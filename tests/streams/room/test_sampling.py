"""A busy chat in a huge room: who is told what, that everybody can count it, and what is never left out."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from streams.room.connection import EVERYTHING, GROUPS, Connection
from streams.room.encoding import Frame
from streams.room.person import Role
from streams.room.sampling import BUSY, CROWD, SHOWN, People, Said, Sampler, squeezed
from tests.streams.reducer import Reducer
from tests.streams.room.clockwork import Ear, listener

HUGE = CROWD + 1


def message(seq: int, user: int, text: str = "hello", role: Role = "viewer") -> tuple[int, bytes]:
    data = {"user": {"id": user, "name": f"Viewer {user}", "role": role}, "text": text}
    data |= {"number": None, "deleted": False}
    return seq, orjson.dumps({"type": "chat.message", "at": 1, "data": data, "seq": seq})


def request(seq: int) -> tuple[int, bytes]:
    data = {"number": 1, "total": seq, "user": {"id": 1, "name": "Mina"}}
    return seq, orjson.dumps({"type": "item.requested", "at": 1, "data": data, "seq": seq})


class Room:
    """A sampler over some people; the clock goes half a second with every tick."""

    def __init__(self, *people: Connection) -> None:
        self.people = people
        self.now = 100.0
        self.sampler = Sampler(people, seed=5)

    def tick(self, *lines: tuple[int, bytes], crowd: int = HUGE, seconds: float = 0.5) -> Any:
        """What each of `people` is told, by connection, and what each group is, by number."""
        self.now += seconds
        edition, own = self.sampler.edition("e", list(lines), [], crowd=crowd, now=self.now)
        told: dict[Any, dict[str, Any]] = {
            group: _read(frame) for group, frame in enumerate(edition)
        }
        for person in self.people:
            told[person] = _read(own.get(person, edition[person.group]))
        return told


def _read(frame: Frame) -> dict[str, Any]:
    read: dict[str, Any] = orjson.loads(frame.payload)
    return read


def seqs(frame: dict[str, Any]) -> list[int]:
    return [event["seq"] for event in frame["events"] if "seq" in event]


def chatter(first: int, count: int) -> list[tuple[int, bytes]]:
    return [message(seq, user=1_000 + seq) for seq in range(first, first + count)]


@pytest.mark.parametrize(
    ("crowd", "count"), [(CROWD, 300), (HUGE, BUSY)], ids=["not a crowd", "not busy"]
)
def test_a_room_that_can_be_read_gets_its_whole_chat(crowd: int, count: int) -> None:
    told = Room().tick(*chatter(1, count), crowd=crowd)
    for group in range(GROUPS + 1):
        assert seqs(told[group]) == list(range(1, count + 1))
        assert "left_out" not in told[group]
        assert "through" not in told[group]


def test_a_busy_crowd_gets_samples_and_every_frame_says_what_it_left_out() -> None:
    told = Room().tick(*chatter(1, 200))
    for group in range(GROUPS):
        shown = seqs(told[group])
        assert len(shown) == SHOWN
        assert shown == sorted(shown)
        assert told[group]["left_out"] == 200 - SHOWN
        assert told[group]["through"] == 200
    assert len({tuple(seqs(told[group])) for group in range(GROUPS)}) == GROUPS
    assert seqs(told[EVERYTHING]) == list(range(1, 201))
    assert "left_out" not in told[EVERYTHING]


def test_no_group_is_told_more_than_so_many_messages_in_a_second() -> None:
    room = Room()
    shown = [0] * GROUPS
    for tick in range(20):
        told = room.tick(*chatter(1 + 100 * tick, 100))
        for group in range(GROUPS):
            shown[group] += len(seqs(told[group]))
    assert all(SHOWN * 9 <= count <= SHOWN * 11 for count in shown), "in ten seconds"


def test_a_busy_second_is_counted_over_several_frames() -> None:
    room = Room()
    half = BUSY // 2 + 1
    assert "left_out" not in room.tick(*chatter(1, half), seconds=0.1)[0]
    left = [room.tick(*chatter(half * n, half), seconds=0.1)[0].get("left_out", 0) for n in (2, 3)]
    assert sum(left) > 0


def test_a_room_that_has_calmed_down_gets_everything_again() -> None:
    room = Room(listener(Ear(), user=7))
    room.tick(*chatter(1, 300))
    assert room.sampler.people is not None
    told = room.tick(*chatter(301, 20), seconds=1.5)
    assert "left_out" not in told[0]
    assert room.sampler.people is None, "names are kept only as long as they are needed"


def test_only_chat_is_left_out() -> None:
    told = Room().tick(*chatter(1, 100), *(request(seq) for seq in range(101, 151)))
    assert seqs(told[3])[-50:] == list(range(101, 151))
    assert told[3]["through"] == 150
    assert len(seqs(told[3])) + told[3]["left_out"] == 150


def test_values_travel_with_every_sample() -> None:
    edition, _ = Sampler((), seed=1).edition("e", chatter(1, 99), [b"{}"], crowd=HUGE, now=1)
    assert all(_read(frame)["events"][-1] == {} for frame in edition)


@pytest.mark.parametrize("role", ["host", "moderator"])
def test_what_host_and_moderators_say_is_told_to_everybody(role: Role) -> None:
    loud = [message(seq, user=2, role=role) for seq in range(101, 141)]
    told = Room().tick(*chatter(1, 100), *loud)
    for group in range(GROUPS):
        assert set(range(101, 141)) <= set(seqs(told[group]))


@pytest.mark.parametrize("role", ["host", "moderator"])
def test_host_and_moderators_are_told_everything(role: Role) -> None:
    tending = listener(Ear(), user=2, role=role)
    tending.go_live(Frame(b"{}"))
    told = Room(tending).tick(*chatter(1, 300))
    assert seqs(told[tending]) == list(range(1, 301))


def own_messages_arrive(room: Room, writer: Connection) -> bool:
    lines = chatter(1, 200)
    for seq in (17, 120, 199):
        lines[seq - 1] = message(seq, user=7)
    told = room.tick(*lines)[writer]
    assert len(seqs(told)) + told["left_out"] == 200
    return {17, 120, 199} <= set(seqs(told))


def test_who_writes_always_sees_the_own_message() -> None:
    tabs = [listener(Ear(), user=7, group=group) for group in (1, 5)]
    room = Room(*tabs, listener(Ear(), user=8))
    assert all(own_messages_arrive(room, tab) for tab in tabs)


def test_without_that_rule_the_own_message_would_be_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The control."""
    monkeypatch.setattr(People, "concerned", lambda self, said: set())
    writer = listener(Ear(), user=7)
    assert not own_messages_arrive(Room(writer), writer)


@pytest.mark.parametrize(
    "text",
    [
        "@Mina Sato look at this",
        "look, @mina sato.",
        "thanks @MinaSato!",
        "(@mina sato)",
        "@Theo @Mina Sato both of you",
    ],
)
def test_who_is_named_is_told(text: str) -> None:
    mina, other = listener(Ear(), user=7, name="Mina Sato"), listener(Ear(), user=8, name="Omar")
    lines = chatter(1, 200)
    lines[99] = message(100, user=5, text=text)
    lines[150] = message(151, user=5, text="@Mina is somebody else")
    room = Room(mina, other)
    concerned = People((mina, other)).concerned
    assert concerned(Said(0, 5, text)) == {mina}
    assert concerned(Said(0, 5, "@Mina is somebody else")) == set()
    assert 100 in seqs(room.tick(*lines)[mina])


@pytest.mark.parametrize(
    "text", ["no at sign: Omar", "@", "mail me at omar@", "@ Omar", "@Omarion"]
)
def test_who_is_not_named_is_not_concerned(text: str) -> None:
    omar = listener(Ear(), user=8, name="Omar")
    assert People((omar,)).concerned(Said(0, 5, text)) == set()


def test_people_who_come_and_go_in_a_busy_time_are_known() -> None:
    mina, again = (listener(Ear(), user=7, name="Mina Sato") for _ in range(2))
    people = People((mina,))
    people.add(again)
    people.add(listener(Ear()))
    assert people.concerned(Said(0, 7, "")) == {mina, again}
    people.remove(mina)
    assert people.concerned(Said(0, 5, "@mina sato")) == {again}
    people.remove(again)
    assert people.concerned(Said(0, 7, "@mina sato")) == set()
    assert squeezed("Mina  Sato") == squeezed("minasato")


def test_what_was_told_and_what_was_left_out_is_what_was_published() -> None:
    """And the reader's place in the log is right after every frame, so that a gap is still a gap."""
    writer, guest = listener(Ear(), user=1_003, group=2), listener(Ear(), group=6)
    room = Room(writer, guest)
    readers = {each: Reducer() for each in (writer, guest)}
    for reader in readers.values():
        reader.epoch, reader.state = "e", {"chat": [], "requests": {}}
    published = 0
    for size in (3, 80, 0, 200, 1, 120, 12, 40):
        lines = [*chatter(published + 1, size), request(published + size + 1)]
        published += len(lines)
        told = room.tick(*lines)
        for each, reader in readers.items():
            heard = len(reader.told)
            reader.take(told[each])
            assert reader.seq == published
            assert len(reader.told) + reader.left_out == published
            assert len(reader.told) > heard
    assert readers[guest].left_out > 100
