"""One order at a time: what it takes, what it costs, what it says."""

from __future__ import annotations

import uuid

import pytest

from livestore.base.errors import Invalid
from livestore.base.money import Money
from shop.checkout.placement import place_many
from shop.checkout.requests import Placed
from shop.models import Hold, Offer, OfferUse, Order, Product, Stock, Variant
from shop.offers.services import end_offer, start_show_price
from tests import cast
from tests.shop.buying import SHOW, ask, codes, deal, facts, faults, past, placed

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _all_is_well_afterwards(db):
    yield
    assert faults() == []


@pytest.fixture
def mina():
    return cast.mina()


@pytest.fixture
def theo():
    return cast.theo()


@pytest.fixture
def bonnet() -> Variant:
    return cast.variant_of(cast.product(stock=5))


def test_an_order_holds_its_units_and_copies_what_it_needs(mina, bonnet):
    [outcome] = place_many([ask(mina, (bonnet, 2, 1299), channel=SHOW)])
    order = Order.objects.get(pk=placed(outcome).order_id)
    assert (order.status, order.channel, order.total) == ("pending", SHOW, Money(2598 + 490, "EUR"))
    assert outcome == Placed(order.pk, order.public_id, Money(3088, "EUR"))
    assert order.address["line1"] == "Lindenstraße 7"
    assert order.card_number == cast.PAYS
    assert (order.expires_at - order.placed_at).total_seconds() == 600
    [line] = order.lines.all()
    assert (line.title, line.quantity, line.unit_minor, line.offer) == (
        "Silk bonnet · Rosewood",
        2,
        1299,
        None,
    )
    [move] = order.moves.all()
    assert (move.before, move.after) == ("", "pending")
    [hold] = Hold.objects.all()
    assert (hold.owner, hold.owner_id, hold.quantity, hold.expires_at) == (
        "order",
        order.pk,
        2,
        order.expires_at,
    )
    assert Stock.objects.get(pk=bonnet.pk).left == 3
    [stock_changed] = facts("shop.stock_changed")
    assert stock_changed.data == {
        "variant": bonnet.pk,
        "left": 3,
        "deal": None,
        "deal_left": None,
        "deals": {},
        "rev": 2,
    }
    [order_placed] = facts("shop.order_placed")
    assert order_placed.channel == SHOW
    assert order_placed.data == {
        "order": order.public_id,
        "id": order.pk,
        "user": mina.pk,
        "name": "Mina",
        "simulated": False,
        "total": {"minor": 3088, "currency": "EUR"},
        "lines": [{"variant": bonnet.pk, "title": "Silk bonnet · Rosewood", "quantity": 2}],
    }
    assert stock_changed.pk < order_placed.pk


def test_who_asks_for_more_than_is_left_is_told_how_many_there_are(mina, bonnet):
    [outcome] = place_many([ask(mina, (bonnet, 6, 1299))])
    assert outcome.code == "sold_out"
    assert outcome.data == {"lines": [{"variant": bonnet.pk, "left": 5}]}
    assert Order.objects.count() == 0
    assert facts("shop.stock_changed") == []


def test_requests_of_one_batch_are_served_in_the_order_of_their_arrival(mina, theo, bonnet):
    outcomes = place_many(
        [ask(mina, (bonnet, 4, 1299)), ask(theo, (bonnet, 2, 1299)), ask(theo, (bonnet, 1, 1299))]
    )
    assert codes(outcomes) == ["placed", "sold_out", "placed"]


@pytest.mark.parametrize("seen", [1298, 1300, 0])
def test_any_other_price_than_the_seen_one_is_refused_with_the_new_one(mina, bonnet, seen):
    [outcome] = place_many([ask(mina, (bonnet, 1, seen))])
    assert outcome.code == "price_changed"
    assert outcome.data == {"lines": [{"variant": bonnet.pk, "price": 1299, "currency": "EUR"}]}


