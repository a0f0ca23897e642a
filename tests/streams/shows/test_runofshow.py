"""The run of show."""

from __future__ import annotations

import pytest

from livestore.base.errors import Invalid
from livestore.base.money import Money
from shop.models import Offer, Product
from streams.models import Item, Show
from streams.selling import services as selling
from streams.shows import selectors, services
from streams.shows.errors import NotYourShow, WrongState
from streams.shows.services import ItemSpec
from tests import cast
from tests.streams.relaying import room_events, told, types

pytestmark = pytest.mark.django_db
SLUG = "evening-edit"


@pytest.fixture
def show() -> Show:
    return cast.show(cast.hana())


def put(show: Show, *specs: ItemSpec) -> Show:
    return services.set_items(show=show, by=show.host, items=specs)


def wrong(show: Show, *specs: ItemSpec) -> dict[str, str]:
    before = list(Item.objects.values_list("number", "product_id"))
    with pytest.raises(Invalid) as refused:
        put(show, *specs)
    assert list(Item.objects.values_list("number", "product_id")) == before
    assert refused.value.fields
    return refused.value.fields


def test_items_are_named_by_id_handle_or_sku_and_keep_their_order(show: Show) -> None:
    bonnet, kettle = cast.product("bonnet"), cast.product("kettle", shades=("Steel", "Brass"))
    brass = cast.variant_of(kettle, 1)
    put(
        show,
        ItemSpec(number=7, product="bonnet", show_price=999, talking_points=" soft "),
        ItemSpec(number=3, product=kettle.pk),
        ItemSpec(number=5, variant=brass.sku),
        ItemSpec(number=6, variant=brass.pk, product=kettle.pk),
    )
    lines = selectors.item_summaries(show)
    assert [(line.number, line.product, line.variant) for line in lines] == [
        (7, bonnet.pk, None),
        (3, kettle.pk, None),
        (5, kettle.pk, brass.pk),
        (6, kettle.pk, brass.pk),
    ]
    assert [line.left for line in lines] == [50, 100, 50, 50]
    assert lines[2].title == "Kettle · Brass"
    assert Item.objects.get(number=7).talking_points == "soft"
    assert Item.objects.get(number=7).show_price_minor == 999


def test_every_wrong_line_is_named_with_its_field(show: Show) -> None:
    good = cast.product("good")
    draft = cast.product("draft")
    Product.objects.filter(pk=draft.pk).update(status="draft")
    dollars = cast.product("dollars", currency="USD")
    empty = Product.objects.create(handle="empty", title="Empty")
    fields = wrong(
        show,
        ItemSpec(number=1, product="good"),
        ItemSpec(number=1, product="good"),
        ItemSpec(number=0, product="good"),
        ItemSpec(number=2, product="nowhere"),
        ItemSpec(number=3, variant="NO-SUCH-SKU"),
        ItemSpec(number=4),
        ItemSpec(number=5, product=draft.pk),
        ItemSpec(number=6, product=dollars.pk),
        ItemSpec(number=8, product=good.pk, show_price=-1),
        ItemSpec(number=9, product=good.pk, show_price=Money(5, "USD")),
        ItemSpec(number=10, product=good.pk, variant=cast.variant_of(draft).pk),
        ItemSpec(number=11, product=empty.pk),
        ItemSpec(number=10_000, product=good.pk, talking_points="x" * 2001, planned_seconds=0),
    )
    assert set(fields) == {
        "1.number",
        "2.number",
        "3.product",
        "4.variant",
        "5.product",
        "6.product",
        "7.product",
        "8.show_price",
        "9.show_price",
        "10.variant",
        "11.product",
        "12.number",
        "12.talking_points",
        "12.planned_seconds",
    }
    assert "nowhere" in fields["3.product"]
    assert "USD" in fields["7.product"]


def test_two_show_prices_for_the_same_thing_are_refused(show: Show) -> None:
    cast.product("bonnet")
    fields = wrong(
        show,
        ItemSpec(number=1, product="bonnet", show_price=900),
        ItemSpec(number=2, product="bonnet", show_price=800),
    )
    assert set(fields) == {"1.show_price"}


def test_at_most_500_items(show: Show) -> None:
    cast.product("bonnet")
    specs = [ItemSpec(number=n, product="bonnet") for n in range(1, 502)]
    assert set(wrong(show, *specs)) == {"items"}
    put(show, *specs[:500])
    assert Item.objects.count() == 500


