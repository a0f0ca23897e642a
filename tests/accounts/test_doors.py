"""The pages of login, sign-up, account and following, as a browser uses them."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest
import redis
from django.conf import settings
from django.test import Client, override_settings

from accounts.models import Card, Follow, User
from accounts.people import throttle
from livestore.base.outbox import OutboxRow
from tests import cast

pytestmark = pytest.mark.django_db
ACT = "/shows/evening-edit/?act=buy:12:1"


def log_in(client: Client, username: str, password: str = "demo", **more: str) -> Any:
    return client.post("/login/", {"username": username, "password": password, **more})


def test_an_act_survives_login() -> None:
    cast.mina()
    client = Client()
    page = client.get(f"/login/?next={quote(ACT)}")
    assert "Log in to buy" in page.text
    answer = log_in(client, "mina", next=ACT)
    assert (answer.status_code, answer.headers["Location"]) == (302, ACT)


def test_an_act_survives_a_wrong_password_and_the_detour_to_sign_up() -> None:
    cast.mina()
    client = Client()
    wrong = log_in(client, "mina", "nonsense", next=ACT)
    assert f'name="next" value="{ACT}"' in wrong.text
    detour = f"/signup/?next={quote(ACT, safe='')}"
    assert detour.replace("&", "&amp;") in wrong.text.replace("%2F", "%2F")
    joined = client.post(
        detour,
        {"display_name": "Nora", "username": "nora", "password": "silk-and-kettle", "next": ACT},
    )
    assert (joined.status_code, joined.headers["Location"]) == (302, ACT)
    assert client.get("/account/").status_code == 200


@pytest.mark.parametrize("page", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_nobody_is_led_away_after_login(page: str) -> None:
    cast.mina()
    client = Client()
    assert log_in(client, "mina", next=page).headers["Location"] == "/"
    form = {"display_name": "N", "username": "nora", "password": "silk-and-kettle", "next": page}
    assert Client().post("/signup/", form).headers["Location"] == "/"


def test_a_sign_up_keeps_what_was_typed_and_says_what_is_wrong() -> None:
    cast.mina()
    page = Client().post(
        "/signup/", {"display_name": "Nora W.", "username": "mina", "password": "12345"}
    )
    assert page.status_code == 422
    assert 'value="Nora W."' in page.text
    assert "Somebody already uses this name" in page.text
    assert "too short" in page.text
    assert User.objects.count() == 1


def test_after_ten_failures_a_name_rests_for_this_address_only() -> None:
    cast.mina()
    client = Client()
    for _ in range(throttle.TRIES):
        assert "do not fit together" in log_in(client, "mina", "nonsense").text
    assert "wait five minutes" in log_in(client, "mina").text
    assert "_auth_user_id" not in client.session
    elsewhere = Client(REMOTE_ADDR="203.0.113.9")
    assert log_in(elsewhere, "mina").status_code == 302
    cast.theo()
    assert log_in(client, "theo").status_code == 302
    with redis.Redis.from_url(settings.REDIS_URL) as valkey:
        (key,) = valkey.keys("cache*login:*")
        assert 0 < valkey.ttl(key) <= throttle.SECONDS


def test_a_login_that_works_clears_the_count() -> None:
    cast.mina()
    client = Client()
    for _ in range(throttle.TRIES - 1):
        log_in(client, "mina", "nonsense")
    assert log_in(client, "mina").status_code == 302
    client.post("/logout/")
    assert "do not fit together" in log_in(client, "mina", "nonsense").text


@override_settings(TRUSTED_PROXIES=1)
def test_behind_a_proxy_the_forwarded_address_counts_and_cannot_be_made_up() -> None:
    cast.mina()
    client = Client()
    for number in range(throttle.TRIES):
        forged = {"x-forwarded-for": f"198.51.100.{number}, 203.0.113.9"}
        form = {"username": "mina", "password": "nonsense"}
        client.post("/login/", form, headers=forged)
    blocked = client.post(
        "/login/",
        {"username": "mina", "password": "demo"},
        headers={"x-forwarded-for": "203.0.113.9"},
    )
    assert "wait five minutes" in blocked.text


def test_logging_out_ends_the_session_and_tells_the_rooms() -> None:
    mina = cast.mina()
    client = Client()
    client.force_login(mina)
    assert client.get("/logout/").status_code == 405
    assert client.post("/logout/").headers["Location"] == "/"
    assert client.get("/account/").status_code == 302
    assert OutboxRow.objects.get().kind == "accounts.signed_out"


def test_a_new_password_keeps_this_session_and_ends_the_others() -> None:
    cast.mina()
    here, there = Client(), Client()
    for client in (here, there):
        log_in(client, "mina")
    form = {
        "part": "password",
        "old_password": "demo",
        "new_password1": "silk-and-kettle",
        "new_password2": "silk-and-kettle",
    }
    assert here.post("/account/", form).status_code == 302
    assert here.get("/account/").status_code == 200
    assert there.get("/account/").status_code == 302
    assert OutboxRow.objects.get().kind == "accounts.signed_out"


def test_the_account_saves_each_part_by_itself() -> None:
    mina = cast.person("mina")
    client = Client()
    client.force_login(mina)
    wrong = client.post("/account/", {"part": "address", "address-city": "Berlin"})
    assert wrong.status_code == 422
    assert 'value="Berlin"' in wrong.text
    assert "the parcel needs it" in wrong.text
    form = {
        "part": "address",
        "address-full_name": "Mina C.",
        "address-line1": "Lindenstraße 7",
        "address-postal_code": "10969",
        "address-city": "Berlin",
        "address-country": "DE",
    }
    assert client.post("/account/", form).status_code == 302
    assert client.post("/account/", {"part": "card", "card-number": cast.PAYS}).status_code == 302
    assert client.post("/account/", {"part": "name", "display_name": "Mina C."}).status_code == 302
    mina = User.objects.get()
    assert (mina.name, mina.address.city, Card.objects.get().last4) == ("Mina C.", "Berlin", "4242")
    assert (
        client.post("/account/", {"part": "card", "card-number": "4111111111111111"}).status_code
        == 422
    )


def test_a_guest_who_follows_comes_back_with_the_act_in_hand() -> None:
    cast.hana()
    cast.mina()
    client = Client()
    asked = client.post("/follow/hana/", {"next": "/shows/evening-edit/"})
    here = parse_qs(urlsplit(asked.headers["Location"]).query)["next"][0]
    assert log_in(client, "mina", next=here).headers["Location"] == here
    assert "Follow Hana?" in client.get(here).text
    assert not Follow.objects.exists()
    done = client.post("/follow/hana/", {"next": "/shows/evening-edit/"})
    assert done.headers["Location"] == "/shows/evening-edit/"
    assert Follow.objects.count() == 1
    client.post("/follow/hana/", {"act": "stop"})
    assert not Follow.objects.exists()


def test_demo_logins_are_offered_in_the_demo_only() -> None:
    assert "People of this demo" in Client().get("/login/").text
    with override_settings(DEMO=False):
        assert "People of this demo" not in Client().get("/login/").text
