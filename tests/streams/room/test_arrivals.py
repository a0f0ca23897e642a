"""Who comes in when many come at once: each is judged as if they had come alone."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import OperationalError, connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from accounts.people.services import change_password
from accounts.tickets.services import create_api_token, issue_ticket
from streams.models import Restriction, Show
from streams.room import arrivals
from streams.room.arrival import Arrival, Refused, Request, look_up
from streams.room.arrivals import MOST, Arrivals
from streams.room.protocol import CloseCode
from streams.shows.selectors import role_of
from tests import cast
from tests.streams.room.conftest import Stage, set_stage

LOGGED_IN = "django.contrib.auth.backends.ModelBackend"


def by_ticket(user: User, slug: str, channel: str | None = None) -> Request:
    return Request(slug, None, issue_ticket(user=user, channel=channel or slug), None)


def session_of(user: User) -> str:
    client = Client()
    client.force_login(user)
    return client.cookies["sessionid"].value


def by_session(user: User, slug: str) -> Request:
    return Request(slug, session_of(user), None, None)


def alone(request: Request) -> Arrival | Refused:
    [outcome] = look_up([request])
    return outcome


def short(outcome: Arrival | Refused) -> object:
    """A code, or the member and what is known of the person."""
    if isinstance(outcome, Refused):
        return outcome.code
    person = outcome.person
    if person is None:
        return "guest"
    return (person.id, person.role, person.muted, person.is_host)


@pytest.fixture
def stage(db: None) -> Stage:
    return set_stage()


def many_kinds(stage: Stage) -> list[tuple[str, Request, object]]:
    """(what, request, expected) of everybody who can stand at a door."""
    here, mina, theo = stage.slug, stage.mina, stage.theo
    ada = cast.ada()
    banned, muted, gone = (cast.person(name) for name in ("banned", "muted", "gone"))
    Restriction.objects.create(show=stage.show, user=banned, kind="ban")
    Restriction.objects.create(show=stage.show, user=muted, kind="mute")
    draft = cast.show(stage.hana, slug="a-draft")
    Show.objects.filter(pk=draft.pk).update(state="draft")
    Restriction.objects.create(show=draft, user=mina, kind="ban")
    of_gone = [by_ticket(gone, here), by_session(gone, here)]
    of_gone.append(Request(here, None, create_api_token(user=gone), None))
    User.objects.filter(pk=gone.pk).update(is_active=False)
    renewed = cast.person("renewed")
    old = [by_ticket(renewed, here), by_session(renewed, here)]
    change_password(user=renewed, password="a-much-longer-one")
    expired = Request(here, None, issue_ticket(user=mina, channel=here, seconds=0), None)
    good = by_ticket(mina, here)
    assert good.ticket is not None
    forged = Request(here, None, f"{good.ticket[:-3]}{good.ticket[-3:].swapcase()}1", None)
    who, no_show, not_allowed = CloseCode.WHO_ARE_YOU, CloseCode.NO_SUCH_SHOW, CloseCode.NOT_ALLOWED
    viewer = (mina.pk, "viewer", False, False)
    nonsense = {
        text: Request(here, text, None, None) for text in ("x", "a\0b" * 9, "é" * 32, "z" * 32)
    }
    return [
        ("a ticket", good, viewer),
        ("a session", by_session(mina, here), viewer),
        ("a token", Request(here, None, create_api_token(user=mina), None), viewer),
        ("a ticket counts before a session", Request(here, session_of(theo), good.ticket, None), viewer),
        ("a bad ticket counts before a session", Request(here, session_of(theo), "bad", None), who),
        ("an empty ticket", Request(here, None, "", None), who),
        ("forged", forged, who),
        ("expired", expired, who),
        ("for another show", by_ticket(mina, here, "another"), who),
        ("an unknown token", Request(here, None, "lst_unknown", None), who),
        ("an old ticket", old[0], who),
        ("an old session", old[1], "guest"),
        ("closed, ticket", of_gone[0], who),
        ("closed, session", of_gone[1], "guest"),
        ("closed, token", of_gone[2], who),
        ("nobody", Request(here, None, None, None), "guest"),
        *((f"session {text!r}", request, "guest") for text, request in nonsense.items()),
        ("the host", by_ticket(stage.hana, here), (stage.hana.pk, "host", False, True)),
        ("an admin", by_session(ada, here), (ada.pk, "host", False, False)),
        ("a moderator", by_session(stage.omar, here), (stage.omar.pk, "moderator", False, False)),
        ("banned", by_ticket(banned, here), not_allowed),
        ("muted", by_session(muted, here), (muted.pk, "viewer", True, False)),
        ("no show", by_session(mina, "no-such-show"), no_show),
        ("no show, bad ticket", Request("no-such-show", None, "bad", None), who),
        ("a draft, guest", Request("a-draft", None, None, None), no_show),
        ("a draft, viewer", by_session(theo, "a-draft"), no_show),
        ("a draft, token", Request("a-draft", None, create_api_token(user=theo), None), no_show),
        ("a draft, ticket", by_ticket(theo, "a-draft"), (theo.pk, "viewer", False, False)),
        ("a draft, host", by_session(stage.hana, "a-draft"), (stage.hana.pk, "host", False, True)),
        ("a draft, banned", by_ticket(mina, "a-draft"), not_allowed),
        ("a draft, moderator of another", by_session(stage.omar, "a-draft"), no_show),
    ]  # fmt: skip


def test_everybody_is_judged_as_if_they_had_come_alone(stage: Stage) -> None:
    kinds = many_kinds(stage)
    together = [short(each) for each in look_up([request for _, request, _ in kinds])]
    assert dict(zip((what for what, _, _ in kinds), together, strict=True)) == {
        what: expected for what, _, expected in kinds
    }
    for what, request, expected in kinds:
        assert short(alone(request)) == expected, what


def test_roles_are_those_that_the_services_check(stage: Stage) -> None:
    people = [stage.hana, stage.omar, stage.mina, cast.ada()]
    for user, arrival in zip(
        people, look_up([by_ticket(user, stage.slug) for user in people]), strict=True
    ):
        assert isinstance(arrival, Arrival)
        assert arrival.person is not None
        assert arrival.person.role == role_of(stage.show, user)
        assert (arrival.person.name, arrival.member) == (user.name, f"u{user.pk}")


def test_many_cost_no_more_queries_than_one_of_each_kind(stage: Stage) -> None:
    def queries(requests: list[Request]) -> int:
        with CaptureQueriesContext(connection) as counted:
            look_up(requests)
        return len(counted)

    users = [cast.person(f"guest-{number}") for number in range(20)]
    tickets = [by_ticket(user, stage.slug) for user in users]
    sessions = [by_session(user, stage.slug) for user in users]
    assert queries(tickets) == queries(tickets[:1]) <= 4
    assert queries([*tickets, *sessions]) == queries([tickets[0], sessions[0]]) <= 6
    assert queries([Request(stage.slug, None, "forged", None)]) <= 2


def test_a_session_of_a_former_key_is_read_and_left_as_it_is(stage: Stage) -> None:
    """Django's own look would give it a new name, which a socket could not tell to the browser."""
    with override_settings(SECRET_KEY="the one of before"):
        request = by_session(stage.mina, stage.slug)
    before = list(Session.objects.values_list("session_key", "session_data"))
    assert short(alone(request)) == "guest"
    with override_settings(SECRET_KEY_FALLBACKS=["the one of before"]):
        assert short(alone(request)) == (stage.mina.pk, "viewer", False, False)
    assert list(Session.objects.values_list("session_key", "session_data")) == before


