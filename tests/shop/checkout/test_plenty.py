"""What there is plenty of is decided and written before the lock, and comes out as if it had been decided under it."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from functools import partial

import psycopg
import pytest
from django.db import connection

from accounts.models import User
from livestore.base.money import Money
from shop.carts import services as carts
from shop.catalogue.models import Variant
from shop.checkout import figures, writing
from shop.checkout.batch import Batch
from shop.checkout.batcher import Batcher
from shop.checkout.placement import Placement, place_many
from shop.checkout.plenty import PLENTY, RUSH, scarce
from shop.models import CartLine, Offer, Order, Stock
from shop.offers.services import end_offer, start_show_price
from shop.stock.facts import stock_fact
from tests import cast
from tests.shop.buying import SHOW, ask, at_once, codes, deal, facts, faults, fresh, placed

pytestmark = pytest.mark.django_db(transaction=True)
STOCK = PLENTY + 1_000


@pytest.fixture(autouse=True)
def nothing_was_scarce():
    scarce.forget()


@pytest.fixture
def lipstick(db) -> Variant:
    return cast.variant_of(cast.product("lipstick", price=1299, stock=STOCK))


@pytest.fixture
def buyers(db):
    return [cast.buyer(f"buyer{number}") for number in range(RUSH)]


class Watched(Placement):
    """The real one; counts who was decided before and who under the lock, and does something in between."""

    def __init__(self, meanwhile: Callable[[], object] = lambda: None) -> None:
        self.meanwhile = meanwhile
        self.before = 0
        self.locked = 0

    def take(self, batch: Batch) -> None:
        self.before = len(batch.orders)
        at_once(self.meanwhile)
        super().take(batch)

    def lock(self, batch: Batch) -> None:
        self.locked = len(batch.open_places)
        super().lock(batch)


class Unchecked(Watched):
    """Writes the stock as it was read, without looking whether that still holds."""

    def take(self, batch: Batch) -> None:
        at_once(self.meanwhile)
        writing.write_stocks(batch)


def test_a_rush_on_plenty_is_placed_without_deciding_under_the_lock(lipstick, buyers):
    again = buyers[0]
    key = uuid.uuid4()
    watched = Watched()
    requests = [ask(each, (lipstick, 2, 1299), channel=SHOW) for each in buyers]
    requests += [ask(again, (lipstick, 1, 1299), key=key) for _ in range(2)]
    outcomes = watched.place_many(requests)
    assert codes(outcomes) == ["placed"] * (RUSH + 2)
    assert (watched.before, watched.locked) == (RUSH + 1, 0)
    assert placed(outcomes[-1]).replay
    assert placed(outcomes[-1]).public_id == placed(outcomes[-2]).public_id
    stock = Stock.objects.get()
    assert stock.left == STOCK - 2 * RUSH - 1
    assert [row.data for row in facts("shop.stock_changed")] == [stock_fact(stock).data]
    assert facts("shop.stock_changed")[0].pk < facts("shop.orders_placed")[0].pk
    assert faults() == []


@pytest.mark.parametrize("count", [1, RUSH - 1])
def test_a_few_go_straight_to_the_lock_which_is_free(lipstick, buyers, count):
    watched = Watched()
    watched.place_many([ask(each, (lipstick, 1, 1299)) for each in buyers[:count]])
    assert (watched.before, watched.locked) == (0, count)


def test_what_is_scarce_dealt_or_in_a_cart_is_decided_under_the_lock(lipstick, buyers):
    few = cast.variant_of(cast.product("comb", price=500, stock=PLENTY))
    dealt = cast.variant_of(cast.product("mirror", price=700, stock=STOCK))
    deal(dealt, units=3, price=600)
    for each in buyers[:2]:
        carts.add(user=each, variant=lipstick.pk, quantity=1, key=uuid.uuid4())
    requests = [
        *(ask(each, (lipstick, 1, 1299)) for each in buyers[1:]),
        ask(buyers[0], (lipstick, 1, 1299), from_cart=True),
        ask(buyers[1], (few, 1, 500)),
        ask(buyers[2], (dealt, 1, 600), channel=SHOW),
        ask(buyers[3], (lipstick, 1, 1299), (few, 1, 500)),
        ask(buyers[4], (lipstick, 1, 1)),
    ]
    watched = Watched()
    outcomes = watched.place_many(requests)
    assert codes(outcomes) == ["placed"] * (RUSH + 3) + ["price_changed"]
    assert (watched.before, watched.locked) == (RUSH - 1, 4)
    assert Offer.objects.get().sold == 1
    assert CartLine.objects.get().cart.user == buyers[1], "who buys past the cart keeps it"
    assert faults() == []


def test_what_was_found_scarce_is_not_looked_at_again_at_once(buyers):
    few = cast.variant_of(cast.product("comb", price=500, stock=PLENTY))
    rush = [ask(each, (few, 1, 500)) for each in buyers]
    assert codes(place_many(rush)) == ["placed"] * RUSH
    assert scarce.has_all([few.pk])
    assert not scarce.has_all([few.pk, few.pk + 1])


def sell_out(variant: Variant) -> None:
    Stock.objects.filter(pk=variant.pk).update(opening=3, on_hand=3)


def withdraw(variant: Variant) -> None:
    variant.product.status = "archived"
    variant.product.save()


def cost_more(variant: Variant) -> None:
    variant.price_minor = 1500
    variant.save()


def show_price(variant: Variant) -> None:
    start_show_price(variant=variant, channel=SHOW, price=Money(1500, "EUR"))


@pytest.mark.parametrize(
    ("change", "answers"),
    [
        (sell_out, ["placed"] * 3 + ["sold_out"] * (RUSH - 3)),
        (withdraw, ["not_for_sale"] * RUSH),
        (cost_more, ["price_changed"] * RUSH),
        (show_price, ["price_changed"] * RUSH),
        (partial(deal, units=5), ["price_changed"] * RUSH),
    ],
    ids=["sold out", "withdrawn", "price", "show price", "deal"],
)
def test_what_changes_before_the_lock_is_decided_again_under_it(lipstick, buyers, change, answers):
    before = figures.decided_again.total()
    watched = Watched(partial(change, lipstick))
    requests = [ask(each, (lipstick, 1, 1299), channel=SHOW) for each in buyers]
    assert codes(watched.place_many(requests)) == answers
    assert (watched.before, watched.locked) == (RUSH, RUSH)
    assert figures.decided_again.total() == before + 1
    assert Order.objects.count() == answers.count("placed")
    assert faults() == []


def test_an_offer_that_ends_before_the_lock_sells_nothing_any_more(lipstick, buyers):
    start_show_price(variant=lipstick, channel=SHOW, price=Money(900, "EUR"))
    offer = Offer.objects.get()
    watched = Watched(partial(end_offer, offer_id=offer.pk))
    requests = [ask(each, (lipstick, 1, 900), channel=SHOW) for each in buyers]
    assert codes(watched.place_many(requests)) == ["price_changed"] * RUSH


def sell_elsewhere(variant: Variant, buyers: list[User]) -> None:
    assert set(codes(place_many([ask(each, (variant, 1, None)) for each in buyers]))) == {"placed"}


@pytest.mark.parametrize(("placement", "broken"), [(Watched, False), (Unchecked, True)])
def test_without_the_last_look_units_are_counted_once_and_sold_twice(
    lipstick, buyers, placement, broken
):
    rival = placement(partial(sell_elsewhere, lipstick, buyers))
    rival.place_many([ask(each, (lipstick, 1, 1299)) for each in buyers])
    assert Order.objects.count() == 2 * RUSH
    assert (faults() != []) is broken


def test_rivals_share_what_there_is_to_the_last_unit(lipstick):
    """Three batchers sell across the border between plenty and scarce."""
    people = [cast.buyer(f"rival{number}") for number in range(90)]
    fresh(lipstick, stock=PLENTY + 40)
    batchers = [Batcher(largest_batch=15) for _ in range(3)]
    acts = [
        partial(batchers[number % 3].place, ask(each, (lipstick, 30, 1299)))
        for number, each in enumerate(people)
    ]
    answers = codes(at_once(*acts))
    for batcher in batchers:
        batcher.close()
    assert answers.count("placed") == (PLENTY + 40) // 30
    assert set(answers) == {"placed", "sold_out"}
    assert faults() == []


def test_one_key_in_two_batches_at_once_is_one_order(lipstick, buyers):
    """One is written before its lock, the other under it: they wait for each other before either locks anything."""
    mina = buyers[0]
    for _ in range(3):
        fresh(lipstick, stock=STOCK)
        key = uuid.uuid4()
        start = threading.Barrier(2)

        def rush(key: uuid.UUID = key, start: threading.Barrier = start) -> list[str]:
            requests = [ask(each, (lipstick, 1, 1299)) for each in buyers[1:]]
            start.wait(10)
            return codes(place_many([*requests, ask(mina, (lipstick, 1, 1299), key=key)]))

        def alone(key: uuid.UUID = key, start: threading.Barrier = start) -> list[str]:
            start.wait(10)
            return codes(place_many([ask(mina, (lipstick, 1, 1299), key=key)]))

        assert at_once(rush, alone) == [["placed"] * RUSH, ["placed"]]
        assert Order.objects.count() == RUSH
        assert faults() == []


def test_who_was_placed_before_the_trouble_is_not_told_to_try_again(lipstick, buyers, monkeypatch):
    """The second part of a batch meets a row that somebody keeps locked: only its own people are answered `busy`."""
    monkeypatch.setattr("shop.checkout.batcher.LOCK_TIMEOUT_MS", 100)
    few = cast.variant_of(cast.product("comb", price=500, stock=5))
    rush = [ask(each, (lipstick, 1, 1299)) for each in buyers]
    began, gate = threading.Event(), threading.Event()

    class Gathering(Placement):
        """Waits before its first batch, so that all who come after it are the second."""

        def place_many(self, requests):
            began.set()
            gate.wait(10)
            return super().place_many(requests)

    with psycopg.connect(connection.connection.info.dsn) as other:
        other.execute("SELECT FROM stock WHERE variant_id = %s FOR UPDATE", [few.pk])
        batcher = Batcher(Gathering)
        first = batcher.submit(ask(buyers[0], (lipstick, 1, 1299)))
        assert began.wait(10)
        answers = [batcher.submit(each) for each in [*rush, ask(buyers[0], (few, 1, 500))]]
        gate.set()
        outcomes = [each.result(10) for each in answers]
        assert codes([first.result(10)]) == ["placed"]
        batcher.close()
    assert codes(outcomes) == ["placed"] * RUSH + ["busy"]
    assert Order.objects.count() == RUSH + 1
    assert faults() == []


def test_nobody_waits_for_a_batch_that_is_still_writing(lipstick, buyers):
    """Until its last statement another connection may lock the row; deciding under the lock keeps it out."""
    free: dict[str, bool] = {}

    def lockable() -> bool:
        def look() -> bool:
            with connection.cursor() as cursor:
                cursor.execute("BEGIN")
                cursor.execute("SELECT FROM stock FOR UPDATE SKIP LOCKED")
                found = cursor.rowcount == 1
                cursor.execute("ROLLBACK")
            return found

        [found] = at_once(look)
        return found is True

    class Plenty(Placement):
        def take(self, batch: Batch) -> None:
            free["plenty"] = lockable()
            super().take(batch)

    class Locked(Placement):
        def write(self, batch: Batch) -> None:
            free["locked"] = lockable()
            super().write(batch)

    Plenty().place_many([ask(each, (lipstick, 1, 1299)) for each in buyers])
    Locked().place_many([ask(buyers[0], (lipstick, 1, 1299))])
    assert free == {"plenty": True, "locked": False}
