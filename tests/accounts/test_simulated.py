"""Many simulated people at once: as good as people that were saved one by one."""

from __future__ import annotations

import pytest
from django.db.models import Model
from django.test import override_settings

from accounts.models import Address, Card, User
from accounts.people.selectors import Wallet, payable, wallets
from accounts.people.simulated import make_simulated_people
from accounts.tickets.services import issue_ticket, issue_tickets, read_ticket
from livestore.base.errors import Invalid, LoginRequired, NotAllowed, NotFound
from tests import cast

pytestmark = pytest.mark.django_db
SHOW = "evening-edit"


def plain(row: Model, *but: str) -> dict[str, object]:
    """The columns of a row, without those that differ from row to row."""
    return {
        field.attname: getattr(row, field.attname)
        for field in row._meta.concrete_fields
        if field.attname not in {"id", *but}
    }


def test_they_have_an_address_and_a_card_and_differ_in_name_and_password() -> None:
    ids = make_simulated_people(1_203)
    assert len(set(ids)) == 1_203
    people = User.objects.filter(pk__in=ids, is_simulated=True)
    assert people.count() == len({each.username for each in people}) == 1_203
    assert len({each.password for each in people}) == 1_203
    assert all(payable(each) for each in people[:20])
    assert {each.password[0] for each in people} == {"!"}, "nobody can log in"
    for each in Address.objects.select_related("user")[:20]:
        assert each.full_name == each.user.display_name


def test_their_rows_are_what_the_models_would_have_written() -> None:
    """A column that is added to a model has to be added to the statement: here is where it shows."""
    [made] = make_simulated_people(1)
    user = User.objects.get(pk=made)
    own = {"username", "password", "display_name", "date_joined"}
    saved = User.objects.create(username="by-the-model", is_simulated=True)
    assert plain(user, *own) == plain(saved, *own)
    assert abs((user.date_joined - saved.date_joined).total_seconds()) < 60
    Card.objects.create(user=saved, number=cast.PAYS)
    assert plain(user.card, "user_id") == plain(saved.card, "user_id")
    fields = user.address.as_json() | {"line2": ""}
    Address.objects.create(user=saved, **fields)
    assert plain(user.address, "user_id") == plain(saved.address, "user_id")


def test_nobody_is_made_outside_the_demo_and_none_is_too_few() -> None:
    with override_settings(DEMO=False), pytest.raises(NotAllowed):
        make_simulated_people(3)
    with pytest.raises(Invalid):
        make_simulated_people(0)
    assert not User.objects.exists()


def test_tickets_for_many_are_those_for_each() -> None:
    mina, theo = cast.mina(), cast.theo()
    many = issue_tickets(users=[theo.pk, mina.pk, theo.pk], channel=SHOW)
    assert [read_ticket(each, channel=SHOW).pk for each in many] == [theo.pk, mina.pk, theo.pk]
    [one] = issue_tickets(users=[mina.pk], channel=SHOW, seconds=600)
    alone = issue_ticket(user=mina, channel=SHOW, seconds=600)
    assert one.split("~")[:2] == alone.split("~")[:2]
    assert one.split("~")[3] == alone.split("~")[3]
    assert issue_tickets(users=[], channel=SHOW) == []


def test_who_is_gone_gets_no_ticket_and_neither_do_the_others() -> None:
    mina, theo = cast.mina(), cast.theo()
    ticket = issue_tickets(users=[theo.pk], channel=SHOW)[0]
    User.objects.filter(pk=theo.pk).update(is_active=False)
    with pytest.raises(NotFound):
        issue_tickets(users=[mina.pk, theo.pk], channel=SHOW)
    with pytest.raises(LoginRequired):
        read_ticket(ticket, channel=SHOW)


def test_a_wallet_is_what_two_taps_need() -> None:
    mina, omar, theo = cast.mina(), cast.omar(), cast.theo()
    Address.objects.filter(user=theo).update(postal_code="", city="")
    User.objects.filter(pk=cast.ada().pk).update(is_active=False)
    assert wallets(list(User.objects.values_list("pk", flat=True))) == {
        mina.pk: Wallet("Lindenstraße 7, 10969 Berlin", cast.PAYS),
        theo.pk: Wallet("Lindenstraße 7", cast.PAYS),
        omar.pk: Wallet(None, None),
    }