def test_an_order_of_several_lines_is_all_or_nothing(mina, bonnet):
    comb = cast.variant_of(cast.product("comb", price=500, stock=1))
    refused, done = place_many(
        [
            ask(mina, (bonnet, 1, 1299), (comb, 2, 500)),
            ask(mina, (bonnet, 2, 1299), (comb, 1, 500)),
        ]
    )
    assert refused.data == {"lines": [{"variant": comb.pk, "left": 1}]}
    assert placed(done).total == Money(2 * 1299 + 500 + 490, "EUR")
    assert Stock.objects.get(pk=bonnet.pk).left == 3


def test_the_same_key_twice_is_one_order_and_another_body_is_refused(mina, bonnet):
    key = uuid.uuid4()
    first = placed(place_many([ask(mina, (bonnet, 1, 1299), key=key)])[0])
    again, other = place_many(
        [ask(mina, (bonnet, 1, 1299), key=key), ask(mina, (bonnet, 2, 1299), key=key)]
    )
    assert again == Placed(first.order_id, first.public_id, first.total, replay=True)
    assert other.code == "key_reused"
    assert Order.objects.count() == 1


def test_the_same_key_twice_within_one_batch_is_one_order(mina, bonnet):
    key = uuid.uuid4()
    outcomes = place_many(
        [
            ask(mina, (bonnet, 1, 1299), key=key),
            ask(mina, (bonnet, 1, 1299), key=key),
            ask(mina, (bonnet, 3, 1299), key=key),
        ]
    )
    assert codes(outcomes) == ["placed", "placed", "key_reused"]
    assert placed(outcomes[0]).order_id == placed(outcomes[1]).order_id
    assert [placed(outcome).replay for outcome in outcomes[:2]] == [False, True]


def test_two_people_may_use_the_same_key(mina, theo, bonnet):
    key = uuid.uuid4()
    outcomes = place_many([ask(who, (bonnet, 1, 1299), key=key) for who in (mina, theo)])
    assert codes(outcomes) == ["placed", "placed"]
    assert placed(outcomes[0]).order_id != placed(outcomes[1]).order_id


def test_a_refused_key_may_be_used_again(mina, bonnet):
    key = uuid.uuid4()
    assert codes(place_many([ask(mina, (bonnet, 1, 1), key=key)])) == ["price_changed"]
    assert codes(place_many([ask(mina, (bonnet, 1, 1299), key=key)])) == ["placed"]


def test_a_viewer_without_a_card_is_asked_for_one(bonnet):
    stranger = cast.person("noor")
    [outcome] = place_many([ask(stranger, (bonnet, 1, 1299))])
    assert (outcome.code, outcome.status) == ("address_needed", 422)
    address = {
        "full_name": "Noor",
        "line1": "Weg 1",
        "postal_code": "1010",
        "city": "Wien",
        "country": "at",
    }
    [outcome] = place_many([ask(stranger, (bonnet, 1, 1299), address=address)])
    assert outcome.code == "card_needed"
    [outcome] = place_many(
        [ask(stranger, (bonnet, 1, 1299), address=address, card_number="4242 4242 4242 4242")]
    )
    order = Order.objects.get(pk=placed(outcome).order_id)
    assert order.address["country"] == "AT"
    assert order.card_number == cast.PAYS


def test_somebody_who_was_shut_out_can_not_buy(mina, bonnet):
    mina.is_active = False
    mina.save()
    assert codes(place_many([ask(mina, (bonnet, 1, 1299))])) == ["login_required"]


def test_a_product_that_was_archived_is_not_for_sale(mina, bonnet):
    Product.objects.update(status="archived")
    assert codes(place_many([ask(mina, (bonnet, 1, 1299))])) == ["not_for_sale"]


def test_two_currencies_do_not_meet_in_one_order(mina, bonnet):
    lamp = cast.variant_of(cast.product("lamp", currency="USD"))
    assert codes(place_many([ask(mina, (bonnet, 1, 1299), (lamp, 1, 1299))])) == [
        "mixed_currencies"
    ]


