"""Planning a show."""

from __future__ import annotations

import datetime as dt

import pytest

from livestore.base.errors import Invalid
from streams.models import Show
from streams.shows import selectors, services
from streams.shows.errors import NotAHost, NotYourShow, SlugTaken, WrongState
from tests import cast

pytestmark = pytest.mark.django_db
LATER = dt.datetime(2090, 1, 1, 18, tzinfo=dt.UTC)


def test_a_new_show_is_a_draft_and_one_with_a_time_is_announced() -> None:
    hana = cast.hana()
    draft = services.create_show(host=hana, title="The evening edit")
    assert (draft.slug, draft.state) == ("the-evening-edit", "draft")
    announced = services.create_show(host=hana, title="Later", scheduled_for=LATER)
    assert announced.state == "scheduled"


def test_addresses_are_made_free() -> None:
    hana = cast.hana()
    slugs = {
        services.create_show(host=hana, title=title).slug for title in ("Soup", "Soup", "新", "New")
    }
    assert len(slugs) == 4
    assert "new" not in slugs
    with pytest.raises(SlugTaken) as refused:
        services.create_show(host=hana, title="Soup", slug="soup")
    assert refused.value.fields


def test_only_hosts_and_admins_plan() -> None:
    with pytest.raises(NotAHost):
        services.create_show(host=cast.mina(), title="Mine")
    services.create_show(host=cast.ada(), title="The shop's own")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", "  "),
        ("title", "x" * 121),
        ("description", "x" * 2001),
        ("mood", "red; background: url(x)"),
        ("currency", "euro"),
        ("slug", "Not A Slug"),
        ("slug", "new"),
        ("scheduled_for", dt.datetime(2090, 1, 1)),  # noqa: DTZ001  (the point)
    ],
)
def test_what_can_not_be_used_is_named(field: str, value: object) -> None:
    values: dict[str, object] = {"title": "A show", field: value}
    with pytest.raises(Invalid) as refused:
        services.create_show(host=cast.hana(), **values)  # type: ignore[arg-type]
    assert set(refused.value.fields or {}) == {field}
    assert not Show.objects.exists()


def test_changes_are_announced_once_and_only_when_there_are_any() -> None:
    show = cast.show(cast.hana())
    services.update_show(show_slug=show.slug, by=show.host, title="Another title")
    assert Show.objects.get().rev == 2
    services.update_show(show_slug=show.slug, by=show.host, title="Another title")
    assert Show.objects.get().rev == 2
    with pytest.raises(NotYourShow):
        services.update_show(show_slug=show.slug, by=cast.mina(), title="Mine")


def test_the_currency_stays_once_there_are_items() -> None:
    show = cast.show(cast.hana(), cast.product())
    with pytest.raises(Invalid):
        services.update_show(show_slug=show.slug, by=show.host, currency="USD")


def test_a_show_on_air_keeps_its_time_and_an_ended_one_everything() -> None:
    show = cast.show(cast.hana())
    services.start(show_slug=show.slug, by=show.host)
    services.update_show(show_slug=show.slug, by=show.host, mood="#112233")
    with pytest.raises(WrongState):
        services.update_show(show_slug=show.slug, by=show.host, scheduled_for=LATER)
    services.end(show_slug=show.slug, by=show.host)
    with pytest.raises(WrongState):
        services.update_show(show_slug=show.slug, by=show.host, title="Too late")


def test_moderators_are_named_by_the_host() -> None:
    show, omar = cast.show(cast.hana()), cast.omar()
    assert selectors.role_of(show, omar) == "viewer"
    services.add_moderator(show=show, by=show.host, user=omar)
    assert selectors.role_of(show, omar) == "moderator"
    with pytest.raises(NotYourShow):
        services.add_moderator(show=show, by=omar, user=cast.mina())
    services.set_moderators(show=show, by=show.host, usernames=[])
    assert selectors.role_of(show, omar) == "viewer"


def test_a_name_that_nobody_has_changes_no_moderator() -> None:
    show, omar = cast.show(cast.hana()), cast.omar()
    assert services.set_moderators(show=show, by=show.host, usernames=["omar"]) == ["omar"]
    with pytest.raises(Invalid) as refusal:
        services.set_moderators(show=show, by=show.host, usernames=["omar", "nobody"])
    assert refusal.value.fields == {"moderators": "There is nobody named nobody."}
    assert selectors.role_of(show, omar) == "moderator"


def test_roles() -> None:
    show = cast.show(cast.hana())
    assert selectors.role_of(show, None) == "viewer"
    assert selectors.role_of(show, show.host) == "host"
    assert selectors.role_of(show, cast.ada()) == "host"
    assert selectors.role_of(show, cast.person("ingrid", is_host=True)) == "viewer"
    closed = cast.person("former", is_staff=True, is_active=False)
    assert selectors.role_of(show, closed) == "viewer"
