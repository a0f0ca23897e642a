"""The price of a unit, as rules over any prices."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from livestore.base.money import Money
from shop.offers.pricing import price_of, shipping


@dataclass(frozen=True)
class Tag:
    price: Money


currencies = st.sampled_from(["EUR", "USD", "JPY"])
tags = st.builds(Tag, st.builds(Money, st.integers(0, 10**8), currencies))
maybe = st.none() | tags


def fits(offer: Tag | None, own: Tag) -> bool:
    return offer is not None and offer.price.currency == own.price.currency


@given(tags, maybe, maybe)
def test_a_running_deal_is_the_price_whatever_else_there_is(own, show_price, deal):
    if fits(deal, own):
        assert price_of(own, show_price, deal) == deal.price


@given(tags, maybe, maybe)
def test_without_a_deal_the_show_price_is_the_price(own, show_price, deal):
    if not fits(deal, own) and fits(show_price, own):
        assert price_of(own, show_price, deal) == show_price.price


@given(tags, maybe, maybe)
def test_without_any_offer_the_own_price_is_the_price(own, show_price, deal):
    if not fits(deal, own) and not fits(show_price, own):
        assert price_of(own, show_price, deal) == own.price


@given(tags, maybe, maybe, st.integers(1, 99))
def test_a_price_is_never_negative_and_never_in_another_currency(own, show_price, deal, quantity):
    total = price_of(own, show_price, deal) * quantity
    assert total.minor >= 0
    assert total.currency == own.price.currency
    assert type(total.minor) is int


def test_shipping_is_one_flat_rate_for_each_currency():
    assert shipping("EUR") == Money(490, "EUR")
    assert shipping("JPY") == Money(800, "JPY")
    assert shipping("SEK") == Money(490, "SEK")
    assert shipping("KRW") == Money(4, "KRW")
    assert shipping("KWD") == Money(4900, "KWD")
