"""Show prices and flash deals: how they start, how they end, who hears of it."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from livestore.base.errors import Invalid, NotFound
from livestore.base.money import Money
from shop.models import Hold, Offer, Product, Stock, Variant
from shop.offers.errors import DealRunning, MixedCurrencies, NotForSale
from shop.offers.selectors import NOTHING, running_deals, running_offers
from shop.offers.services import (
    end_channel,
    end_due_offers,
    end_offer,
    start_show_price,
    start_show_prices,
    stop_show_prices,
)
from shop.stock.errors import NotEnoughStock
from tests import cast
from tests.shop.buying import SHOW, at_once, deal, facts, faults, past

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _all_is_well_afterwards(db):
    yield
    assert faults() == []


@pytest.fixture
def bonnet() -> Variant:
    return cast.variant_of(cast.product(stock=10))


def euro(minor: int) -> Money:
    return Money(minor, "EUR")


def left(variant: Variant) -> int:
    return Stock.objects.get(pk=variant.pk).left


def test_a_deal_reserves_its_units_and_says_so(bonnet):
    offer = deal(bonnet, units=4, per_buyer=2, seconds=60)
    assert left(bonnet) == 6
    assert Hold.objects.get().quantity == 4
    assert (offer.ends_at - offer.starts_at).total_seconds() == 60
    [changed] = facts("shop.stock_changed")
    assert (changed.data["left"], changed.data["deal"], changed.data["deal_left"]) == (
        6,
        offer.pk,
        4,
    )
    [started] = facts("shop.offer_started")
    assert started.channel == SHOW
    assert started.data == {"offer": offer.pk, "variant": bonnet.pk, "kind": "deal", "rev": 1}


def test_a_deal_of_more_than_there_is_says_how_many_there_are(bonnet):
    with pytest.raises(NotEnoughStock) as refusal:
        deal(bonnet, units=11)
    assert refusal.value.data == {"left": 10}
    assert facts("shop.offer_started") == []


def test_one_deal_at_a_time_in_one_show(bonnet):
    first = deal(bonnet, units=2)
    with pytest.raises(DealRunning) as refusal:
        deal(bonnet, units=2)
    assert refusal.value.data == {"deal": first.pk}
    deal(bonnet, units=3, channel="another-show")
    assert left(bonnet) == 5


def test_a_new_deal_takes_the_place_of_one_whose_time_is_up(bonnet):
    first = deal(bonnet, units=10)
    Offer.objects.update(ends_at=past())
    second = deal(bonnet, units=10)
    first.refresh_from_db()
    assert (first.state, first.end_reason, second.state) == ("ended", "time", "running")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"units": 0}, "units"),
        ({"per_buyer": 0}, "per_buyer"),
        ({"seconds": 0}, "seconds"),
        ({"seconds": 86_401}, "seconds"),
        ({"price": -1}, "price"),
        ({"price": 10**9}, "price"),
        ({"channel": ""}, "channel"),
    ],
)
def test_a_deal_that_makes_no_sense_names_its_field(bonnet, changes, field):
    with pytest.raises(Invalid) as refusal:
        deal(bonnet, **changes)
    assert list(refusal.value.fields) == [field]


def test_a_deal_needs_a_product_on_sale_and_its_currency(bonnet):
    with pytest.raises(MixedCurrencies):
        start_show_price(variant=bonnet, channel=SHOW, price=Money(1, "USD"))
    Product.objects.update(status="archived")
    with pytest.raises(NotForSale):
        deal(bonnet)


def test_ending_a_deal_puts_the_rest_on_the_shelf_once(bonnet):
    offer = deal(bonnet, units=4)
    assert end_offer(offer_id=offer.pk).end_reason == "hand"
    again = end_offer(offer_id=offer.pk, reason="time")
    assert (again.end_reason, left(bonnet)) == ("hand", 10)
    [ended] = facts("shop.offer_ended")
    assert ended.data == {
        "offer": offer.pk,
        "variant": bonnet.pk,
        "kind": "deal",
        "reason": "hand",
        "rev": 2,
    }
    with pytest.raises(NotFound):
        end_offer(offer_id=987654)


def test_the_sweep_ends_what_is_due_and_nothing_else(bonnet):
    comb = cast.variant_of(cast.product("comb"))
    due, later = deal(bonnet, units=4), deal(comb, units=4)
    Offer.objects.filter(pk=due.pk).update(ends_at=past())
    assert end_due_offers() == 1
    assert end_due_offers() == 0
    due.refresh_from_db()
    later.refresh_from_db()
    assert (due.state, due.end_reason, later.state) == ("ended", "time", "running")
    assert left(bonnet) == 10


def test_a_show_price_replaces_the_one_before(bonnet):
    first = start_show_price(variant=bonnet, channel=SHOW, price=euro(1000))
    assert start_show_price(variant=bonnet, channel=SHOW, price=euro(1000)) == first
    second = start_show_price(variant=bonnet, channel=SHOW, price=euro(900))
    first.refresh_from_db()
    assert (first.state, first.end_reason) == ("ended", "replaced")
    assert running_offers(SHOW, [bonnet.pk])[bonnet.pk].show_price == second
    assert [fact.data["offer"] for fact in facts("shop.offer_started")] == [first.pk, second.pk]
    assert facts("shop.offer_ended") == []


def test_many_show_prices_start_in_a_few_queries(django_assert_max_num_queries):
    shades = tuple(f"Shade {number}" for number in range(120))
    variants = list(cast.product("lipstick", shades=shades).variants.all())
    prices = {variant.pk: euro(900) for variant in variants}
    with django_assert_max_num_queries(10):
        offers = start_show_prices(channel=SHOW, prices=prices)
    assert [offer.variant_id for offer in offers] == list(prices)
    with pytest.raises(NotFound):
        start_show_prices(channel=SHOW, prices={987654: euro(1)})


def test_a_show_price_can_be_taken_back(bonnet):
    start_show_price(variant=bonnet, channel=SHOW, price=euro(1000))
    stop_show_prices(channel=SHOW, variant_ids={bonnet.pk})
    assert running_offers(SHOW, [bonnet.pk]) == {}
    assert facts("shop.offer_ended")[-1].data["reason"] == "hand"


def test_the_end_of_a_show_ends_its_offers_and_no_others(bonnet):
    comb = cast.variant_of(cast.product("comb"))
    start_show_price(variant=bonnet, channel=SHOW, price=euro(1000))
    deal(bonnet, units=3)
    deal(comb, units=2)
    elsewhere = deal(comb, units=5, channel="another-show")
    ended = end_channel(channel=SHOW)
    assert {offer.end_reason for offer in ended} == {"channel"}
    assert len(ended) == 3
    assert (left(bonnet), left(comb)) == (10, 45)
    elsewhere.refresh_from_db()
    assert elsewhere.state == "running"
    assert end_channel(channel=SHOW) == []


def test_what_runs_is_shown_with_its_price(bonnet):
    assert running_offers("", [bonnet.pk]) == {}
    assert NOTHING.price(bonnet) == euro(1299)
    start_show_price(variant=bonnet, channel=SHOW, price=euro(1000))
    offer = deal(bonnet, units=3)
    running = running_offers(SHOW, [bonnet.pk])[bonnet.pk]
    assert (running.price(bonnet), running.price(bonnet, 3), running.price(bonnet, 4)) == (
        euro(900),
        euro(900),
        euro(1000),
    )
    assert (running.deal_left, running.most(7)) == (3, 7)
    [shown] = running_deals(SHOW)
    assert (shown, shown.left) == (offer, 3)
    Offer.objects.filter(kind="deal").update(ends_at=past())
    assert running_deals(SHOW) == []
    over = running_offers(SHOW, [bonnet.pk])[bonnet.pk]
    assert (over.deal, over.deal_left) == (None, 0)


def test_postgresql_refuses_two_running_deals_and_a_buyer_over_the_limit(bonnet):
    offer = deal(bonnet, units=3, per_buyer=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        Offer.objects.create(
            variant=bonnet, channel=SHOW, kind="deal", currency="EUR", price_minor=1, units=1
        )
    with pytest.raises(IntegrityError), transaction.atomic():
        offer.uses.create(user=cast.mina(), units=2, per_buyer=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        Offer.objects.filter(pk=offer.pk).update(sold=4)


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_two_hosts_can_not_reserve_the_same_units(bonnet):
    results = at_once(
        lambda: deal(bonnet, units=6),
        lambda: deal(bonnet, units=6, channel="another-show"),
        lambda: deal(bonnet, units=6),
    )
    started = [result for result in results if isinstance(result, Offer)]
    assert len(started) == 1
    assert all(isinstance(r, Offer | NotEnoughStock | DealRunning) for r in results)
    assert left(bonnet) == 4
