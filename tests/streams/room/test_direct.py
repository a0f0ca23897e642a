"""What is said to one person reaches all of their tabs here, and nobody else."""

from __future__ import annotations

import orjson

from streams.room.direct import Direct
from streams.room.person import Person
from streams.room.protocol import CloseCode
from tests.streams.room.test_mine import Somebody


def tab(user: int, slug: str = "evening-edit") -> Somebody:
    made = Somebody(Person(user, f"P{user}"), None).inside()
    made.connection.slug = slug
    return made


def event(kind: str, **data: object) -> bytes:
    return orjson.dumps({"type": kind, "at": 1, "data": data})


def kinds(tab: Somebody) -> list[str]:
    return [each["type"] for each in tab.outlet.events]


def test_all_tabs_of_a_person_are_told_until_they_are_closed() -> None:
    direct = Direct()
    first, second, other = tab(1), tab(1), tab(2)
    for each in (first, second, other):
        direct.add(each.connection)
    updated = ["tell", 1, event("order.updated"), "order.updated"]
    direct._take([updated, ["tell", 3, event("order.updated"), "order.updated"]])
    assert (kinds(first), kinds(second), kinds(other)) == (["order.updated"], ["order.updated"], [])
    direct.remove(first.connection)
    direct.remove(first.connection)
    direct._take([updated])
    direct.remove(second.connection)
    direct._take([updated])
    assert (len(kinds(first)), len(kinds(second))) == (1, 2)


def test_a_kick_closes_the_sockets_of_one_show_or_of_all() -> None:
    direct = Direct()
    here, there, other = tab(1), tab(1, "morning-edit"), tab(2)
    for each in (here, there, other):
        direct.add(each.connection)
    direct._take([["kick", 1, 4503, "evening-edit"]])
    assert here.outlet.closing is not None
    assert here.outlet.closing.code == CloseCode.NOT_ALLOWED
    assert there.outlet.closing is None
    direct._take([["kick", 1, 4501, ""]])
    assert there.outlet.closing is not None
    assert other.outlet.closing is None


def test_a_mute_is_for_its_show_and_known_from_then_on() -> None:
    direct = Direct()
    here, there = tab(1), tab(1, "morning-edit")
    for each in (here, there):
        direct.add(each.connection)
    told = event("you.muted", show="evening-edit", muted=True)
    direct._take([["tell", 1, told, "you.muted"]])
    assert (kinds(here), kinds(there)) == (["you.muted"], [])
    assert here.connection.person is not None
    assert there.connection.person is not None
    assert (here.connection.person.muted, there.connection.person.muted) == (True, False)
