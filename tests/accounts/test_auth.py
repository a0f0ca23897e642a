"""Who the API takes a caller for. The routes are tiny ones of this test, so that only the door is tested."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import HttpRequest
from django.test import Client, override_settings
from django.urls import path
from ninja import NinjaAPI

from accounts.tickets.auth import caller_of, login_required_auth, optional_auth, user_of
from accounts.tickets.services import create_api_token, issue_ticket
from livestore.base.errors import Refusal
from tests import cast

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.accounts.test_auth")]

api = NinjaAPI(urls_namespace="doors")


@api.exception_handler(Refusal)
def refused(request: HttpRequest, refusal: Refusal) -> Any:
    return api.create_response(request, refusal.as_json(), status=refusal.status)


@api.post("/act", auth=login_required_auth)
def act(request: HttpRequest) -> dict[str, Any]:
    return {"user": caller_of(request).user.username}


@api.post("/async-act", auth=login_required_auth)
async def async_act(request: HttpRequest) -> dict[str, Any]:
    return {"user": caller_of(request).user.username}


@api.get("/shows/{slug}/act", auth=login_required_auth)
def act_in(request: HttpRequest, slug: str) -> dict[str, Any]:
    return {"user": caller_of(request).user.username}


@api.get("/order", auth=login_required_auth)
def order(request: HttpRequest, channel: str = "") -> dict[str, Any]:
    return {"channel": caller_of(request).in_channel(channel)}


@api.get("/account", auth=login_required_auth)
def account(request: HttpRequest) -> dict[str, Any]:
    return {"user": caller_of(request).in_person().username}


@api.get("/look", auth=optional_auth)
def look(request: HttpRequest) -> dict[str, Any]:
    user = user_of(request)
    return {"user": user.username if user else None}


urlpatterns = [path("", api.urls)]


@pytest.fixture
def ticket() -> str:
    return issue_ticket(user=cast.mina(), channel="evening-edit")


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


@pytest.mark.parametrize("address", ["/act", "/async-act"])
def test_a_ticket_and_a_token_act_without_a_csrf_token(address: str, ticket: str) -> None:
    client = Client(enforce_csrf_checks=True)
    assert client.post(address, headers=bearer(f"ticket.{ticket}")).json() == {"user": "mina"}
    token = create_api_token(user=cast.theo())
    assert client.post(address, headers=bearer(token)).json() == {"user": "theo"}


def test_a_session_needs_its_csrf_token_to_act() -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.mina())
    answer = client.post("/act")
    assert (answer.status_code, answer.json()["code"]) == (403, "csrf")
    client.cookies["csrftoken"] = "a" * 32
    assert client.post("/act", headers={"X-CSRFToken": "a" * 32}).json() == {"user": "mina"}


def test_a_guest_looks_but_does_not_act() -> None:
    assert Client().get("/look").json() == {"user": None}
    assert Client().post("/act").status_code == 401


@pytest.mark.parametrize(
    "header", ["Bearer nonsense", "Bearer ticket.1~x~2~y~z", "Basic abc", "Bearer "]
)
def test_a_bad_header_is_refused_even_where_guests_may_look(header: str) -> None:
    answer = Client().get("/look", headers={"authorization": header})
    assert (answer.status_code, answer.json()["code"]) == (401, "login_required")


def test_a_ticket_of_another_show_is_not_allowed(ticket: str) -> None:
    headers = bearer(f"ticket.{ticket}")
    assert Client().get("/shows/evening-edit/act", headers=headers).status_code == 200
    answer = Client().get("/shows/morning-edit/act", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")
    assert Client().get("/order?channel=morning-edit", headers=headers).status_code == 403


def test_an_act_with_a_ticket_belongs_to_its_show(ticket: str) -> None:
    headers = bearer(f"ticket.{ticket}")
    assert Client().get("/order", headers=headers).json() == {"channel": "evening-edit"}


def test_a_ticket_does_not_open_the_account(ticket: str) -> None:
    answer = Client().get("/account", headers=bearer(f"ticket.{ticket}"))
    assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")


@override_settings(SECRET_KEY="another secret that this ticket was not signed with")
def test_a_ticket_signed_with_another_secret_is_refused() -> None:
    with override_settings(SECRET_KEY="x" * 50):
        foreign = issue_ticket(user=cast.mina(), channel="evening-edit")
    assert Client().post("/act", headers=bearer(f"ticket.{foreign}")).status_code == 401
