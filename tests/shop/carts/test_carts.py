"""What a cart keeps, for how long, and what happens when it does not any more."""

from __future__ import annotations

import datetime as dt
import uuid

import psycopg
import pytest
from django.db import connection

from livestore.base.clock import database_now, milliseconds
from livestore.base.errors import Invalid, KeyReused
from livestore.base.money import Money
from livestore.base.outbox import OutboxRow
from shop.carts.errors import CartFull, NoSuchLine
from shop.carts.expiry import expire_due_holds
from shop.carts.selectors import cart_value
from shop.carts.services import add, hold_again, remove, set_quantity
from shop.catalogue.errors import NoSuchVariant
from shop.checkout.errors import MixedCurrencies, NotForSale, SoldOut
from shop.models import CartLine, Hold, Product, Stock, Variant
from shop.offers.services import start_show_price
from shop.stock.facts import stock_facts
from streams.room.protocol.values import CartValue
from tests import cast
from tests.shop.buying import SHOW, at_once, deal, facts, faults, past

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _all_is_well_afterwards(db):
    yield
    assert faults() == []


@pytest.fixture
def mina():
    return cast.mina()


@pytest.fixture
def bonnet() -> Variant:
    return cast.variant_of(cast.product(stock=5))


def put(user, variant, quantity=1, **more) -> CartLine:
    line = add(user=user, variant=variant.pk, quantity=quantity, key=uuid.uuid4(), **more)
    assert line is not None
    return line


def left(variant: Variant) -> int:
    return Stock.objects.get(pk=variant.pk).left


def only_line(user) -> dict:
    value = cart_value(user)
    CartValue.model_validate(value)
    [line] = value["lines"]
    return line


def test_what_is_in_the_cart_is_kept_for_ten_minutes(mina, bonnet):
    put(mina, bonnet, 2, channel=SHOW)
    line = only_line(mina)
    assert left(bonnet) == 3
    assert (line["quantity"], line["left"], line["channel"]) == (2, 3, SHOW)
    in_ten_minutes = milliseconds(database_now() + dt.timedelta(minutes=10))
    assert 0 <= in_ten_minutes - line["held_until"] < 10_000
    assert facts("shop.stock_changed")[-1].data["left"] == 3
    assert [fact.person for fact in facts("shop.cart_updated")] == [mina.pk]


def test_more_of_the_same_is_one_line_and_keeps_all_of_it(mina, bonnet):
    put(mina, bonnet, 2)
    Hold.objects.update(expires_at=database_now() + dt.timedelta(seconds=5))
    put(mina, bonnet, 1)
    [hold] = Hold.objects.all()
    assert hold.quantity == 3
    assert hold.expires_at > database_now() + dt.timedelta(minutes=9)


def test_more_than_there_is_is_sold_out_and_changes_nothing(mina, bonnet):
    put(mina, bonnet, 4)
    with pytest.raises(SoldOut) as refusal:
        put(mina, bonnet, 2)
    assert refusal.value.data == {"lines": [{"variant": bonnet.pk, "left": 1}]}
    assert only_line(mina)["quantity"] == 4
    assert cart_value(mina)["rev"] == 1


def test_the_same_key_again_changes_nothing_and_another_body_is_refused(mina, bonnet):
    key = uuid.uuid4()
    first = add(user=mina, variant=bonnet.pk, quantity=1, key=key)
    assert add(user=mina, variant=bonnet.pk, quantity=1, key=key) == first
    assert only_line(mina)["quantity"] == 1
    with pytest.raises(KeyReused):
        add(user=mina, variant=bonnet.pk, quantity=2, key=key)
    remove(user=mina, line=first.pk)
    assert add(user=mina, variant=bonnet.pk, quantity=1, key=key) is None


def test_a_refused_key_may_be_used_again(mina, bonnet):
    key = uuid.uuid4()
    Stock.objects.update(opening=0, on_hand=0)
    with pytest.raises(SoldOut):
        add(user=mina, variant=bonnet.pk, quantity=1, key=key)
    Stock.objects.update(opening=1, on_hand=1)
    assert add(user=mina, variant=bonnet.pk, quantity=1, key=key) is not None


