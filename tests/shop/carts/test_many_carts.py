"""Carts of many people, read together: each is what it is alone."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from livestore.base.clock import database_now
from shop.carts.selectors import cart_value, cart_values
from shop.carts.services import add, remove
from shop.models import Cart, CartLine, Hold, Variant
from tests import cast
from tests.shop.buying import SHOW, deal

pytestmark = pytest.mark.django_db


def put(user: User, variant: Variant, quantity: int = 1, channel: str = "") -> CartLine:
    line = add(user=user, variant=variant.pk, quantity=quantity, channel=channel, key=uuid.uuid4())
    assert line is not None
    return line


@pytest.fixture
def people() -> list[User]:
    """No cart; an emptied one; one line; two lines in two channels, one with a deal; a hold that has lapsed."""
    bonnet = cast.variant_of(cast.product(stock=40))
    comb = cast.variant_of(cast.product("comb", price=500, stock=40))
    deal(comb, units=10, price=300)
    stranger, emptied, mina, theo, late = (
        cast.person(name) for name in ("stranger", "emptied", "mina", "theo", "late")
    )
    remove(user=emptied, line=put(emptied, bonnet).pk)
    put(mina, bonnet, 2)
    put(theo, bonnet, 1)
    put(theo, comb, 3, channel=SHOW)
    lapsed = put(late, bonnet)
    Hold.objects.filter(owner_id=lapsed.pk, owner=Hold.Owner.CART).update(
        expires_at=database_now() - dt.timedelta(seconds=1)
    )
    return [stranger, emptied, mina, theo, late]


def test_many_carts_are_each_what_they_are_alone(people: list[User]) -> None:
    together = cart_values([user.pk for user in people])
    assert together == {user.pk: cart_value(user) for user in people}
    stranger, emptied, mina, theo, late = (together[user.pk] for user in people)
    assert (stranger["rev"], stranger["lines"], stranger["total"]) == (0, [], None)
    assert emptied["rev"] == Cart.objects.get(user=people[1]).rev > 0
    assert [line["quantity"] for line in mina["lines"]] == [2]
    assert [line["unit"]["minor"] for line in theo["lines"]] == [1299, 300]
    assert late["lines"][0]["held_until"] is None
    assert mina["lines"][0]["held_until"] is not None


def test_the_number_of_queries_does_not_grow_with_the_people(people: list[User]) -> None:
    def queries(users: list[User]) -> int:
        with CaptureQueriesContext(
            connection,
        ) as counted:
            cart_values([user.pk for user in users])
        return len(counted)

    bonnet = Variant.objects.get(product__handle="silk-bonnet")
    more = [cast.person(f"more-{number}") for number in range(12)]
    for user in more:
        put(user, bonnet, channel=SHOW)
    assert queries(people[:2]) == 1, "nobody has anything in a cart"
    assert queries([*people, *more]) == queries([people[3]]) <= 6


def test_nobody_at_all_is_no_trouble() -> None:
    nothing: dict[int, Any] = {}
    assert cart_values([]) == nothing
