"""Many are known by what one of them alone would be known by."""

from __future__ import annotations

import datetime as dt

import pytest
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.test import override_settings
from django.utils import timezone
from pytest_django.fixtures import DjangoAssertNumQueries

from accounts.models import ApiToken, User
from accounts.tickets.auth import Caller
from accounts.tickets.identify import Credentials, Identity, identify_many
from accounts.tickets.services import create_api_token, issue_ticket
from livestore.base.errors import LoginRequired
from tests import cast

pytestmark = pytest.mark.django_db


def session_of(user: User, **other: str) -> Credentials:
    store = SessionStore()
    store[SESSION_KEY] = str(user.pk)
    store[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    store[HASH_SESSION_KEY] = user.get_session_auth_hash()
    for key, value in other.items():
        store[key] = value
    store.save()
    return Credentials(session=store.session_key)


def token_of(user: User) -> Credentials:
    return Credentials(bearer=create_api_token(user=user))


def ticket_of(user: User, channel: str = "evening-edit", seconds: int = 60) -> Credentials:
    return Credentials(bearer="ticket." + issue_ticket(user=user, channel=channel, seconds=seconds))


def names(found: list[Identity]) -> list[str | None]:
    return [each.user.username if isinstance(each, Caller) else each and "login" for each in found]


def test_everybody_is_told_apart(django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    mina, theo, omar = cast.mina(), cast.theo(), cast.omar()
    shown = [
        ticket_of(mina),
        session_of(theo),
        Credentials(),
        token_of(omar),
        Credentials(bearer="unknown"),
        session_of(mina),
        Credentials(session="unknown-session"),
        ticket_of(mina),
        Credentials(bearer="ticket.1~evening-edit~2~y~z"),
    ]
    with django_assert_max_num_queries(4):
        found = identify_many(shown)
    expected = ["mina", "theo", None, "omar", "login", "mina", None, "mina", "login"]
    assert names(found) == expected
    assert isinstance(found[0], Caller)
    assert found[0].channel == "evening-edit"
    assert isinstance(found[8], LoginRequired)


def test_what_ended_is_not_known_any_more() -> None:
    mina, theo = cast.mina(), cast.theo()
    shown = [ticket_of(theo, seconds=-1), token_of(theo), session_of(theo), ticket_of(mina)]
    ApiToken.objects.update(revoked_at=timezone.now())
    Session.objects.update(expire_date=timezone.now() - dt.timedelta(seconds=1))
    assert names(identify_many(shown)) == ["login", "login", None, "mina"]


@pytest.mark.parametrize("change", [{"is_active": False}, {"password": "another"}])
def test_a_closed_account_and_a_new_password_end_tickets_and_sessions(
    change: dict[str, object],
) -> None:
    mina = cast.mina()
    shown = [ticket_of(mina), session_of(mina)]
    assert names(identify_many(shown)) == ["mina", "mina"]
    User.objects.filter(pk=mina.pk).update(**change)
    assert names(identify_many(shown)) == ["login", None]


def test_a_session_of_another_way_to_log_in_is_nobodys() -> None:
    mina = cast.mina()
    other = session_of(mina, **{BACKEND_SESSION_KEY: "some.other.Backend"})
    odd = session_of(mina, **{SESSION_KEY: "x"})
    bare = session_of(mina, **{HASH_SESSION_KEY: ""})
    assert names(identify_many([other, odd, bare, session_of(mina)])) == [None, None, None, "mina"]


def test_a_key_that_postgresql_can_not_read_costs_nobody_else_an_answer() -> None:
    shown = [Credentials(session="a\0bcdefgh"), session_of(cast.mina())]
    assert names(identify_many(shown)) == [None, "mina"]


def test_a_secret_that_is_on_its_way_out_still_opens_its_sessions() -> None:
    with override_settings(SECRET_KEY="the old one, long enough to be a secret key 1234567890"):
        shown = [session_of(cast.mina())]
    assert names(identify_many(shown)) == [None]
    with override_settings(
        SECRET_KEY_FALLBACKS=["the old one, long enough to be a secret key 1234567890"]
    ):
        assert names(identify_many(shown)) == ["mina"]
