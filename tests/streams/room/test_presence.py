"""Who is here: counted apart, forgotten in time, with a clock that the test moves."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from streams.room import presence, valkey
from streams.room.presence import Change
from tests.streams.room.conftest import Door, Stage

ROOM = "evening-edit"
T = 1_000_000.0


@pytest_asyncio.fixture(autouse=True)
async def connection() -> AsyncIterator[None]:
    yield
    await valkey.close()


async def test_people_and_simulated_people_are_counted_apart() -> None:
    counted = await presence.tell(
        ROOM, [Change("u1", False), Change("u2", True), Change("u3", True)], now=T
    )
    assert (counted.people, counted.simulated, counted.news) == (1, 2, True)
    counted = await presence.tell(ROOM, [Change("u1", False)], now=T + 1)
    assert not counted.news, "one person in two tabs is one person"
    assert presence.counts(ROOM, now=T + 1) == {"people": 1, "simulated": 2}


async def test_a_crowd_is_told_in_steps_and_counted_once(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[int] = []
    run = valkey.run

    async def counting(name: str, keys: list[str], args: list[Any]) -> Any:
        calls.append(sum(len(text.split()) for text in args[4:]))
        return await run(name, keys, args)

    monkeypatch.setattr(valkey, "run", counting)
    crowd = [Change(f"u{number}", number % 3 == 0) for number in range(2_500)]
    counted = await presence.tell(ROOM, crowd, now=T)
    assert calls == [1_000, 1_000, 500]
    assert (counted.people, counted.simulated, counted.news) == (1_666, 834, True)
    # The last step alone changes nothing; what the first one changed is news all the same.
    gone = [Change(each.member, each.simulated, left=True) for each in crowd[:1_000]]
    late = T + presence.STAY - presence.FADE
    await presence.tell(ROOM, [*gone, *crowd[1_000:]], now=late)
    counted = await presence.tell(ROOM, crowd[1_000:], now=late + presence.FADE + 1)
    assert (counted.people, counted.simulated) == (1_000, 500)


async def test_people_of_a_killed_process_are_gone_within_35_seconds() -> None:
    await presence.tell(ROOM, [Change(f"u{n}", False) for n in range(100)], now=T)
    others = [Change(f"g{n}", False) for n in range(200)]
    await presence.tell(ROOM, others, now=T)
    # The killed process refreshed last just before T + 15; the other one goes on.
    await presence.tell(ROOM, [Change(f"u{n}", False) for n in range(100)], now=T + 15)
    for second in range(16, 52, 2):
        refresh = others if second % 14 == 0 else []
        counted = await presence.tell(ROOM, refresh, now=T + second)
        expected = 300 if second <= 15 + presence.STAY else 200
        assert counted.people == expected, f"after {second - 15} s"
    assert presence.STAY + 2 < 35


async def test_who_leaves_is_counted_a_little_longer_unless_another_tab_stays() -> None:
    await presence.tell(ROOM, [Change("u1", False), Change("u2", False)], now=T)
    await presence.tell(
        ROOM, [Change("u1", False, left=True), Change("u2", False, left=True)], now=T + 1
    )
    assert presence.FADE > presence.REFRESH
    await presence.tell(ROOM, [Change("u2", False)], now=T + 1 + presence.REFRESH)
    counted = await presence.tell(ROOM, [], now=T + 2 + presence.FADE)
    assert counted.people == 1


async def test_leaving_does_not_bring_anybody_in() -> None:
    counted = await presence.tell(ROOM, [Change("u9", False, left=True)], now=T)
    assert counted.people == 0


async def test_the_hosts_absence_is_measured_from_the_last_process_that_saw_one() -> None:
    assert (await presence.tell(ROOM, [], host="away", now=T)).away == 0, (
        "the count begins with the first look"
    )
    assert (await presence.tell(ROOM, [], host="away", now=T + 20)).away == 20
    assert (await presence.tell(ROOM, [], host="here", now=T + 21)).away == 0
    assert (await presence.tell(ROOM, [], host="away", now=T + 52)).away == 31


def test_a_guest_is_known_by_a_signed_cookie_only() -> None:
    cookie = presence.new_guest()
    assert presence.guest_member(cookie) == presence.guest_member(cookie)
    assert presence.guest_member(cookie)[1:] in cookie
    forged = cookie.replace(cookie[:4], "0000")
    assert presence.guest_member(forged) != presence.guest_member(forged)
    assert presence.guest_member(None) != presence.guest_member(None)


async def test_the_room_is_told_how_many_are_there(door: Door, stage: Stage) -> None:
    guest, mina = await door.enter(stage), await door.enter(stage, stage.mina)
    again = await door.enter(stage, stage.mina)
    for visitor in (guest, mina, again):
        counts = await visitor.until(
            lambda event: event["type"] == "room.counts" and event["data"]["people"] == 2
        )
        assert counts["data"] == {"people": 2, "simulated": 0}