def test_what_can_not_be_bought_can_not_be_put_in(mina, bonnet):
    with pytest.raises(NoSuchVariant):
        add(user=mina, variant=987654, key=uuid.uuid4())
    for quantity in (0, -1, 100, True, 1.5):
        with pytest.raises(Invalid):
            add(user=mina, variant=bonnet.pk, quantity=quantity, key=uuid.uuid4())
    Product.objects.update(status="draft")
    with pytest.raises(NotForSale):
        put(mina, bonnet)


def test_a_variant_that_has_no_stock_row_is_sold_out(mina, bonnet):
    bare = Variant.objects.create(product=bonnet.product, title="x", sku="x", price_minor=1)
    with pytest.raises(SoldOut):
        put(mina, bare)


def test_two_currencies_do_not_meet_in_one_cart(mina, bonnet):
    put(mina, bonnet)
    with pytest.raises(MixedCurrencies):
        put(mina, cast.variant_of(cast.product("lamp", currency="USD")))


def test_a_cart_has_an_end(mina, bonnet, monkeypatch):
    monkeypatch.setattr("shop.carts.services.MOST_LINES", 1)
    put(mina, bonnet)
    with pytest.raises(CartFull):
        put(mina, cast.variant_of(cast.product("comb")))
    put(mina, bonnet)


def test_fewer_gives_the_rest_back_and_keeps_the_countdown(mina, bonnet):
    line = put(mina, bonnet, 4)
    before = only_line(mina)["held_until"]
    set_quantity(user=mina, line=line.pk, quantity=1)
    assert (left(bonnet), only_line(mina)["held_until"]) == (4, before)
    set_quantity(user=mina, line=line.pk, quantity=5)
    assert (left(bonnet), only_line(mina)["quantity"]) == (0, 5)
    with pytest.raises(SoldOut):
        set_quantity(user=mina, line=line.pk, quantity=6)
    assert only_line(mina)["quantity"] == 5
    set_quantity(user=mina, line=line.pk, quantity=0)
    assert cart_value(mina)["lines"] == []
    assert left(bonnet) == 5


def test_a_line_that_is_taken_out_twice_is_taken_out(mina, bonnet):
    line = put(mina, bonnet, 2)
    remove(user=mina, line=line.pk)
    remove(user=mina, line=line.pk)
    assert left(bonnet) == 5


def test_nobody_touches_the_cart_of_somebody_else(mina, bonnet):
    line = put(mina, bonnet, 2)
    theo = cast.theo()
    with pytest.raises(NoSuchLine):
        set_quantity(user=theo, line=line.pk, quantity=1)
    with pytest.raises(NoSuchLine):
        hold_again(user=theo, line=line.pk)
    remove(user=theo, line=line.pk)
    assert only_line(mina)["quantity"] == 2


def test_a_hold_whose_time_is_up_is_let_go_and_the_line_stays(mina, bonnet):
    line = put(mina, bonnet, 2)
    Hold.objects.update(expires_at=past())
    assert only_line(mina)["held_until"] is None
    assert expire_due_holds() == 1
    assert expire_due_holds() == 0
    assert left(bonnet) == 5
    assert only_line(mina)["quantity"] == 2
    assert facts("shop.cart_updated")[-1].person == mina.pk
    hold_again(user=mina, line=line.pk)
    assert left(bonnet) == 3
    assert only_line(mina)["held_until"] is not None


def test_what_is_told_of_the_shelf_is_what_it_has_become(mina, bonnet):
    """With the deal's units beside the shelf's, and the stock before the cart."""
    offer = deal(bonnet, units=2)
    put(mina, bonnet, 1)
    Hold.objects.filter(owner="cart").update(expires_at=past())
    OutboxRow.objects.all().delete()
    assert expire_due_holds() == 1
    [stock, cart] = OutboxRow.objects.order_by("id")
    assert (stock.kind, cart.kind) == ("shop.stock_changed", "shop.cart_updated")
    [wanted] = stock_facts([Stock.objects.get()])
    assert (stock.data, stock.person, stock.channel) == (wanted.data, None, "")
    assert (stock.data["left"], stock.data["deal"], stock.data["deal_left"]) == (3, offer.pk, 2)


