"""The studio's side of the picture over HTTP."""

from __future__ import annotations

from typing import Any

import pytest
import redis
from django.conf import settings as django_settings
from django.db import transaction

from streams.models import Show
from streams.shows import services
from streams.video import keys
from streams.video.models import Picture
from streams.video.path.feed import connect
from streams.video.path.lease import Lease
from streams.video.path.store import Writer
from streams.video.rtmp import telling
from tests import cast
from tests.streams.shows.test_api import SLUG, call

pytestmark = pytest.mark.django_db
PICTURE = f"/shows/{SLUG}/picture"
WRITES: list[tuple[str, str, Any]] = [
    ("POST", f"{PICTURE}/source", {"source": "rtmp"}),
    ("POST", f"{PICTURE}/key", None),
    ("DELETE", f"{PICTURE}/key", None),
    ("PUT", f"{PICTURE}/embeds", {"origins": ["https://shop.example"]}),
    ("PUT", f"{PICTURE}/captions", {"from_notes": True}),
]


@pytest.fixture
def show() -> Show:
    made = cast.show(cast.hana(), cast.product("bonnet"))
    made.moderators.add(cast.omar())
    return made


def test_a_show_without_a_picture_says_so(show: Show) -> None:
    assert call("GET", PICTURE, by=show.host) == (
        200,
        {
            "source": "",
            "sending": None,
            "key": None,
            "rtmp": None,
            "sender": None,
            "embed_origins": [],
            "captions_from_notes": False,
        },
    )


@pytest.mark.parametrize(("method", "path", "body"), [("GET", PICTURE, None), *WRITES])
def test_the_picture_is_the_hosts_and_admins_alone(
    show: Show, method: str, path: str, body: Any
) -> None:
    kim = cast.person("kim", is_host=True)
    assert call(method, path, body)[0] == 401
    for stranger in (cast.mina(), show.moderators.get(), kim):
        status, answer = call(method, path, body, by=stranger)
        assert (status, answer["error"]["code"]) == (403, "not_allowed")
    assert not Picture.objects.exists()
    assert call(method, path, body, by=show.host)[0] in {200, 201}
    assert call(method, path, body, by=cast.ada())[0] in {200, 201}


@pytest.mark.parametrize(("method", "path", "body"), [("GET", PICTURE, None), *WRITES])
def test_of_a_draft_others_learn_nothing(show: Show, method: str, path: str, body: Any) -> None:
    draft = services.create_show(host=show.host, title="Secret")
    there = path.replace(SLUG, draft.slug)
    status, answer = call(method, there, body, by=cast.mina())
    assert (status, answer["error"]["code"]) == (404, "no_such_show")
    assert call(method, path.replace(SLUG, "nowhere"), body, by=show.host)[0] == 404


@pytest.mark.parametrize(("method", "path", "body"), [each for each in WRITES if each[2]])
def test_a_closed_body_has_no_other_field(show: Show, method: str, path: str, body: Any) -> None:
    assert call(method, path, {**body, "more": 1}, by=show.host)[0] == 422
    assert call(method, path, {}, by=show.host)[0] == 422


def test_the_source_is_chosen_and_taken_away(show: Show) -> None:
    for source in ("simulated", "browser", "rtmp", ""):
        status, answer = call("POST", f"{PICTURE}/source", {"source": source}, by=show.host)
        assert (status, answer["source"]) == (200, source)
    assert call("POST", f"{PICTURE}/source", {"source": "vhs"}, by=show.host)[0] == 422
    assert call("GET", PICTURE, by=show.host)[1]["source"] == ""


def test_a_key_is_shown_once_and_kept_as_a_digest(show: Show, settings: Any) -> None:
    settings.RTMP_PORT = 1935
    status, made = call("POST", f"{PICTURE}/key", by=show.host)
    assert (status, made["url"]) == (201, "rtmp://testserver:1935/live")
    assert keys.show_by_key(made["key"]) == SLUG
    status, answer = call("GET", PICTURE, by=show.host)
    assert answer["key"] == {"made_at": made["made_at"]}
    assert made["key"] not in str(answer)
    picture = Picture.objects.get()
    assert made["key"] not in str(vars(picture))
    assert len(picture.key_digest) == 64