def test_impossible_requests_name_their_fields_and_hurt_nobody_else(mina, theo, bonnet):
    bad = [
        (ask(mina), "lines"),
        (ask(mina, (bonnet, 0, 1299)), "lines.0.quantity"),
        (ask(mina, (bonnet, -1, 1299)), "lines.0.quantity"),
        (ask(mina, (bonnet, 100, 1299)), "lines.0.quantity"),
        (ask(mina, (bonnet, 1.5, 1299)), "lines.0.quantity"),
        (ask(mina, (bonnet, True, 1299)), "lines.0.quantity"),
        (ask(mina, (bonnet, 1, -5)), "lines.0.seen_price"),
        (ask(mina, (bonnet, 1, 1299), (bonnet, 1, 1299)), "lines.1.variant"),
        (ask(mina, (Variant(pk=2**80), 1, 1)), "lines.0.variant"),
        (ask(mina, (Variant(pk=987654), 1, 1)), "lines.0.variant"),
        (ask(mina, (bonnet, 1, 1299), channel="nul\0"), "channel"),
        (ask(mina, (bonnet, 1, 1299), channel="\ud800"), "channel"),
        (ask(mina, (bonnet, 1, 1299), channel="x" * 121), "channel"),
        (ask(mina, (bonnet, 1, 1299), card_number="5555555555554444"), "card"),
        (ask(mina, (bonnet, 1, 1299), address={"full_name": "nul\0"}), "address"),
        (ask(mina, (bonnet, 1, 1299), address={"planet": "Mars"}), "address.planet"),
    ]
    outcomes = place_many([*(request for request, _ in bad), ask(theo, (bonnet, 1, 1299))])
    for outcome, (request, field) in zip(outcomes[:-1], bad, strict=True):
        assert isinstance(outcome, Invalid), request
        assert list(outcome.fields) == [field]
    placed(outcomes[-1])


def test_an_order_in_a_show_pays_the_show_price_and_elsewhere_the_own_price(mina, bonnet):
    offer = start_show_price(variant=bonnet, channel=SHOW, price=Money(1100, "EUR"))
    here, there, nowhere = place_many(
        [
            ask(mina, (bonnet, 1, 1100), channel=SHOW),
            ask(mina, (bonnet, 1, 1299), channel="another-show"),
            ask(mina, (bonnet, 1, 1100)),
        ]
    )
    assert Order.objects.get(pk=placed(here).order_id).lines.get().offer == offer
    assert placed(there).total.minor == 1299 + 490
    assert nowhere.code == "price_changed"


def test_a_deal_beats_the_show_price_and_gives_its_own_units(mina, bonnet):
    start_show_price(variant=bonnet, channel=SHOW, price=Money(1100, "EUR"))
    offer = deal(bonnet, units=4)
    place_many([ask(mina, (bonnet, 3, 900), channel=SHOW)])
    offer.refresh_from_db()
    assert (offer.sold, offer.state) == (3, "running")
    assert Stock.objects.get(pk=bonnet.pk).left == 1
    changed = facts("shop.stock_changed")[-1].data
    assert (changed["left"], changed["deal"], changed["deal_left"]) == (1, offer.pk, 1)
    assert changed["deals"] == {SHOW: {"deal": offer.pk, "left": 1}}


def test_the_last_unit_of_a_deal_ends_it(mina, bonnet):
    offer = deal(bonnet, units=2)
    place_many([ask(mina, (bonnet, 2, 900), channel=SHOW)])
    offer.refresh_from_db()
    assert (offer.state, offer.end_reason, offer.sold) == ("ended", "units", 2)
    [ended] = facts("shop.offer_ended")
    assert (ended.channel, ended.data["reason"], ended.data["rev"]) == (SHOW, "units", offer.rev)
    assert facts("shop.stock_changed")[-1].data["deal_left"] is None


