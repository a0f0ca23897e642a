"""A show on air."""

from __future__ import annotations

import pytest

from shop.models import Offer, Product, Stock
from shop.stock.services import post_movement
from streams.models import Show
from streams.selling import services as selling
from streams.shows import selectors, services
from streams.shows.errors import (
    NoSuchItem,
    NothingLeft,
    NothingPinned,
    NotYourShow,
    ShowNotLive,
    WrongState,
)
from tests import cast
from tests.streams.relaying import room_events, told, types

pytestmark = pytest.mark.django_db
SLUG = "evening-edit"


def planned(*, count: int = 3, stock: int = 50) -> Show:
    """Hana's scheduled show of `count` products."""
    products = [cast.product(f"thing-{n}", stock=stock) for n in range(count)]
    show = cast.show(cast.hana(), *products)
    told()
    return show


def started(**kw: int) -> Show:
    show = services.start(show_slug=planned(**kw).slug, by=None)
    told()
    return show


def test_a_show_walks_from_scheduled_to_ended() -> None:
    show = planned()
    for step, state in (
        (services.start, "live"),
        (services.pause, "paused"),
        (services.resume, "live"),
        (services.end, "ended"),
    ):
        before = Show.objects.get().rev
        step(show_slug=SLUG, by=show.host)
        fresh = Show.objects.get()
        assert (fresh.state, fresh.rev) == (state, before + 1)
        [event] = [e for e in room_events(told(), SLUG) if e.event.type == "show.changed"]
        assert event.event.show == selectors.show_value(fresh)
        assert event.rev == fresh.rev
    assert fresh.started_at is not None
    assert fresh.ended_at is not None


@pytest.mark.parametrize(
    ("state", "allowed"),
    [
        ("draft", {"start"}),
        ("scheduled", {"start"}),
        ("live", {"pause", "end"}),
        ("paused", {"resume", "end"}),
        ("ended", set()),
    ],
)
def test_from_each_state_only_its_own_steps_lead_on(state: str, allowed: set[str]) -> None:
    from django.db.models.functions import Now

    for name in ("start", "pause", "resume", "end"):
        Show.objects.all().delete()
        host = cast.person(f"host-{name}", is_host=True)
        Show.objects.create(slug=SLUG, title="A show", host=host, state=state, started_at=Now())
        act = getattr(services, name)
        if name in allowed:
            act(show_slug=SLUG, by=host)
        else:
            with pytest.raises(WrongState) as refused:
                act(show_slug=SLUG, by=host)
            assert refused.value.code == "wrong_state"
            assert Show.objects.get().rev == 1


def test_starting_opens_the_show_prices_of_every_variant() -> None:
    lipstick = cast.product("lipstick", shades=("Rosewood", "Plum"))
    show = cast.show(cast.hana(), lipstick)
    show.items.update(show_price_minor=999)
    services.start(show_slug=SLUG, by=show.host)
    offers = Offer.objects.filter(channel=SLUG, state="running", kind="show_price")
    assert sorted(offers.values_list("variant__title", "price_minor")) == [
        ("Plum", 999),
        ("Rosewood", 999),
    ]
    [line] = selectors.item_summaries(show)
    assert line.price_from.minor == 999
    assert line.compare_at is not None
    assert line.compare_at.minor == 1299
    assert types(told()) == ["item.changed", "show.changed"]


def test_pinning_puts_an_item_on_air_with_its_variants() -> None:
    show = started()
    services.pin(show_slug=SLUG, by=show.host, number=2)
    [event] = room_events(told(), SLUG)
    item = event.event.item
    assert (event.event.type, event.rev) == ("item.pinned", Show.objects.get().rev)
    assert (item.number, item.state, item.shown, item.left) == (2, "on_air", True, 50)
    assert [variant.left for variant in item.variants] == [50]
    assert [line.state for line in selectors.item_summaries(Show.objects.get())] == [
        "next",
        "on_air",
        "waiting",
    ]


def test_a_number_outside_the_run_of_show_is_refused() -> None:
    show = started()
    with pytest.raises(NoSuchItem):
        services.pin(show_slug=SLUG, by=show.host, number=99)