def test_a_new_key_ends_the_old_one_and_revoking_ends_both(show: Show) -> None:
    old = call("POST", f"{PICTURE}/key", by=show.host)[1]["key"]
    new = call("POST", f"{PICTURE}/key", by=show.host)[1]["key"]
    assert old != new
    assert (keys.show_by_key(old), keys.show_by_key(new)) == (None, SLUG)
    status, answer = call("DELETE", f"{PICTURE}/key", by=show.host)
    assert (status, answer["key"]) == (200, None)
    assert keys.show_by_key(new) is None
    assert call("DELETE", f"{PICTURE}/key", by=show.host)[0] == 200


def test_no_key_is_the_empty_one(show: Show) -> None:
    Picture.objects.create(show=show)
    assert keys.show_by_key("") is None
    assert keys.show_by_key("x" * 10_000) is None


def test_a_ticket_of_the_room_makes_no_key(show: Show) -> None:
    from accounts.tickets.services import issue_ticket

    ticket = issue_ticket(user=show.host, channel=SLUG)
    assert call("POST", f"{PICTURE}/key", ticket=ticket)[0] == 403
    assert call("DELETE", f"{PICTURE}/key", ticket=ticket)[0] == 403
    assert call("GET", PICTURE, ticket=ticket)[0] == 200


def test_two_keys_made_at_once_leave_one_that_works(show: Show) -> None:
    with transaction.atomic():
        first = keys.make_key(show_slug=SLUG, by=show.host)
        second = keys.make_key(show_slug=SLUG, by=show.host)
    assert [keys.show_by_key(each) for each in (first, second)] == [None, SLUG]


def test_what_sends_now_is_told_with_who_holds_the_show(show: Show) -> None:
    client = connect(django_settings.VIDEO_REDIS_URL)
    Writer(client, SLUG).tell({"source": "rtmp", "take": 3, "parts": 7})
    assert call("GET", PICTURE, by=show.host)[1]["sending"] is None, "nobody holds the show"
    assert Lease(client, SLUG, "rtmp:1").take()
    telling.tell(client, SLUG, "sending", "On air.")
    answer = call("GET", PICTURE, by=show.host)[1]
    client.close()
    assert answer["sending"].items() >= {"take": 3, "parts": 7, "held_by": "rtmp"}.items()
    assert answer["sender"].items() >= {"state": "sending", "message": "On air."}.items()


def test_when_valkey_is_away_the_rest_is_still_told(show: Show, settings: Any) -> None:
    settings.VIDEO_REDIS_URL = "unix:///nowhere/valkey.sock"
    with pytest.raises(redis.RedisError):
        connect(settings.VIDEO_REDIS_URL).ping()
    status, answer = call("GET", PICTURE, by=show.host)
    assert (status, answer["sending"], answer["sender"]) == (200, None, None)


def test_the_server_for_obs_is_where_the_page_came_from(show: Show, settings: Any) -> None:
    from django.test import RequestFactory

    from streams.video.api import _server

    settings.RTMP_PORT, settings.ALLOWED_HOSTS = 1936, ["*"]
    for host, url in (
        ("shop.example", "rtmp://shop.example:1936/live"),
        ("10.0.0.1:8000", "rtmp://10.0.0.1:1936/live"),
        ("[::1]:8000", "rtmp://[::1]:1936/live"),
    ):
        assert _server(RequestFactory().get("/", headers={"host": host})) == {"url": url}


def test_embeds_and_captions_are_kept(show: Show) -> None:
    sites = {"origins": ["https://shop.example"]}
    assert call("PUT", f"{PICTURE}/embeds", sites, by=show.host)[1]["embed_origins"] == [
        "https://shop.example"
    ]
    wrong = {"origins": ["shop example"]}
    assert call("PUT", f"{PICTURE}/embeds", wrong, by=show.host)[0] == 422
    answer = call("PUT", f"{PICTURE}/captions", {"from_notes": True}, by=show.host)[1]
    assert (answer["captions_from_notes"], len(answer["embed_origins"])) == (True, 1)
