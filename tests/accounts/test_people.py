"""Joining, address, card, follows, passwords: the services and the API over them."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accounts.models import Address, Card, Follow, User
from accounts.people import selectors, services
from accounts.people.cards import TEST_CARDS
from accounts.tickets.services import create_api_token
from livestore.base.errors import Invalid, NotAllowed, NotFound, Refusal
from livestore.base.outbox import OutboxRow
from tests import cast

pytestmark = pytest.mark.django_db
ADDRESS = {
    "full_name": "Mina Castellanos",
    "line1": "Lindenstraße 7",
    "postal_code": "10969",
    "city": "Berlin",
}


def fields_of(refusal: Refusal) -> set[str]:
    return set(refusal.fields or {})


def test_somebody_joins_and_can_log_in() -> None:
    user = services.sign_up(username="mina", password="silk-and-kettle", display_name="Mina")
    assert (user.name, user.is_host, user.is_staff, user.is_simulated) == (
        "Mina",
        False,
        False,
        False,
    )
    assert Client().login(username="mina", password="silk-and-kettle")


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"username": "MINA"}, "username"),
        ({"username": "two words"}, "username"),
        ({"username": "nul\0"}, "username"),
        ({"password": "12345678"}, "password"),
        ({"password": "new-person"}, "password"),
        ({"display_name": "x" * 61}, "display_name"),
        ({"display_name": "a\0b"}, "display_name"),
        ({"email": "nowhere"}, "email"),
    ],
)
def test_joining_names_the_field_that_is_wrong(values: dict[str, str], field: str) -> None:
    cast.mina()
    good = {"username": "new-person", "password": "silk-and-kettle"}
    with pytest.raises(Invalid) as caught:
        services.sign_up(**(good | values))
    assert fields_of(caught.value) == {field}
    assert User.objects.count() == 1


def test_a_person_has_one_address_and_one_card() -> None:
    mina = cast.person("mina")
    assert not selectors.payable(mina)
    for city in ("Berlin", "Köln"):
        services.save_address(user=mina, fields=ADDRESS | {"city": city})
    services.save_card(user=mina, number="4242 4242 4242 4242")
    services.save_card(user=mina, number=TEST_CARDS[1].number, expires="01/40")
    assert Address.objects.get().city == "Köln"
    assert Card.objects.get().number == TEST_CARDS[1].number
    assert (mina.address.city, mina.card.last4) == ("Köln", "0002")
    assert selectors.payable(mina)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"city": " "}, "city"),
        ({"country": "Germany"}, "country"),
        ({"line1": "x" * 121}, "line1"),
        ({"full_name": "Mina\nCastellanos"}, "full_name"),
        ({"postal_code": "1\0"}, "postal_code"),
        ({"planet": "Earth"}, "planet"),
    ],
)
def test_an_address_that_can_not_be_printed_is_refused(changes: dict[str, str], field: str) -> None:
    with pytest.raises(Invalid) as caught:
        services.save_address(user=cast.person("mina"), fields=ADDRESS | changes)
    assert fields_of(caught.value) == {field}


@pytest.mark.parametrize(
    ("number", "expires", "field"),
    [
        ("4111111111111111", "12/39", "number"),
        ("", "12/39", "number"),
        (cast.PAYS, "13/39", "expires"),
        (cast.PAYS, "01/20", "expires"),
    ],
)
def test_only_test_cards_are_taken(number: str, expires: str, field: str) -> None:
    with pytest.raises(Invalid) as caught:
        services.save_card(user=cast.person("mina"), number=number, expires=expires)
    assert fields_of(caught.value) == {field}
    assert not Card.objects.exists()


def test_following_a_host_counts_once() -> None:
    mina, hana = cast.mina(), cast.hana()
    for _ in range(2):
        services.follow(follower=mina, host=hana)
    assert selectors.followers_count(hana) == 1
    assert list(selectors.followed_hosts(mina)) == [hana]
    services.unfollow(follower=mina, host=hana)
    services.unfollow(follower=mina, host=hana)
    assert not Follow.objects.exists()


def test_one_follows_hosts_and_not_oneself() -> None:
    mina, hana = cast.mina(), cast.hana()
    with pytest.raises(NotFound):
        services.follow(follower=hana, host=mina)
    with pytest.raises(NotAllowed):
        services.follow(follower=hana, host=hana)


def test_a_new_password_and_a_closed_account_close_the_sockets() -> None:
    mina = cast.mina()
    services.change_password(user=mina, password="silk-and-kettle")
    services.sign_out(user=mina)
    services.deactivate(user=mina)
    told = OutboxRow.objects.order_by("id").values_list("kind", "person", "data")
    assert list(told) == [("accounts.signed_out", mina.pk, {"user": mina.pk})] * 3


def test_a_weak_password_changes_nothing() -> None:
    mina = cast.mina()
    with pytest.raises(Invalid):
        services.change_password(user=mina, password="demo")
    assert not OutboxRow.objects.exists()
    assert Client().login(username="mina", password="demo")


def api(client: Client, method: str, path: str, token: str, body: Any = None) -> Any:
    send = getattr(client, method)
    keywords = {} if body is None else {"data": body, "content_type": "application/json"}
    return send(f"/api/v1{path}", headers={"authorization": f"Bearer {token}"}, **keywords)


def test_a_program_reads_and_completes_its_person() -> None:
    cast.hana()
    client, token = Client(), create_api_token(user=cast.person("mina"))
    me = api(client, "get", "/me", token).json()
    assert (me["username"], me["can_buy"], me["address"], me["card"]) == ("mina", False, None, None)
    assert api(client, "put", "/me/address", token, ADDRESS).status_code == 200
    me = api(client, "put", "/me/card", token, {"number": cast.PAYS}).json()
    assert me["can_buy"]
    assert me["card"] == {"last4": "4242", "expires": "12/39"}
    hosts = api(client, "put", "/follows/hana", token).json()
    assert hosts == {"items": [{"username": "hana", "name": "Hana", "followers": 1}], "count": 1}
    assert api(client, "delete", "/follows/hana", token).json()["count"] == 0


def test_the_api_says_which_field_is_wrong_and_who_is_missing() -> None:
    client, token = Client(), create_api_token(user=cast.person("mina"))
    answer = api(client, "put", "/me/card", token, {"number": "4111111111111111"})
    assert answer.status_code == 422
    assert set(answer.json()["error"]["fields"]) == {"number"}
    assert api(client, "put", "/follows/nobody", token).status_code == 404
    assert client.get("/api/v1/me").json()["error"]["code"] == "login_required"
