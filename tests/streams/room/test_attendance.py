"""Who is here in one process: tabs counted, everybody refreshed in time and never all at once."""

from __future__ import annotations

import random
from collections.abc import Iterable

import pytest

from streams.room import presence, valkey
from streams.room.attendance import Attendance
from streams.room.connection import Connection
from streams.room.person import Person
from streams.room.presence import REFRESH, STAY, Change, Counted


class Quiet:
    joins = True

    def write(self, frame: object) -> None: ...

    def send_bytes(self, data: bytes) -> None: ...

    def unsent(self) -> int:
        return 0

    def close(self, closing: object) -> None: ...


def tab(member: str, person: Person | None = None) -> Connection:
    return Connection(Quiet(), "evening-edit", person, member)


class Clock:
    """Time that the test moves, and what Valkey would have heard at it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1_000.0
        self.told: list[tuple[float, list[Change]]] = []
        self.away = False
        monkeypatch.setattr("streams.room.attendance.time.monotonic", lambda: self.now)
        monkeypatch.setattr(presence, "tell", self.tell)

    async def tell(self, slug: str, changes: Iterable[Change], *, host: str) -> Counted:
        if self.away:
            raise valkey.Trouble[0]("away")
        self.told.append((self.now, list(changes)))
        return Counted(0, 0, False, 0)

    def heard_since(self, mark: int) -> list[Change]:
        return [change for _, changes in self.told[mark:] for change in changes]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


async def test_who_comes_and_goes_is_told_with_the_next_look(clock: Clock) -> None:
    room = Attendance("evening-edit")
    mina = tab("u1", Person(1, "Mina", simulated=True))
    room.came(mina)
    room.came(tab("g2"))
    await room.count(host="")
    assert clock.told[-1][1] == [Change("u1", True), Change("g2", False)]
    room.went(mina)
    await room.count(host="")
    assert clock.told[-1][1][-1] == Change("u1", True, left=True)


async def test_a_person_is_here_until_the_last_tab_is_gone(clock: Clock) -> None:
    room = Attendance("evening-edit")
    tabs = [tab("u1") for _ in range(3)]
    for each in tabs:
        room.came(each)
    await room.count(host="")
    for each in tabs[:2]:
        room.went(each)
        clock.now += 2
        await room.count(host="")
    assert not any(change.left for change in clock.heard_since(0))
    room.went(tabs[2])
    await room.count(host="")
    assert clock.told[-1][1] == [Change("u1", False, left=True)]
    room.came(tab("u1"))
    await room.count(host="")
    assert Change("u1", False) in clock.told[-1][1]


async def test_everybody_is_refreshed_in_time_and_never_all_at_once(clock: Clock) -> None:
    """Three minutes with people coming and going, looks that are late, and a crowd that comes at once."""
    dice = random.Random(7)
    room = Attendance("evening-edit")
    here = {f"u{number}": tab(f"u{number}") for number in range(2_000)}
    for each in here.values():
        room.came(each)
    since = dict.fromkeys(here, clock.now)
    number, most = 2_000, 0
    for look in range(90):
        clock.now += dice.uniform(1.8, 2.2)
        changed = 0
        for _ in range(dice.randint(0, 30)):
            member = dice.choice(list(here))
            room.went(here.pop(member))
            since.pop(member)
            number += 1
            here[f"u{number}"] = tab(f"u{number}")
            room.came(here[f"u{number}"])
            since[f"u{number}"] = clock.now
            changed += 2
        await room.count(host="")
        told = clock.told[-1][1]
        for change in told:
            if not change.left:
                since[change.member] = clock.now
        assert max(clock.now - at for at in since.values()) <= REFRESH < STAY
        if look:
            most = max(most, len(told) - changed)
    assert most < 2_000 / 4, "the refreshing is spread"


async def test_what_could_not_be_told_is_told_later(clock: Clock) -> None:
    room = Attendance("evening-edit")
    people = [tab(f"u{number}") for number in range(10)]
    for each in people:
        room.came(each)
    await room.count(host="")
    mark = len(clock.told)
    clock.away = True
    room.went(people[0])
    for _ in range(20):  # longer than a member stays
        clock.now += 2
        with pytest.raises(valkey.Trouble):
            await room.count(host="")
    room.went(people[1])
    room.came(tab("u10"))
    clock.away = False
    await room.count(host="")
    heard = {change.member: change.left for change in clock.heard_since(mark)}
    assert heard == {f"u{number}": number in {0, 1} for number in range(11)}


async def test_the_host_is_here_while_one_of_their_tabs_is(clock: Clock) -> None:
    room = Attendance("evening-edit")
    host = Person(1, "Hana", "host", is_host=True)
    tabs = [tab("u1", host), tab("u1", host)]
    room.came(tab("u2", Person(2, "Ada", "host")))
    assert not room.host_here, "an admin is not the show's host"
    for each in tabs:
        room.came(each)
    room.went(tabs[0])
    assert room.host_here
    room.went(tabs[1])
    assert not room.host_here
