"""People, tokens, shows and the first page of the admin."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import User
from accounts.tickets.services import create_api_token, read_api_token
from livestore.base.errors import LoginRequired
from livestore.base.models import OutboxRow
from streams.models import Show
from tests import cast
from tests.admin.desk import opened, sent, told

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada(client: Client) -> Client:
    client.force_login(cast.ada())
    return client


def page_of(user: User) -> str:
    return f"/admin/accounts/user/{user.pk}/change/"


def test_a_page_left_open_never_puts_an_old_role_back(ada: Client) -> None:
    hana = cast.person("hana")
    form = opened(ada, page_of(hana))
    User.objects.filter(pk=hana.pk).update(is_host=True, display_name="Hana H.")
    sent(ada, page_of(hana), form, email="hana@example.com")
    hana.refresh_from_db()
    assert (hana.is_host, hana.display_name, hana.email) == (True, "Hana H.", "hana@example.com")


def test_locking_somebody_out_closes_their_rooms(ada: Client) -> None:
    mina = cast.mina()
    form = opened(ada, page_of(mina))
    form.pop("is_active")
    sent(ada, page_of(mina), form)
    mina.refresh_from_db()
    assert not mina.is_active
    assert OutboxRow.objects.filter(kind="accounts.signed_out", person=mina.pk).count() == 1


def test_a_new_password_closes_rooms_too(ada: Client) -> None:
    mina = cast.mina()
    path = f"/admin/accounts/user/{mina.pk}/password/"
    ada.post(
        path, {"password1": "a-new-One-77", "password2": "a-new-One-77", "usable_password": "true"}
    )
    mina.refresh_from_db()
    assert mina.check_password("a-new-One-77")
    assert OutboxRow.objects.filter(kind="accounts.signed_out", person=mina.pk).count() == 1


def test_nobody_locks_themselves_out(ada: Client) -> None:
    me = User.objects.get(username="ada")
    form = opened(ada, page_of(me))
    form.pop("is_active")
    assert "lock yourself out" in told(sent(ada, page_of(me), form))
    page = ada.post(
        "/admin/accounts/user/", {"action": "deactivate", "_selected_action": [me.pk]}, follow=True
    )
    assert "lock yourself out" in told(page)
    me.refresh_from_db()
    assert me.is_active


def test_cards_and_tokens_are_never_shown_whole(ada: Client) -> None:
    mina = cast.mina()
    token = create_api_token(user=mina, label="till")
    page = told(ada.get(page_of(mina)))
    assert "•••• 4242" in page
    assert cast.PAYS not in page
    row = mina.api_tokens.get()
    for path in ("/admin/accounts/apitoken/", f"/admin/accounts/apitoken/{row.pk}/change/"):
        page = told(ada.get(path))
        assert "till" in page
        assert token not in page
        assert row.digest not in page


def test_a_revoked_token_opens_nothing(ada: Client) -> None:
    token = create_api_token(user=cast.mina(), label="till")
    row = User.objects.get(username="mina").api_tokens.get()
    ada.post("/admin/accounts/apitoken/", {"action": "revoke", "_selected_action": [row.pk]})
    with pytest.raises(LoginRequired):
        read_api_token(token)


def test_an_old_show_page_saves_only_what_was_changed_on_it(ada: Client) -> None:
    show = cast.show(cast.hana(), cast.product())
    path = f"/admin/streams/show/{show.pk}/change/"
    form = opened(ada, path)
    Show.objects.filter(pk=show.pk).update(
        title="Renamed by the host", state="live", started_at="2026-01-01T00:00Z"
    )
    sent(ada, path, form, description="A calm hour.")
    show.refresh_from_db()
    assert (show.title, show.description, show.state) == (
        "Renamed by the host",
        "A calm hour.",
        "live",
    )


def test_a_show_page_lists_the_run_of_show(ada: Client) -> None:
    show = cast.show(cast.hana(), cast.product(stock=17), cast.product("satin-cap", stock=4))
    page = told(ada.get(f"/admin/streams/show/{show.pk}/change/"))
    for words in ("Silk bonnet", "Satin cap", "/studio/evening-edit/", "/shows/evening-edit/"):
        assert words in page
    assert ada.post(f"/admin/streams/show/{show.pk}/delete/", {"post": "yes"}).status_code == 403


def test_the_first_page_shows_today_and_every_list_opens(ada: Client) -> None:
    cast.show(cast.hana(), cast.product(stock=2))
    page = told(ada.get("/admin/"))
    for words in ("Orders today", "Nearly gone", "2 left", "The evening edit"):
        assert words in page
    for place in (
        "shop/product", "shop/category", "shop/stock", "shop/movement", "shop/hold", "shop/offer",
        "shop/order", "shop/payment", "shop/variant", "streams/show", "accounts/user",
        "accounts/apitoken", "auth/group",
    ):  # fmt: skip
        assert ada.get(f"/admin/{place}/", {"q": "silk"}).status_code == 200, place


def test_staff_without_rights_see_no_numbers(client: Client) -> None:
    cast.product(stock=1)
    client.force_login(cast.person("olga", is_staff=True))
    assert "Orders today" not in told(client.get("/admin/"))
