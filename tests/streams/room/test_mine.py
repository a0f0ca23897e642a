"""What is personal, told to many at once: the same as to each alone, and nobody is forgotten."""

from __future__ import annotations

import asyncio
import threading
import uuid
from collections.abc import Sequence
from typing import Any

import orjson
import pytest
from django.contrib.sessions.models import Session
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from accounts.tickets.services import issue_ticket
from livestore.base.errors import LoginRequired
from livestore.base.threads import in_database
from shop.carts.services import add
from streams.models import Restriction
from streams.room import mine
from streams.room.arrival import Request
from streams.room.connection import Connection
from streams.room.encoding import Frame
from streams.room.me import me_snapshot, me_snapshots
from streams.room.mine import MOST, Mine, Question, Told
from streams.room.person import Person
from streams.room.protocol import CloseCode, Closing
from streams.room.protocol.events import MeSnapshot
from tests import cast
from tests.shop.paying import placed
from tests.streams.room.conftest import Stage
from tests.streams.room.test_arrivals import session_of

# ---- the snapshots themselves


def without_time(text: bytes | None) -> dict[str, Any]:
    assert text is not None
    event: dict[str, Any] = orjson.loads(text)
    assert event.pop("at") > 0
    return event


@pytest.mark.django_db
def test_many_are_told_what_each_would_be_told_alone() -> None:
    bonnet = cast.variant_of(cast.product(stock=20))
    poor, mina, theo, gone = cast.person("poor"), cast.mina(), cast.theo(), cast.buyer("gone")
    add(user=mina, variant=bonnet.pk, quantity=2, key=uuid.uuid4())
    placed(mina, bonnet, 1)
    placed(theo, bonnet, 3)
    User.objects.filter(pk=gone.pk).update(is_active=False)
    people = [Person(user.pk, user.name, muted=user == theo) for user in (poor, mina, gone, theo)]
    told = me_snapshots([*people, people[0]])
    assert told[2] is None
    with pytest.raises(LoginRequired):
        me_snapshot(people[2])
    for person, text in zip(people, told, strict=False):
        if text is not None:
            assert without_time(text) == without_time(me_snapshot(person))
            MeSnapshot.model_validate(without_time(text)["data"])
    assert without_time(told[4]) == without_time(told[0]), "two tabs of one person"
    nothing, both, _, order, _ = (
        [] if text is None else without_time(text)["data"] for text in told
    )
    assert (nothing["holds"], nothing["has_card"], nothing["address_line"]) == ([], False, "")
    assert [hold["quantity"] for hold in both["holds"]] == [2, 1]
    assert (both["card_last4"], both["address_line"]) == ("4242", "Lindenstraße 7, 10969 Berlin")
    assert [each["status"] for each in order["orders"]] == ["pending"]
    assert order["muted"]


@pytest.mark.django_db
def test_those_without_a_cart_or_an_order_cost_three_queries_together() -> None:
    people = [Person(cast.buyer(f"buyer-{number}").pk, "B") for number in range(9)]
    with CaptureQueriesContext(connection) as counted:
        me_snapshots(people)
    assert len(counted) == 3


# ---- telling


class Quiet:
    """An outlet that keeps what it is given."""

    joins = True

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        self.closing: Closing | None = None

    def write(self, frame: Frame) -> None:
        self.events += orjson.loads(frame.payload)["events"]

    def send_bytes(self, data: bytes) -> None:
        raise AssertionError("what is personal is written frame by frame")

    def unsent(self) -> int:
        return 0

    def close(self, closing: Closing) -> None:
        self.closing = closing


class Somebody:
    """A connection that is inside, without a room around it."""

    def __init__(self, person: Person, request: Request | None) -> None:
        self.outlet = Quiet()
        self.connection = Connection(self.outlet, "evening-edit", person, f"u{person.id}", request)

    def inside(self) -> Somebody:
        self.connection.told = 0
        self.connection.hub = Anywhere()  # type: ignore[assignment]
        return self

    @property
    def told(self) -> list[dict[str, Any]]:
        assert all(event["type"] == "me.snapshot" for event in self.outlet.events)
        return [event["data"] for event in self.outlet.events]