def test_only_the_host_plans(show: Show) -> None:
    with pytest.raises(NotYourShow):
        services.set_items(show=show, by=cast.mina(), items=[])


def test_on_air_show_prices_follow_the_new_run_of_show(show: Show) -> None:
    lipstick = cast.product("lipstick", shades=("Rosewood", "Plum"))
    plum = cast.variant_of(lipstick, 1)
    cast.product("bonnet")
    put(
        show,
        ItemSpec(number=1, product="lipstick", show_price=1000),
        ItemSpec(number=2, product="bonnet", show_price=800),
    )
    services.start(show_slug=SLUG, by=show.host)
    kept = Offer.objects.get(variant__product=lipstick, variant__position=0, state="running")
    told()
    before = Show.objects.get().rev
    put(
        show,
        ItemSpec(number=1, product="lipstick", show_price=1000),
        ItemSpec(number=2, product="bonnet"),
        ItemSpec(number=3, variant=plum.pk, show_price=700),
    )
    running = Offer.objects.filter(channel=SLUG, state="running")
    assert dict(running.values_list("variant__title", "price_minor")) == {
        "Rosewood": 1000,
        "Plum": 700,
    }
    assert kept.pk in set(running.values_list("pk", flat=True))
    said = room_events(told(), SLUG)
    assert [each.event.type for each in said] == ["item.changed"]
    assert said[0].rev == before + 1
    assert [line.price_from.minor for line in said[0].event.items] == [700, 1299, 700]


def test_before_the_show_no_offer_is_opened(show: Show) -> None:
    cast.product("bonnet")
    put(show, ItemSpec(number=1, product="bonnet", show_price=800))
    assert not Offer.objects.exists()
    assert types(told()) == ["item.changed"]


def test_what_keeps_number_and_product_keeps_its_place_on_air(show: Show) -> None:
    cast.product("bonnet")
    cast.product("kettle")
    put(show, ItemSpec(number=1, product="bonnet"), ItemSpec(number=2, product="kettle"))
    services.start(show_slug=SLUG, by=show.host)
    services.pin(show_slug=SLUG, by=show.host, number=1)
    put(show, ItemSpec(number=2, product="kettle"), ItemSpec(number=1, product="bonnet"))
    assert [line.state for line in selectors.item_summaries(Show.objects.get())] == [
        "next",
        "on_air",
    ]
    put(show, ItemSpec(number=1, product="kettle"))
    assert Show.objects.get().pinned is None
    [line] = selectors.item_summaries(Show.objects.get())
    assert (line.state, line.shown) == ("next", False)


def test_a_deal_ends_when_its_item_leaves(show: Show) -> None:
    bonnet = cast.product("bonnet")
    cast.product("kettle")
    put(show, ItemSpec(number=1, product="bonnet"))
    services.start(show_slug=SLUG, by=show.host)
    offer = selling.start_deal(
        show_slug=SLUG,
        by=show.host,
        variant=cast.variant_of(bonnet).pk,
        price_minor=500,
        units=5,
        seconds=60,
    )
    told()
    put(show, ItemSpec(number=1, product="bonnet"), ItemSpec(number=2, product="kettle"))
    assert Offer.objects.get(pk=offer.pk).state == "running"
    told()
    put(show, ItemSpec(number=2, product="kettle"))
    assert Offer.objects.get(pk=offer.pk).state == "ended"
    assert "deal.ended" in types(told())


def test_an_ended_show_stays_as_it_was(show: Show) -> None:
    cast.product("bonnet")
    services.start(show_slug=SLUG, by=show.host)
    services.end(show_slug=SLUG, by=show.host)
    with pytest.raises(WrongState):
        put(show, ItemSpec(number=1, product="bonnet"))


def test_archived_products_stay_in_the_list_and_sold_ones_say_so(show: Show) -> None:
    bonnet = cast.product("bonnet", stock=0)
    put(show, ItemSpec(number=1, product="bonnet"))
    [line] = selectors.item_summaries(show)
    assert (line.left, line.state) == (0, "sold_out")
    Product.objects.filter(pk=bonnet.pk).update(status="archived")
    assert len(selectors.item_summaries(show)) == 1
