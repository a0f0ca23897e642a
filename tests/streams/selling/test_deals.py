"""Flash deals of a show."""

from __future__ import annotations

import pytest

from accounts.models import User
from livestore.base.errors import Refusal
from shop.models import Product
from streams.models import Show
from streams.selling import services as selling
from streams.shows import selectors, services
from streams.shows.errors import NoSuchDeal, NotInShow, NotYourShow, ShowNotLive
from tests import cast
from tests.streams.relaying import room_events, told
from tests.streams.shows.test_running import planned, started

pytestmark = pytest.mark.django_db
SLUG = "evening-edit"


def deal(show: Show, **changes: int | None):  # type: ignore[no-untyped-def]
    variant = Product.objects.get(handle="thing-0").variants.get()
    values = {"variant": variant.pk, "price_minor": 700, "units": 10, "seconds": 60} | changes
    return selling.start_deal(show_slug=SLUG, by=show.host, **values)


def test_a_deal_sets_its_units_aside_and_tells_the_room() -> None:
    show = started()
    services.pin(show_slug=SLUG, by=show.host, number=1)
    told()
    before = Show.objects.get().rev
    offer = deal(show, per_buyer=2)
    said = told()
    [event] = [e for e in room_events(said, SLUG) if e.event.type == "deal.started"]
    value = event.event.deal
    assert (value.id, value.number, value.units, value.left, value.per_buyer) == (
        offer.pk,
        1,
        10,
        10,
        2,
    )
    assert (value.price.minor, value.was.minor, value.state) == (700, 1299, "running")
    [stock] = [e.event for e in room_events(said, SLUG) if e.event.type == "stock.changed"]
    assert (stock.left, stock.deal_left) == (40, 10)
    [count] = [e.event for e in room_events(said, SLUG) if e.event.type == "item.stock"]
    assert count.left == 50
    assert Show.objects.get().rev == before
    state = selectors.room_state(SLUG)
    assert [each.id for each in state["deals"]] == [offer.pk]
    [variant] = state["pinned"].variants
    assert (variant.price.minor, variant.deal, variant.deal_left, variant.left) == (
        700,
        offer.pk,
        10,
        40,
    )
    assert state["pinned"].price_from.minor == 1299


def test_a_deal_can_not_have_more_units_than_there_are() -> None:
    show = started()
    with pytest.raises(Refusal) as refused:
        deal(show, units=51)
    assert refused.value.code == "not_enough_stock"
    assert refused.value.data == {"left": 50}
    assert told() == []


def test_a_second_deal_on_the_same_variant_is_refused() -> None:
    show = started()
    deal(show)
    with pytest.raises(Refusal) as refused:
        deal(show)
    assert refused.value.code == "deal_running"


def test_a_deal_is_made_of_what_the_show_sells() -> None:
    show = started()
    stranger = cast.product("elsewhere").variants.get()
    with pytest.raises(NotInShow):
        deal(show, variant=stranger.pk)
    with pytest.raises(NotInShow):
        deal(show, variant=10**9)


def test_a_deal_needs_a_show_on_air() -> None:
    show = planned()
    with pytest.raises(ShowNotLive):
        deal(show)


def test_a_deal_is_stopped_by_hand_once() -> None:
    show = started()
    offer = deal(show)
    told()
    selling.stop_deal(show_slug=SLUG, by=show.host, deal=offer.pk)
    [event] = [e for e in room_events(told(), SLUG) if e.event.type == "deal.ended"]
    assert (event.event.deal.state, event.event.deal.reason) == ("ended", "hand")
    assert event.event.deal.was.minor == 1299
    selling.stop_deal(show_slug=SLUG, by=show.host, deal=offer.pk)
    assert told() == []
    with pytest.raises(NoSuchDeal):
        selling.stop_deal(show_slug=SLUG, by=show.host, deal=10**9)


def test_a_deal_of_another_show_is_not_there() -> None:
    show = started()
    offer = deal(show)
    other = cast.show(show.host, slug="other-show", live=True)
    with pytest.raises(NoSuchDeal):
        selling.stop_deal(show_slug=other.slug, by=show.host, deal=offer.pk)


def test_only_the_host_and_admins_make_deals() -> None:
    show = started()
    variant = Product.objects.get(handle="thing-0").variants.get()
    for stranger in (cast.mina(), cast.person("ingrid", is_host=True)):
        with pytest.raises(NotYourShow):
            selling.start_deal(
                show_slug=SLUG, by=stranger, variant=variant.pk, price_minor=1, units=1, seconds=60
            )
    offer = deal(show)
    with pytest.raises(NotYourShow):
        selling.stop_deal(show_slug=SLUG, by=User.objects.get(username="mina"), deal=offer.pk)
