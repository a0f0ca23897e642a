"""A rush is seen at the sequence from which every order draws its id."""

from __future__ import annotations

import pytest

from shop.checkout import pulse
from shop.checkout.placement import place_many
from shop.checkout.pulse import RUSH, Pulse
from tests import cast
from tests.shop.buying import ask

pytestmark = pytest.mark.django_db


def test_orders_asked_for_are_counted_with_those_that_were_refused(monkeypatch):
    monkeypatch.setattr(pulse, "SHORTEST", 0.0)
    mina = cast.mina()
    bonnet = cast.variant_of(cast.product(stock=1))
    now = iter((100.0, 102.0))
    monkeypatch.setattr(pulse.time, "monotonic", lambda: next(now))
    seen = Pulse()
    place_many([ask(mina, (bonnet, 1, None))])
    seen.look()
    assert seen.rate == 0.0, "the first look only begins"
    place_many([ask(mina, (bonnet, 1, None)) for _ in range(8)])
    seen.look()
    assert seen.rate == 4.0


def test_a_rush_is_over_when_nobody_asks_any_more():
    seen = Pulse()
    seen.take(0, now=10.0)
    seen.take(2 * RUSH, now=11.0)
    assert seen.is_rush
    seen.take(2 * RUSH + 1, now=12.0)
    assert not seen.is_rush
