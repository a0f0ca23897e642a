"""Tickets and API tokens: who they open for, and when they stop."""

from __future__ import annotations

import re
import time
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client, override_settings

from accounts.models import ApiToken, Card, User
from accounts.people.selectors import payable
from accounts.people.services import change_password, deactivate
from accounts.tickets.services import (
    create_api_token,
    issue_many,
    issue_ticket,
    read_api_token,
    read_ticket,
)
from livestore.base.errors import LoginRequired, NotAllowed
from tests import cast

pytestmark = pytest.mark.django_db
SHOW = "evening-edit"


def test_a_ticket_opens_its_show_again_and_again() -> None:
    mina = cast.mina()
    ticket = issue_ticket(user=mina, channel=SHOW)
    assert [read_ticket(ticket, channel=SHOW).pk for _ in range(3)] == [mina.pk] * 3


def test_a_ticket_is_made_of_letters_that_fit_a_subprotocol() -> None:
    ticket = issue_ticket(user=cast.mina(), channel="a-show_with.all~".rstrip("~"))
    assert re.fullmatch(r"[A-Za-z0-9._~-]+", ticket)


def test_a_ticket_does_not_open_another_show() -> None:
    ticket = issue_ticket(user=cast.mina(), channel=SHOW)
    with pytest.raises(LoginRequired):
        read_ticket(ticket, channel="morning-edit")


@pytest.mark.parametrize("place", range(5))
def test_a_ticket_changed_in_any_part_is_refused_without_a_query(
    place: int, django_assert_num_queries: object
) -> None:
    parts = issue_ticket(user=cast.mina(), channel=SHOW).split("~")
    parts[place] = ("1" if parts[place][0] != "1" else "2") + parts[place][1:]
    with django_assert_num_queries(0), pytest.raises(LoginRequired):  # type: ignore[operator]
        read_ticket("~".join(parts), channel=SHOW)


@pytest.mark.parametrize("nonsense", ["", "~", "a~b~c~d~e", "1~x", "é~~~~", "0" * 5000])
def test_nonsense_is_refused_like_a_bad_ticket(nonsense: str) -> None:
    with pytest.raises(LoginRequired):
        read_ticket(nonsense, channel=SHOW)


def test_a_ticket_expires() -> None:
    ticket = issue_ticket(user=cast.mina(), channel=SHOW, seconds=0)
    with pytest.raises(LoginRequired):
        read_ticket(ticket, channel=SHOW)


def test_a_new_password_ends_the_tickets_of_before() -> None:
    mina = cast.mina()
    ticket = issue_ticket(user=mina, channel=SHOW)
    change_password(user=mina, password="a-much-longer-one")
    with pytest.raises(LoginRequired):
        read_ticket(ticket, channel=SHOW)
    assert read_ticket(issue_ticket(user=mina, channel=SHOW), channel=SHOW).pk == mina.pk


def test_a_deactivated_person_has_no_ticket_and_no_token() -> None:
    mina = cast.mina()
    ticket, token = issue_ticket(user=mina, channel=SHOW), create_api_token(user=mina)
    deactivate(user=mina)
    with pytest.raises(LoginRequired):
        read_ticket(ticket, channel=SHOW)
    with pytest.raises(LoginRequired):
        read_api_token(token)


def test_simulated_buyers_can_pay_and_are_marked() -> None:
    tickets = list(issue_many(channel=SHOW, count=1203))
    assert len(set(tickets)) == 1203
    people = User.objects.filter(is_simulated=True)
    assert people.count() == 1203
    last = read_ticket(tickets[-1], channel=SHOW)
    assert last.is_simulated
    assert payable(last)
    assert set(Card.objects.values_list("number", flat=True)) == {cast.PAYS}
    assert not Client().login(username=last.username, password="demo")


def test_fifteen_thousand_tickets_take_seconds() -> None:
    began = time.process_time()  # our own work; what else the machine does is not measured
    assert sum(1 for _ in issue_many(channel=SHOW, count=15_000)) == 15_000
    assert time.process_time() - began < 15


def test_the_command_prints_one_ticket_a_line() -> None:
    cast.show(cast.hana())
    out = StringIO()
    call_command("tickets", "--show", SHOW, "--count", "3", stdout=out)
    lines = out.getvalue().splitlines()
    assert len(lines) == 3
    assert all(read_ticket(line, channel=SHOW).is_simulated for line in lines)


def test_the_command_names_a_show_that_does_not_exist() -> None:
    with pytest.raises(CommandError, match="no show named nowhere"):
        call_command("tickets", "--show", "nowhere")
    assert not User.objects.exists()


@override_settings(DEMO=False)
def test_outside_the_demo_no_simulated_buyer_is_made() -> None:
    cast.show(cast.hana())
    with pytest.raises(CommandError, match="only made in the demo"):
        call_command("tickets", "--show", SHOW, "--count", "3")
    with pytest.raises(NotAllowed):
        issue_many(channel=SHOW, count=3)
    assert not User.objects.filter(is_simulated=True).exists()


def test_an_api_token_is_kept_only_as_a_digest_and_can_be_revoked() -> None:
    mina = cast.mina()
    out = StringIO()
    call_command("api_token", "mina", stdout=out)
    token = out.getvalue().strip()
    assert read_api_token(token) == mina
    kept = ApiToken.objects.get()
    assert token not in kept.digest
    ApiToken.objects.update(revoked_at=kept.created_at)
    with pytest.raises(LoginRequired):
        read_api_token(token)


def test_the_token_command_names_a_person_who_does_not_exist() -> None:
    with pytest.raises(CommandError, match="no active user named nobody"):
        call_command("api_token", "nobody")