@pytest.mark.parametrize(
    "change", [{"_auth_user_backend": "no.such.Backend"}, {"_auth_user_id": "x"}, {"_auth_user_hash": ""}]
)  # fmt: skip
def test_a_session_that_django_would_not_take_is_a_guests(stage: Stage, change: dict[str, str]) -> None:  # fmt: skip
    store = SessionStore()
    store.update(
        {
            "_auth_user_id": str(stage.mina.pk),
            "_auth_user_backend": LOGGED_IN,
            "_auth_user_hash": stage.mina.get_session_auth_hash(),
        }
    )
    store.save()
    request = Request(stage.slug, store.session_key, None, None)
    assert short(alone(request)) == (stage.mina.pk, "viewer", False, False)
    store.update(change)
    store.save()
    assert short(alone(request)) == "guest"


# ---- gathering


class Desk:
    """Stands in for `look_up`: writes down who was asked for together, and answers when it is let."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.asked: list[list[str]] = []
        self.open = threading.Event()
        self.trouble: Exception | None = None
        self.odd = ""
        monkeypatch.setattr(arrivals, "look_up", self)

    def __call__(self, requests: Sequence[Request]) -> list[Arrival | Refused]:
        slugs = [each.slug for each in requests]
        self.asked.append(slugs)
        assert self.open.wait(10)
        if self.trouble is not None:
            raise self.trouble
        if self.odd in slugs:
            raise ValueError("nobody thought of this one")
        return [
            Refused(CloseCode.NOT_ALLOWED) if slug == "bad" else Arrival(None, slug)
            for slug in slugs
        ]


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Desk:
    return Desk(monkeypatch)


def at_the_door_of(door: Arrivals, *slugs: str) -> list[asyncio.Task[Arrival]]:
    return [asyncio.create_task(door.arrive(Request(slug, None, None, None))) for slug in slugs]


async def asked(desk: Desk, times: int) -> None:
    while len(desk.asked) < times:
        await asyncio.sleep(0.001)


async def outcomes(*tasks: asyncio.Task[Arrival]) -> list[object]:
    found = await asyncio.wait_for(asyncio.gather(*tasks, return_exceptions=True), 10)
    return [each.member if isinstance(each, Arrival) else type(each) for each in found]


async def test_who_comes_while_others_are_looked_up_is_looked_up_next_together(desk: Desk) -> None:
    door = Arrivals()
    first = at_the_door_of(door, "a")
    await asked(desk, 1)
    rest = at_the_door_of(door, "b", "c", "bad", "d")
    await asyncio.sleep(0)
    desk.open.set()
    assert await outcomes(*first, *rest) == ["a", "b", "c", Refused, "d"]
    assert desk.asked == [["a"], ["b", "c", "bad", "d"]]
    assert await outcomes(*at_the_door_of(door, "later")) == ["later"]


async def test_a_crowd_is_looked_up_in_parts(desk: Desk) -> None:
    desk.open.set()
    door = Arrivals()
    crowd = [str(number) for number in range(MOST + 7)]
    assert await outcomes(*at_the_door_of(door, *crowd)) == crowd
    assert [len(each) for each in desk.asked] == [MOST, 7]


async def test_one_that_nobody_thought_of_does_not_keep_the_others_out(desk: Desk) -> None:
    desk.open.set()
    desk.odd = "odd"
    door = Arrivals()
    tasks = at_the_door_of(door, "a", "odd", "bad", "b")
    assert await outcomes(*tasks) == ["a", ValueError, Refused, "b"]


async def test_while_the_database_is_away_everybody_hears_it_and_it_is_asked_once(desk: Desk) -> None:  # fmt: skip
    desk.open.set()
    desk.trouble = OperationalError("the server is starting up")
    door = Arrivals()
    assert await outcomes(*at_the_door_of(door, "a", "b", "c")) == [OperationalError] * 3
    assert desk.asked == [["a", "b", "c"]]
    desk.trouble = None
    assert await outcomes(*at_the_door_of(door, "d")) == ["d"]


async def test_who_hangs_up_meanwhile_disturbs_nobody(desk: Desk) -> None:
    door = Arrivals()
    first = at_the_door_of(door, "a", "hasty")
    await asked(desk, 1)
    first[1].cancel()
    rest = at_the_door_of(door, "gone", "b")
    await asyncio.sleep(0)
    rest[0].cancel()
    desk.open.set()
    assert await outcomes(*first, *rest) == [
        "a",
        asyncio.CancelledError,
        asyncio.CancelledError,
        "b",
    ]
    assert desk.asked == [["a", "hasty"], ["b"]]


async def test_at_the_end_nobody_is_left_waiting(desk: Desk) -> None:
    door = Arrivals()
    tasks = at_the_door_of(door, "a")
    await asked(desk, 1)
    tasks += at_the_door_of(door, "b")
    await asyncio.sleep(0)
    await door.stop()
    assert await outcomes(*tasks) == [asyncio.CancelledError] * 2
    desk.open.set()
    assert await outcomes(*at_the_door_of(door, "c")) == ["c"]