def test_a_line_that_the_deal_can_not_fill_alone_is_priced_without_it(mina, bonnet):
    deal(bonnet, units=2)
    asked = [ask(mina, (bonnet, 3, 900), channel=SHOW), ask(mina, (bonnet, 3, 1299), channel=SHOW)]
    changed, done = place_many(asked)
    assert changed.data == {"lines": [{"variant": bonnet.pk, "price": 1299, "currency": "EUR"}]}
    assert placed(done).total.minor == 3 * 1299 + 490
    assert codes(place_many([ask(mina, (bonnet, 2, 900), channel=SHOW)])) == ["placed"]


def test_when_neither_deal_nor_shelf_is_enough_it_is_sold_out(mina, bonnet):
    deal(bonnet, units=3)
    [outcome] = place_many([ask(mina, (bonnet, 4, 900), channel=SHOW)])
    assert outcome.code == "sold_out"
    assert outcome.data == {"lines": [{"variant": bonnet.pk, "left": 3}]}


def test_units_of_a_deal_are_not_for_buyers_elsewhere(mina, bonnet):
    deal(bonnet, units=5)
    [outcome] = place_many([ask(mina, (bonnet, 1, 1299))])
    assert (outcome.code, outcome.data["lines"][0]["left"]) == ("sold_out", 0)


def test_nobody_gets_more_of_a_deal_than_its_limit(mina, theo, bonnet):
    offer = deal(bonnet, units=5, per_buyer=2)
    outcomes = place_many(
        [
            ask(mina, (bonnet, 1, 900), channel=SHOW),
            ask(mina, (bonnet, 2, 900), channel=SHOW),
            ask(mina, (bonnet, 1, 900), channel=SHOW),
            ask(theo, (bonnet, 2, 900), channel=SHOW),
        ]
    )
    assert codes(outcomes) == ["placed", "over_limit", "placed", "placed"]
    assert outcomes[1].data == {"variant": bonnet.pk, "per_buyer": 2, "have": 1}
    assert OfferUse.objects.get(offer=offer, user=mina).units == 2
    assert codes(place_many([ask(mina, (bonnet, 1, 900), channel=SHOW)])) == ["over_limit"]


def test_a_deal_whose_time_is_up_sells_nothing_although_no_sweep_came_by(mina, bonnet):
    offer = deal(bonnet, units=5)
    Offer.objects.update(ends_at=past())
    late, fair = place_many(
        [ask(mina, (bonnet, 1, 900), channel=SHOW), ask(mina, (bonnet, 5, 1299), channel=SHOW)]
    )
    assert late.code == "price_changed"
    placed(fair)  # its units are on the shelf again at once
    offer.refresh_from_db()
    assert (offer.state, offer.end_reason) == ("ended", "time")
    [ended] = facts("shop.offer_ended")
    assert ended.data["rev"] == offer.rev


def test_what_is_found_to_be_over_is_let_go_even_if_nobody_gets_anything(mina, bonnet):
    deal(bonnet, units=5)
    Offer.objects.update(ends_at=past())
    assert codes(place_many([ask(mina, (bonnet, 1, 900), channel=SHOW)])) == ["price_changed"]
    assert Stock.objects.get(pk=bonnet.pk).left == 5
    assert facts("shop.stock_changed")[-1].data["left"] == 5


def test_an_offer_in_another_currency_never_applies(mina, bonnet):
    start_show_price(variant=bonnet, channel=SHOW, price=Money(1100, "EUR"))
    Offer.objects.update(currency="USD")
    assert codes(place_many([ask(mina, (bonnet, 1, 1299), channel=SHOW)])) == ["placed"]


def test_a_deal_that_was_stopped_by_hand_sells_no_more(mina, bonnet):
    offer = deal(bonnet, units=2)
    end_offer(offer_id=offer.pk)
    assert codes(place_many([ask(mina, (bonnet, 1, 900), channel=SHOW)])) == ["price_changed"]
    assert Stock.objects.get(pk=bonnet.pk).left == 5
