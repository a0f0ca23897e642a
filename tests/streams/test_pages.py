"""The room's page and the studio: who sees them, what they begin with, and what a form does."""

from __future__ import annotations

import datetime as dt
import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.http import HttpResponse
from django.test import Client

from accounts.models import User
from accounts.people.acts import SENTENCES
from shop.models import Product
from streams.models import Item, Show
from streams.shows import services
from tests import cast

pytestmark = pytest.mark.django_db


def facts_of(response: HttpResponse) -> dict[str, Any]:
    """The JSON that the page's scripts begin with."""
    found = re.search(
        r'<script id="room-config" type="application/json">(.*?)</script>',
        response.content.decode(),
        re.DOTALL,
    )
    assert found
    facts: dict[str, Any] = json.loads(found[1])
    return facts


def as_(user: User | None) -> Client:
    client = Client()
    if user is not None:
        client.force_login(user)
    return client


@pytest.fixture
def hana() -> User:
    return cast.hana()


@pytest.fixture
def bonnet() -> Product:
    return cast.product("silk-bonnet", shades=("Rosewood", "Fig"))


def test_a_guest_sees_the_room_with_what_is_on_air_before_any_script_runs(
    hana: User, bonnet: Product
) -> None:
    cast.show(hana, bonnet, live=True)
    services.pin(show_slug="evening-edit", by=hana, number=1)
    response = as_(None).get("/shows/evening-edit/")
    assert "Silk bonnet" in response.content.decode()
    facts = facts_of(response)
    assert facts["me"] is None
    assert facts["snapshot"]["pinned"]["variants"][1]["title"] == "Fig"


def test_a_known_viewer_can_buy_before_the_socket_has_spoken(hana: User, bonnet: Product) -> None:
    cast.show(hana, bonnet, live=True)
    facts = facts_of(as_(cast.mina()).get("/shows/evening-edit/"))
    assert facts["me"]["has_address"]
    assert facts["me"]["card_last4"] == "4242"
    assert facts["role"] == "viewer"


def test_a_draft_is_there_for_its_host_only(hana: User) -> None:
    services.create_show(host=hana, title="Not yet", slug="not-yet")
    assert as_(hana).get("/shows/not-yet/").status_code == 200
    assert as_(cast.theo()).get("/shows/not-yet/").status_code == 404
    assert as_(None).get("/shows/not-yet/items/1/").status_code == 404


def test_the_title_of_a_show_can_not_break_out_of_the_page(hana: User) -> None:
    title = "</script><script>alert(1)</script>"
    services.create_show(host=hana, title=title, slug="odd", scheduled_for=None)
    response = as_(hana).get("/shows/odd/")
    assert "<script>alert" not in response.content.decode()
    assert facts_of(response)["snapshot"]["show"]["title"] == title


def test_one_item_is_found_by_its_number_and_by_a_variant(hana: User, bonnet: Product) -> None:
    cast.show(hana, bonnet, live=True)
    fig = cast.variant_of(bonnet, 1)
    by_number = as_(None).get("/shows/evening-edit/items/1/").json()
    by_variant = as_(None).get(f"/shows/evening-edit/items/?variant={fig.pk}").json()
    assert by_number == by_variant
    assert [each["title"] for each in by_number["variants"]] == ["Rosewood", "Fig"]
    for path in ("9/", "?variant=0", "?variant=x", ""):
        assert as_(None).get(f"/shows/evening-edit/items/{path}").status_code == 404


def test_the_studio_is_for_hosts(hana: User, bonnet: Product) -> None:
    cast.show(hana, bonnet)
    for path in ("/studio/", "/studio/new/", "/studio/evening-edit/"):
        assert as_(hana).get(path).status_code == 200
        assert as_(cast_once("theo")).get(path).status_code == 403
        guest = as_(None).get(path)
        assert guest.status_code == 302
        assert guest["Location"].startswith("/login/?next=/studio/")


def test_a_moderator_has_the_console_but_not_the_plan(hana: User, bonnet: Product) -> None:
    show = cast.show(hana, bonnet, live=True)
    omar = cast.omar()
    assert as_(omar).get("/studio/evening-edit/console/").status_code == 403
    services.add_moderator(show=show, by=hana, user=omar)
    page = as_(omar).get("/studio/evening-edit/console/").content.decode()
    assert 'data-role="moderator"' in page
    assert "show-end" not in page
    assert as_(omar).get("/studio/evening-edit/").status_code == 403