@pytest.mark.django_db(transaction=True)
def test_a_hold_whose_stock_somebody_keeps_locked_waits_for_the_next_sweep(mina, bonnet):
    put(mina, bonnet, 2)
    Hold.objects.update(expires_at=past())
    with psycopg.connect(connection.connection.info.dsn) as other:
        other.execute("SELECT FROM stock FOR UPDATE")
        assert expire_due_holds() == 0
        assert Hold.objects.count() == 1
    assert expire_due_holds() == 1
    assert left(bonnet) == 5


@pytest.mark.django_db(transaction=True)
def test_a_stock_that_somebody_keeps_locked_keeps_no_other_waiting(mina, bonnet):
    comb = cast.variant_of(cast.product("comb", price=500))
    put(mina, bonnet, 2)
    put(mina, comb, 1)
    Hold.objects.update(expires_at=past())
    with psycopg.connect(connection.connection.info.dsn) as other:
        other.execute("SELECT FROM stock WHERE variant_id = %s FOR UPDATE", [bonnet.pk])
        assert expire_due_holds() == 1
        assert Hold.objects.get().variant_id == bonnet.pk
    assert expire_due_holds() == 1


def test_the_sweep_leaves_deals_and_orders_alone(mina, bonnet):
    deal(bonnet, units=2)
    Hold.objects.update(expires_at=past())
    assert expire_due_holds() == 0
    Hold.objects.update(expires_at=None)


def test_units_that_are_gone_can_not_be_kept_again(mina, bonnet):
    line = put(mina, bonnet, 3)
    Hold.objects.update(expires_at=past())
    expire_due_holds()
    put(cast.theo(), bonnet, 3)
    with pytest.raises(SoldOut) as refusal:
        hold_again(user=mina, line=line.pk)
    assert refusal.value.data["lines"][0]["left"] == 2


def test_a_cart_is_priced_where_it_was_filled(mina, bonnet):
    comb = cast.variant_of(cast.product("comb", price=500))
    start_show_price(variant=bonnet, channel=SHOW, price=Money(1000, "EUR"))
    start_show_price(variant=comb, channel=SHOW, price=Money(400, "EUR"))
    put(mina, bonnet, 2, channel=SHOW)
    put(mina, comb, 1)
    value = cart_value(mina)
    CartValue.model_validate(value)
    assert [line["unit"]["minor"] for line in value["lines"]] == [1000, 500]
    assert value["items_total"] == {"minor": 2500, "currency": "EUR"}
    assert value["total"] == {"minor": 2990, "currency": "EUR"}
    deal(bonnet, units=2)
    assert cart_value(mina)["lines"][0]["unit"]["minor"] == 900


def test_an_empty_cart_has_no_sums(mina):
    value = cart_value(mina)
    CartValue.model_validate(value)
    assert value == {"rev": 0, "lines": [], "items_total": None, "shipping": None, "total": None}


def test_a_cart_is_read_in_the_same_number_of_queries_whatever_is_in_it(
    mina, bonnet, django_assert_max_num_queries
):
    for number in range(12):
        put(mina, cast.variant_of(cast.product(f"thing-{number}")), channel=SHOW)
    with django_assert_max_num_queries(6):
        cart_value(mina)


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_twenty_carts_share_five_units_and_no_more(bonnet):
    people = [cast.buyer(f"buyer{number}") for number in range(20)]
    results = at_once(*(lambda who=who: put(who, bonnet) for who in people))
    assert sum(isinstance(result, CartLine) for result in results) == 5
    assert sum(isinstance(result, SoldOut) for result in results) == 15


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_one_key_sent_twenty_times_at_once_puts_one_unit_in(mina, bonnet):
    key = uuid.uuid4()
    results = at_once(*(lambda: add(user=mina, variant=bonnet.pk, key=key) for _ in range(20)))
    assert all(isinstance(result, CartLine) for result in results)
    assert only_line(mina)["quantity"] == 1


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_carts_filled_in_opposite_orders_never_deadlock(mina, bonnet):
    comb = cast.variant_of(cast.product("comb"))
    lines = [put(mina, bonnet), put(mina, comb)]
    acts = [
        lambda number=number: hold_again(user=mina, line=lines[number % 2].pk)
        for number in range(20)
    ]
    Hold.objects.update(expires_at=past())
    results = at_once(*acts, expire_due_holds, expire_due_holds)
    assert not [result for result in results if isinstance(result, Exception)]
