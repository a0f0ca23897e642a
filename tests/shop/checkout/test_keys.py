"""One key is one order, and rivals who want the same things in another order never block each other."""

from __future__ import annotations

import threading
import uuid
from functools import partial

import pytest

from shop.catalogue.models import Variant
from shop.checkout.batch import Batch
from shop.checkout.batcher import Batcher
from shop.checkout.placement import Placement, place_many
from shop.checkout.requests import Placed
from shop.models import Order
from tests import cast
from tests.shop.buying import ask, at_once, codes, faults, fresh, wait

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]


@pytest.fixture
def lipstick() -> Variant:
    return cast.variant_of(cast.product("lipstick", price=1299, stock=50))


@pytest.fixture
def mina(db):
    return cast.mina()


def test_one_key_sent_fifty_times_at_once_is_one_order(mina, lipstick):
    key = uuid.uuid4()
    batchers = [Batcher(largest_batch=2) for _ in range(4)]
    acts = [
        partial(batchers[number % 4].place, ask(mina, (lipstick, 1, 1299), key=key))
        for number in range(50)
    ]
    results = at_once(*acts)
    for batcher in batchers:
        batcher.close()
    assert all(isinstance(result, Placed) for result in results)
    assert len({result.public_id for result in results}) == 1
    assert sum(not result.replay for result in results) == 1
    assert Order.objects.count() == 1
    assert faults() == []


def test_one_key_for_two_different_things_at_once_is_one_order_and_one_refusal(mina, lipstick):
    """Nothing but their key stands between them: they lock different stock rows."""
    comb = cast.variant_of(cast.product("comb", price=500))
    for _ in range(2):
        fresh(lipstick, stock=50)
        key = uuid.uuid4()
        rivals = threading.Barrier(2)
        results = at_once(
            partial(BothInside(rivals).place_many, [ask(mina, (lipstick, 1, 1299), key=key)]),
            partial(BothInside(rivals).place_many, [ask(mina, (comb, 1, 500), key=key)]),
        )
        assert sorted(codes([result[0] for result in results])) == ["key_reused", "placed"]
        assert Order.objects.count() == 1
        assert faults() == []


class BothInside(Placement):
    """The real one; waits once, after it has looked for earlier orders and before it writes."""

    def __init__(self, rivals: threading.Barrier) -> None:
        self.rivals = rivals

    def write(self, batch: Batch) -> None:
        wait(self.rivals)
        super().write(batch)


def test_twenty_carts_in_opposite_orders_never_deadlock(lipstick):
    comb = cast.variant_of(cast.product("comb", price=500))
    buyers = [cast.buyer(f"buyer{number}") for number in range(20)]
    for _ in range(5):
        fresh(lipstick, stock=100)
        lines = [(lipstick, 1, 1299), (comb, 1, 500)]
        acts = [
            partial(place_many, [ask(buyer, *(lines if number % 2 else reversed(lines)))])
            for number, buyer in enumerate(buyers)
        ]
        results = at_once(*acts)
        assert [codes(result) for result in results] == [["placed"]] * 20
        assert faults() == []