@pytest.mark.parametrize("state", ["scheduled", "ended"])
def test_a_show_that_is_not_on_air_takes_no_pins(state: str) -> None:
    show = planned()
    if state == "ended":
        services.start(show_slug=SLUG, by=show.host)
        services.end(show_slug=SLUG, by=show.host)
    for act in (
        lambda: services.pin(show_slug=SLUG, by=show.host, number=1),
        lambda: services.unpin(show_slug=SLUG, by=show.host),
        lambda: services.next_item(show_slug=SLUG, by=show.host),
    ):
        with pytest.raises(ShowNotLive):
            act()


def test_unpinning_nothing_is_refused() -> None:
    show = started()
    with pytest.raises(NothingPinned):
        services.unpin(show_slug=SLUG, by=show.host)
    services.pin(show_slug=SLUG, by=show.host, number=1)
    services.unpin(show_slug=SLUG, by=show.host)
    assert types(told()) == ["item.pinned", "item.unpinned"]
    assert Show.objects.get().pinned is None


def test_next_skips_what_was_shown_and_what_is_sold_out() -> None:
    show = started(count=4)
    gone = Product.objects.get(handle="thing-1").variants.get()
    post_movement(variant=gone, kind="correction", quantity=-50, reason="broken", by=cast.ada())
    numbers = [services.next_item(show_slug=SLUG, by=show.host).number for _ in range(3)]
    assert numbers == [1, 3, 4]
    with pytest.raises(NothingLeft):
        services.next_item(show_slug=SLUG, by=show.host)


def test_ending_closes_every_offer_and_takes_the_item_off_air() -> None:
    show = planned()
    show.items.filter(number=1).update(show_price_minor=900)
    services.start(show_slug=SLUG, by=show.host)
    services.pin(show_slug=SLUG, by=show.host, number=1)
    variant = Product.objects.get(handle="thing-0").variants.get()
    selling.start_deal(
        show_slug=SLUG, by=show.host, variant=variant.pk, price_minor=500, units=10, seconds=60
    )
    assert Stock.objects.get(pk=variant.pk).left == 40
    told()
    services.end(show_slug=SLUG, by=show.host)
    assert not Offer.objects.filter(state="running").exists()
    assert Stock.objects.get(pk=variant.pk).left == 50
    said = told()
    kinds = types(said)
    assert kinds.count("item.changed") == 1
    assert {"deal.ended", "show.changed", "item.unpinned"} <= set(kinds)
    last = room_events(said, SLUG)[-1]
    assert last.event.type == "item.changed"
    assert (last.event.pinned, last.event.deals) == (None, [])
    assert last.event.items[0].price_from.minor == 1299


def test_only_the_host_and_admins_run_a_show() -> None:
    show = planned()
    other = cast.person("ingrid", is_host=True)
    show.moderators.add(cast.omar())
    for stranger in (cast.mina(), other, show.moderators.get()):
        with pytest.raises(NotYourShow):
            services.start(show_slug=SLUG, by=stranger)
    services.start(show_slug=SLUG, by=cast.ada())
    assert Show.objects.get().state == "live"


def test_a_hosts_absence_is_told_once_and_ends_nothing() -> None:
    started()
    assert services.host_gone(show_slug=SLUG)
    assert not services.host_gone(show_slug=SLUG)
    [event] = room_events(told(), SLUG)
    assert event.event.show.host_away_since is not None
    assert event.event.show.state == "live"
    assert services.host_back(show_slug=SLUG)
    assert not services.host_back(show_slug=SLUG)
    [event] = room_events(told(), SLUG)
    assert event.event.show.host_away_since is None


def test_a_show_left_live_goes_on_or_ends_and_says_so() -> None:
    show = started()
    services.host_gone(show_slug=SLUG)
    [sentence] = services.settle_left_live(resume=True)
    assert "goes on" in sentence
    fresh = Show.objects.get()
    assert (fresh.state, fresh.host_away_since) == ("live", None)
    [sentence] = services.settle_left_live(resume=False)
    assert "has ended" in sentence
    assert Show.objects.get().state == "ended"
    assert services.settle_left_live(resume=True) == []
    assert show.title in sentence


def test_a_show_whose_host_is_gone_for_good_ends() -> None:
    show = started()
    show.host.is_active = False
    show.host.save()
    services.settle_left_live(resume=True)
    assert Show.objects.get().state == "ended"