def test_another_host_can_not_open_the_console(hana: User, bonnet: Product) -> None:
    cast.show(hana, bonnet, live=True)
    other = cast.person("otto", is_host=True)
    assert as_(other).get("/studio/evening-edit/console/").status_code == 403


def test_a_time_is_meant_in_the_zone_of_the_person_who_types_it(hana: User) -> None:
    form = {
        "title": "Winter light",
        "mood": "#1F3D36",
        "currency": "EUR",
        "scheduled_for": "2031-01-15T19:30",
        "zone": "Europe/Berlin",
    }
    response = as_(hana).post("/studio/new/", form)
    show = Show.objects.get(title="Winter light")
    assert response["Location"] == f"/studio/{show.slug}/"
    assert show.scheduled_for == dt.datetime(2031, 1, 15, 18, 30, tzinfo=dt.UTC)
    assert show.state == Show.State.SCHEDULED


def test_what_was_typed_is_kept_when_a_form_is_refused(hana: User) -> None:
    response = as_(hana).post(
        "/studio/new/", {"title": "", "description": "About reds", "currency": "EUR", "mood": "x"}
    )
    page = response.content.decode()
    assert response.status_code == 422
    assert "Please give the show a title." in page
    assert "About reds" in page
    assert not Show.objects.exists()


def test_a_host_names_moderators_where_the_show_is_planned(hana: User, bonnet: Product) -> None:
    omar, show = cast.omar(), cast.show(hana, bonnet)
    form = {"title": show.title, "currency": "EUR", "mood": show.mood}
    assert as_(hana).post("/studio/evening-edit/", form | {"moderators": "omar"}).status_code == 302
    assert list(show.moderators.all()) == [omar]
    assert 'value="omar"' in as_(hana).get("/studio/evening-edit/").content.decode()

    wrong = form | {"title": "Another title", "moderators": "omar, nobody"}
    response = as_(hana).post("/studio/evening-edit/", wrong)
    assert response.status_code == 422
    assert "There is nobody named nobody." in response.content.decode()
    show.refresh_from_db()
    assert show.title == "The evening edit", "all of the form is saved, or nothing"
    assert list(show.moderators.all()) == [omar]


def test_a_new_show_with_an_unknown_moderator_is_not_made(hana: User) -> None:
    form = {"title": "About reds", "currency": "EUR", "mood": "#3A2A22", "moderators": "nobody"}
    assert as_(hana).post("/studio/new/", form).status_code == 422
    assert not Show.objects.exists()


def test_the_plan_page_carries_what_only_the_host_knows(hana: User, bonnet: Product) -> None:
    show = cast.show(hana, bonnet)
    Item.objects.filter(show=show).update(talking_points="Ask who sleeps on cotton.")
    assert "Ask who sleeps on cotton." in as_(hana).get("/studio/evening-edit/").content.decode()
    assert "cotton" not in as_(None).get("/shows/evening-edit/").content.decode()


def cast_once(username: str) -> User:
    """Somebody of the cast, made at the first time."""
    return User.objects.filter(username=username).first() or cast.theo()


def test_every_act_of_a_guest_in_the_room_has_a_sentence_of_its_own_at_the_login() -> None:
    scripts = Path(str(finders.find("streams/room.js"))).parent.glob("*.js")
    acts = {
        act for script in scripts for act in re.findall(r"known\([\"`](\w+)", script.read_text())
    }
    assert {"buy", "cart", "chat", "follow", "ask", "like"} <= acts
    assert sorted(acts - set(SENTENCES)) == []


def test_what_is_on_air_comes_before_the_chat_for_those_who_walk_with_the_tab_key(
    hana: User, bonnet: Product
) -> None:
    cast.show(hana, bonnet, live=True)
    services.pin(show_slug="evening-edit", by=hana, number=1)
    page = as_(None).get("/shows/evening-edit/").content.decode()
    assert page.index('id="pinned"') < page.index('id="chat"') < page.index('id="chat-input"')
