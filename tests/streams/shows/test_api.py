"""Shows over HTTP."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from accounts.models import User
from accounts.tickets.services import create_api_token, issue_ticket, open_ticket
from shop.models import Offer
from shop.stock.services import post_movement
from streams.models import Show
from streams.room.protocol import COMMANDS
from streams.room.protocol.commands import HostCommand
from streams.room.protocol.events import RoomSnapshot
from streams.selling.services import start_deal
from streams.shows import services
from streams.video.models import Caption
from tests import cast

pytestmark = pytest.mark.django_db
SLUG = "evening-edit"


def call(
    method: str, path: str, body: Any = None, *, by: User | None = None, ticket: str = ""
) -> tuple[int, Any]:
    """Status and decoded answer of a program with a personal token, or a ticket."""
    headers = {}
    if by is not None:
        headers["Authorization"] = f"Bearer {create_api_token(user=by)}"
    if ticket:
        headers["Authorization"] = f"Bearer ticket.{ticket}"
    answer = Client().generic(
        method,
        f"/api/v1{path}",
        b"" if body is None else __import__("json").dumps(body),
        content_type="application/json",
        headers=headers,
    )
    return answer.status_code, answer.json()


@pytest.fixture
def show() -> Show:
    made = cast.show(cast.hana(), cast.product("bonnet"), cast.product("kettle", stock=0))
    made.moderators.add(cast.omar())
    return made


def test_a_host_plans_a_show_from_nothing() -> None:
    hana = cast.hana()
    bonnet, kettle = cast.product("bonnet"), cast.product("kettle", shades=("Steel", "Brass"))
    status, made = call("POST", "/shows", {"title": "Fresh things"}, by=hana)
    assert (status, made["slug"], made["state"]) == (201, "fresh-things", "draft")
    lines = [
        {"number": 1, "product": bonnet.pk, "show_price": 999},
        {"number": 2, "product": "kettle", "show_price": {"minor": 1100, "currency": "EUR"}},
        {"number": 3, "variant": cast.variant_of(kettle, 1).pk},
        {"number": 4, "variant": "KETTLE-0"},
    ]
    status, planned = call("PUT", "/shows/fresh-things/items", lines, by=hana)
    assert status == 200
    assert [line["number"] for line in planned["items"]] == [1, 2, 3, 4]
    status, again = call("GET", "/shows/fresh-things", by=hana)
    assert (again["items"], again["item_count"]) == (planned["items"], 4)
    assert call("GET", "/shows/fresh-things")[0] == 404
    status, announced = call("PATCH", "/shows/fresh-things", {"state": "scheduled"}, by=hana)
    assert (status, announced["state"]) == (200, "scheduled")
    status, changed = call(
        "PATCH", "/shows/fresh-things", {"scheduled_for": "2090-01-01T18:00:00Z"}, by=hana
    )
    assert changed["scheduled_for"] == 3786976800000
    assert call("GET", "/shows/fresh-things")[0] == 200


def test_wrong_lines_are_named_by_line_and_field(show: Show) -> None:
    lines: list[Any] = [
        {"number": 1, "product": "bonnet"},
        {"number": 2, "product": "nowhere"},
        {"number": 1, "product": "bonnet"},
    ]
    status, answer = call("PUT", f"/shows/{SLUG}/items", lines, by=show.host)
    assert (status, answer["error"]["code"]) == (422, "invalid")
    assert set(answer["error"]["fields"]) == {"1.product", "2.number"}
    lines = [{"number": "seven", "product": "bonnet"}, {"number": 2, "product": "bonnet", "x": 1}]
    status, answer = call("PUT", f"/shows/{SLUG}/items", lines, by=show.host)
    assert status == 422
    assert set(answer["error"]["fields"]) == {"0.number", "1.x"}
    assert show.items.count() == 2


def test_lists_are_by_state(show: Show) -> None:
    hana = show.host
    cast.show(hana, slug="on-air", live=True)
    services.create_show(host=hana, title="Secret")
    for state, slugs in (
        ("live", ["on-air"]),
        ("scheduled", [SLUG]),
        ("ended", []),
        ("draft", []),
        ("", ["on-air", SLUG]),
    ):
        status, answer = call("GET", f"/shows?state={state}")
        assert status == 200
        assert [each["slug"] for each in answer["items"]] == slugs
        assert answer["count"] == len(slugs)
    [secret] = call("GET", "/shows?state=draft", by=hana)[1]["items"]
    assert (secret["slug"], secret["title"], secret["state"]) == ("secret", "Secret", "draft")
    assert call("GET", "/shows?state=gone")[0] == 422


def test_the_state_is_a_room_snapshot_with_its_place_in_the_log(show: Show) -> None:
    services.start(show_slug=SLUG, by=show.host)
    services.pin(show_slug=SLUG, by=show.host, number=1)
    status, state = call("GET", f"/shows/{SLUG}/state")
    assert status == 200
    assert state.pop("epoch")
    assert state.pop("seq") == 0
    RoomSnapshot.model_validate(state)
    assert state["pinned"]["number"] == 1
    assert [line["state"] for line in state["items"]] == ["on_air", "sold_out"]
    assert call("GET", "/shows/no-such/state")[0] == 404


def test_drafts_are_for_those_who_make_them(show: Show) -> None:
    Show.objects.update(state="draft")
    for who, expected in ((None, 404), (cast.mina(), 404), (show.host, 200), (cast.ada(), 200)):
        assert call("GET", f"/shows/{SLUG}/state", by=who)[0] == expected
    assert call("GET", f"/shows/{SLUG}", by=show.moderators.get())[0] == 200
    assert call("PUT", f"/shows/{SLUG}/items", [], by=cast.theo())[0] == 404


def test_a_ticket_is_an_invitation_to_a_draft(show: Show) -> None:
    Show.objects.update(state="draft")
    mina = cast.mina()
    ticket = issue_ticket(user=mina, channel=SLUG)
    assert call("GET", f"/shows/{SLUG}/state", ticket=ticket)[0] == 200
    assert call("GET", f"/shows/{SLUG}", ticket=ticket)[0] == 200
    assert call("GET", f"/shows/{SLUG}", by=mina)[0] == 404
    assert call("PUT", f"/shows/{SLUG}/items", [], ticket=ticket)[0] == 404
    other = issue_ticket(user=mina, channel="another-show")
    assert call("GET", f"/shows/{SLUG}", ticket=other)[0] == 403


def test_what_was_planned_is_read_back_by_those_who_run_the_show_only(show: Show) -> None:
    line = {"number": 7, "product": "bonnet", "show_price": 999, "talking_points": None}
    status, put = call("PUT", f"/shows/{SLUG}/items", [line], by=show.host)
    assert status == 200
    assert put["items"][0]["show_price"] == {"minor": 999, "currency": "EUR"}
    assert (put["items"][0]["talking_points"], put["items"][0]["planned_seconds"]) == ("", 180)
    assert call("GET", f"/shows/{SLUG}", by=cast.ada())[1]["items"] == put["items"]
    for who in (None, cast.mina(), show.moderators.get()):
        assert "show_price" not in call("GET", f"/shows/{SLUG}", by=who)[1]["items"][0]


def test_a_host_says_who_tends_the_chat(show: Show) -> None:
    cast.theo()
    body = {"title": "Two of us", "moderators": ["omar", "theo"]}
    status, made = call("POST", "/shows", body, by=show.host)
    assert (status, made["moderators"]) == (201, ["omar", "theo"])
    path = f"/shows/{made['slug']}"
    status, left = call("PATCH", path, {"moderators": ["theo"]}, by=show.host)
    assert (status, left["moderators"]) == (200, ["theo"])
    status, answer = call("PATCH", path, {"moderators": ["nobody"]}, by=show.host)
    assert (status, set(answer["error"]["fields"])) == (422, {"moderators"})
    assert call("PATCH", path, {"moderators": []}, by=cast.mina())[0] in {403, 404}
    assert [one.username for one in Show.objects.get(slug=made["slug"]).moderators.all()] == [
        "theo"
    ]
    body = {"title": "Nobody of us", "moderators": ["nobody"]}
    assert call("POST", "/shows", body, by=show.host)[0] == 422
    assert not Show.objects.filter(title="Nobody of us").exists()


def test_a_show_in_a_break_is_listed_as_live_and_as_paused(show: Show) -> None:
    services.start(show_slug=SLUG, by=show.host)
    assert call("GET", "/shows?state=paused")[1] == {"items": [], "count": 0}
    services.pause(show_slug=SLUG, by=show.host)
    for state in ("live", "paused"):
        assert [one["state"] for one in call("GET", f"/shows?state={state}")[1]["items"]] == [
            "paused"
        ]


def test_a_page_gets_a_ticket_for_minutes(show: Show) -> None:
    mina = cast.mina()
    status, answer = call("POST", f"/shows/{SLUG}/ticket", by=mina)
    assert (status, answer["expires_in"]) == (200, 600)
    ticket = open_ticket(answer["token"])
    assert (ticket.user, ticket.channel) == (mina, SLUG)
    assert call("POST", f"/shows/{SLUG}/ticket")[0] == 401
    # A ticket does not live on by asking for the next one.
    assert call("POST", f"/shows/{SLUG}/ticket", ticket=answer["token"])[0] == 403


def test_a_ticket_opens_its_own_show_only(show: Show) -> None:
    token = issue_ticket(user=show.host, channel="another-show")
    status, answer = call("POST", f"/shows/{SLUG}/commands", {"type": "show.start"}, ticket=token)
    assert (status, answer["error"]["code"]) == (403, "not_allowed")
    assert Show.objects.get().state == "scheduled"
    token = issue_ticket(user=show.host, channel=SLUG)
    assert call("POST", f"/shows/{SLUG}/commands", {"type": "show.start"}, ticket=token)[0] == 200


# ---- who may command


def data_for(kind: str, show: Show) -> dict[str, Any]:
    """What makes each command sensible in a live show with number 1 on air and a deal running."""
    variant = show.items.get(number=1).product.variants.get()
    deal = Offer.objects.filter(kind="deal", state="running").values_list("pk", flat=True).first()
    other = show.items.get(number=2).product.variants.get()
    return {
        "item.pin": {"number": 2},
        "deal.start": {"variant": other.pk, "price": 100, "units": 1, "seconds": 60},
        "deal.stop": {"deal": deal},
        "chat.send": {"text": "hello"},
        "item.request": {"number": 1},
        "cart.add": {"variant": variant.pk, "key": "5f0c94f4-6f93-4d6c-8e31-0f5be70e0a52"},
        "buy": {
            "variant": variant.pk,
            "seen_price": 1299,
            "key": "5f0c94f4-6f93-4d6c-8e31-0f5be70e0a52",
        },
        "caption.say": {"text": "Good evening"},
        "chat.delete": {"seq": 1},
        "viewer.mute": {"user": 1},
        "viewer.ban": {"user": 1},
    }.get(kind, {})


PEOPLE = {
    "guest": lambda show: None,
    "viewer": lambda show: cast.mina(),
    "moderator": lambda show: show.moderators.get(),
    "another host": lambda show: cast.person("ingrid", is_host=True),
    "host": lambda show: show.host,
    "admin": lambda show: cast.ada(),
}
BEFORE = {"show.start": "scheduled", "show.resume": "paused"}


def what_a_command_changes() -> tuple[int, int, int]:
    running = Offer.objects.filter(state="running").count()
    return Show.objects.get().rev, running, Caption.objects.count()


@pytest.mark.parametrize("kind", COMMANDS)
def test_a_command_is_for_its_role_only(kind: str, show: Show) -> None:
    kettle, bonnet = (show.items.get(number=n).product.variants.get() for n in (2, 1))
    post_movement(variant=kettle, kind="received", quantity=5, reason="a box came", by=None)
    services.start(show_slug=SLUG, by=show.host)
    services.pin(show_slug=SLUG, by=show.host, number=1)
    start_deal(show_slug=SLUG, by=show.host, variant=bonnet.pk, price_minor=5, units=1, seconds=60)
    Show.objects.update(state=BEFORE.get(kind, "live"))
    body = {"type": kind, "data": data_for(kind, show)}
    for_hosts = issubclass(COMMANDS[kind], HostCommand)
    before = what_a_command_changes()
    for who, person in PEOPLE.items():
        nobody_was_here = transaction.savepoint()
        status, answer = call("POST", f"/shows/{SLUG}/commands", body, by=person(show))
        after = what_a_command_changes()
        if for_hosts and who in {"host", "admin"}:
            assert status == 200, (who, answer)
            assert answer["rev"] >= 1
            assert after != before, who
        else:
            expected = 401 if who == "guest" else 403 if for_hosts else 422
            assert status == expected, (who, answer)
            assert after == before, who
        transaction.savepoint_rollback(nobody_was_here)


def test_a_browser_session_needs_the_csrf_token(show: Show) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(show.host)
    answer = client.post(
        f"/api/v1/shows/{SLUG}/commands", {"type": "show.start"}, content_type="application/json"
    )
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "csrf")
    assert Show.objects.get().state == "scheduled"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"type": "item.pin", "data": {}}, "number"),
        ({"type": "item.pin", "data": {"number": "7"}}, "number"),
        ({"type": "show.start", "data": {"now": True}}, "now"),
        ({"type": "item.pin", "data": {"number": 1}, "more": 1}, "more"),
    ],
)
def test_commands_are_closed(body: dict[str, Any], field: str, show: Show) -> None:
    status, answer = call("POST", f"/shows/{SLUG}/commands", body, by=show.host)
    assert status == 422
    assert set(answer["error"]["fields"]) == {field}


def test_refusals_carry_their_code(show: Show) -> None:
    status, answer = call("POST", f"/shows/{SLUG}/commands", {"type": "item.next"}, by=show.host)
    assert (status, answer["error"]["code"]) == (409, "show_not_live")
    status, answer = call("POST", f"/shows/{SLUG}/commands", {"type": "show.pause"}, by=show.host)
    assert (status, answer["error"]["code"]) == (409, "wrong_state")


def test_numbers_are_for_those_who_run_the_show(show: Show) -> None:
    services.start(show_slug=SLUG, by=show.host)
    services.pin(show_slug=SLUG, by=show.host, number=1)
    for who, expected in (
        (None, 401),
        (cast.mina(), 403),
        (show.moderators.get(), 200),
        (show.host, 200),
        (cast.ada(), 200),
    ):
        status, numbers = call("GET", f"/shows/{SLUG}/numbers", by=who)
        assert status == expected
    assert (numbers["orders"], numbers["units"], numbers["gmv"]["minor"]) == (0, 0, 0)
    assert numbers["viewers"] == {"people": 0, "simulated": 0}
    assert numbers["orders_per_minute"] == [0] * 60
    assert [(mark["kind"], mark["number"]) for mark in numbers["markers"]] == [("pin", 1)]
    assert [alarm["number"] for alarm in numbers["stock_alarms"]] == [2]