class Anywhere:
    epoch = "e1"

    def leave(self, connection: Connection) -> None: ...


def somebody(number: int) -> Somebody:
    person = Person(number, f"P{number}")
    return Somebody(person, Request("evening-edit", None, f"ticket-{number}", None)).inside()


async def until(condition: Any) -> None:
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.005)


class Desk:
    """Stands in for `answer`."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.asked: list[list[tuple[int, bool]]] = []
        """(person, whether they arrive anew) of each look-up."""
        self.open = threading.Event()
        self.open.set()
        self.trouble: list[Exception] = []
        self.odd = -1
        monkeypatch.setattr(mine, "answer", self)
        monkeypatch.setattr(mine, "REFRESH_AFTER", (0.05, 0.1))
        monkeypatch.setattr(mine, "AGAIN", 0.05)

    def __call__(self, questions: Sequence[Question]) -> list[Told]:
        self.asked.append([(person.id, request is not None) for person, request in questions])
        assert self.open.wait(10)
        if self.trouble:
            raise self.trouble.pop(0)
        if any(person.id == self.odd for person, _ in questions):
            raise ValueError("nobody thought of this one")
        text = b'{"type":"me.snapshot","at":1,"data":{"id":%d}}'
        return [text % person.id for person, _ in questions]


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Desk:
    return Desk(monkeypatch)


async def test_newcomers_are_told_together_and_without_arriving_anew(desk: Desk) -> None:
    house = Mine()
    crowd = [somebody(number) for number in range(MOST + 3)]
    for each in crowd:
        house.refresh(each.connection, first=True)
    await until(lambda: crowd[-1].told)
    assert [each.told for each in crowd] == [[{"id": number}] for number in range(MOST + 3)]
    assert [len(batch) for batch in desk.asked] == [MOST, 3]
    assert not any(anew for batch in desk.asked for _, anew in batch)


async def test_who_is_renewed_often_is_told_once_and_arrives_anew(desk: Desk) -> None:
    house = Mine()
    two = [somebody(1), somebody(2)]
    for each in two * 5:
        house.refresh(each.connection)
    await until(lambda: all(each.told for each in two))
    assert [len(each.told) for each in two] == [1, 1]
    assert sorted(each for batch in desk.asked for each in batch) == [(1, True), (2, True)]


async def test_who_is_renewed_while_being_told_is_told_again(desk: Desk) -> None:
    house, mina = Mine(), somebody(1)
    desk.open.clear()
    house.refresh(mina.connection, first=True)
    await until(lambda: desk.asked)
    house.refresh(mina.connection)
    desk.open.set()
    await until(lambda: len(mina.told) == 2)
    assert desk.asked == [[(1, False)], [(1, True)]]


async def test_the_request_of_the_first_time_serves_the_later_ones(desk: Desk) -> None:
    house = Mine()
    mina = Somebody(Person(1, "Mina"), None).inside()
    house.refresh(mina.connection, Request("evening-edit", "session", None, None), first=True)
    house.refresh(mina.connection)
    await until(lambda: len(mina.told) == 2)
    assert desk.asked == [[(1, False)], [(1, True)]]


async def test_while_a_server_is_away_it_is_tried_again_until_all_are_told(desk: Desk) -> None:
    house, crowd = Mine(), [somebody(number) for number in range(4)]
    desk.trouble = [
        OperationalError("starting up"),
        OSError("no route"),
        OperationalError("almost"),
    ]
    for number, each in enumerate(crowd):
        house.refresh(each.connection, first=number < 2)
    await until(lambda: all(each.told for each in crowd))
    assert [len(each.told) for each in crowd] == [1] * 4
    anew = {person for batch in desk.asked for person, again in batch if again}
    assert anew == {2, 3}, "the others had only just arrived"


async def test_one_that_nobody_thought_of_keeps_nothing_from_the_others(desk: Desk) -> None:
    house, crowd = Mine(), [somebody(number) for number in range(1, 5)]
    desk.odd = 3
    for each in crowd:
        house.refresh(each.connection, first=True)
    await until(lambda: crowd[3].told)
    assert [len(each.told) for each in crowd] == [1, 1, 0, 1]
    house.refresh(crowd[0].connection, first=True)
    await until(lambda: len(crowd[0].told) == 2)
    assert desk.asked.count([(3, False)]) == 1, "and it is not tried for ever"


async def test_guests_and_those_who_left_are_not_looked_up(desk: Desk) -> None:
    house, gone, mina = Mine(), somebody(1), somebody(2)
    guest = Connection(Quiet(), "evening-edit", None, "g1")
    house.refresh(guest)
    house.refresh(guest, first=True)
    house.refresh(gone.connection)
    gone.connection.close(Closing(CloseCode.TOO_SLOW))
    house.refresh(gone.connection, first=True)
    house.refresh(mina.connection)
    await until(lambda: mina.told)
    assert desk.asked == [[(2, True)]]


async def test_after_the_end_nobody_is_told(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mine, "REFRESH_AFTER", (0.0, 0.0))
    house, another = Mine(), Mine()
    mina, theo, omar = somebody(1), somebody(2), somebody(3)
    desk.open.clear()
    house.refresh(mina.connection, first=True)
    house.refresh(theo.connection)
    await until(lambda: desk.asked)
    await house.stop()
    desk.open.set()
    another.refresh(omar.connection)  # its turn comes after Theo's would have
    await until(lambda: omar.told)
    assert (mina.told, theo.told) == ([], [])
    assert desk.asked == [[(1, False)], [(3, True)]]


# ---- arriving anew


@pytest.fixture
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mine, "REFRESH_AFTER", (0.0, 0.1))


def known(user: User, request: Request) -> Somebody:
    return Somebody(Person(user.pk, user.name), request).inside()


async def test_whoever_may_stay_is_told_and_whoever_may_not_is_sent_away(
    stage: Stage, quickly: None
) -> None:
    """All in one look-up: it tells each what they would be told alone."""

    def prepare() -> list[Somebody]:
        mina, theo, omar = stage.mina, stage.theo, stage.omar
        out, banned, closed = cast.person("out"), cast.person("banned"), cast.person("closed")

        def ticket(user: User) -> Request:
            return Request(stage.slug, None, issue_ticket(user=user, channel=stage.slug), None)

        logged_out = Request(stage.slug, session_of(out), None, None)
        as_another = Request(stage.slug, session_of(theo), None, None)
        people = [
            known(mina, ticket(mina)),
            known(omar, Request(stage.slug, session_of(omar), None, None)),
            known(out, logged_out),
            known(banned, ticket(banned)),
            known(closed, ticket(closed)),
            known(out, as_another),
        ]
        Session.objects.filter(session_key=logged_out.session).delete()
        Restriction.objects.create(show=stage.show, user=banned, kind="ban")
        Restriction.objects.create(show=stage.show, user=mina, kind="mute")
        User.objects.filter(pk=closed.pk).update(is_active=False)
        return people

    people = await in_database(prepare)
    house = Mine()
    for each in people:
        house.refresh(each.connection)
    await until(lambda: all(each.outlet.events or each.outlet.closing for each in people))
    assert [each.outlet.closing and each.outlet.closing.code for each in people] == [
        None,
        None,
        CloseCode.WHO_ARE_YOU,
        CloseCode.NOT_ALLOWED,
        CloseCode.WHO_ARE_YOU,
        CloseCode.WHO_ARE_YOU,
    ]
    mina, omar, *others = people
    assert not any(each.told for each in others)
    assert mina.told[0]["muted"], "a mute that was missed is known again"
    assert mina.connection.person is not None
    assert mina.connection.person.muted
    assert omar.told[0]["user"]["role"] == "moderator", "and so is a role"
