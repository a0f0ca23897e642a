"""The batcher: batches by themselves, a bounded queue, and a database that goes away."""

from __future__ import annotations

import asyncio
import threading
import uuid

import pytest
from django.db import DataError, OperationalError, connection

from shop.checkout.batch import Batch
from shop.checkout.batcher import Batcher
from shop.checkout.placement import Placement
from shop.models import Order
from tests import cast
from tests.shop.buying import ask, codes, faults, placed

pytestmark = pytest.mark.django_db(transaction=True)


class Watched(Placement):
    """Tells how large the batches are, and can be kept waiting inside of one."""

    def __init__(self) -> None:
        self.sizes: list[int] = []
        self.go = threading.Event()
        self.inside = threading.Event()
        self.before: list[Exception] = []
        self.after: list[Exception] = []

    def place_many(self, requests):
        self.sizes.append(len(requests))
        self.inside.set()
        assert self.go.wait(30)
        if self.before:
            raise self.before.pop(0)
        outcomes = super().place_many(requests)
        if self.after:
            raise self.after.pop(0)
        return outcomes


@pytest.fixture
def bonnet():
    return cast.variant_of(cast.product(stock=50))


@pytest.fixture
def mina(db):
    return cast.mina()


@pytest.fixture
def watched():
    return Watched()


@pytest.fixture
def batcher(watched):
    made = Batcher(lambda: watched, largest_batch=10, longest_queue=20, give_up_after=1.0)
    yield made
    watched.go.set()
    made.close()


def test_what_arrives_during_a_transaction_is_the_next_one(mina, bonnet, watched, batcher):
    first = batcher.submit(ask(mina, (bonnet, 1, 1299)))
    assert watched.inside.wait(30)
    others = [batcher.submit(ask(mina, (bonnet, 1, 1299))) for _ in range(13)]
    watched.go.set()
    assert codes([future.result(30) for future in [first, *others]]) == ["placed"] * 14
    assert watched.sizes == [1, 10, 3]
    assert faults() == []


def test_a_full_queue_answers_busy_at_once(mina, bonnet, watched, batcher):
    batcher.submit(ask(mina, (bonnet, 1, 1299)))
    assert watched.inside.wait(30)
    waiting = [batcher.submit(ask(mina, (bonnet, 1, 1299))) for _ in range(20)]
    turned_away = batcher.submit(ask(mina, (bonnet, 1, 1299)))
    assert turned_away.done()
    assert turned_away.result().code == "busy"
    assert turned_away.result().retry
    watched.go.set()
    assert codes([future.result(30) for future in waiting]) == ["placed"] * 20


def test_coroutines_are_answered_too_and_one_that_has_gone_hurts_nobody(
    mina, bonnet, watched, batcher
):
    async def buy():
        gone = asyncio.create_task(batcher.place_async(ask(mina, (bonnet, 1, 1299))))
        stays = asyncio.create_task(batcher.place_async(ask(mina, (bonnet, 1, 1299))))
        await asyncio.to_thread(watched.inside.wait, 30)
        gone.cancel()
        watched.go.set()
        return await stays

    placed(asyncio.run(buy()))
    assert Order.objects.count() == 2  # giving up waiting does not take an order back


def test_a_connection_that_breaks_before_the_commit_is_tried_again(mina, bonnet, watched, batcher):
    watched.before.append(OperationalError("the connection is lost"))
    watched.go.set()
    assert placed(batcher.place(ask(mina, (bonnet, 1, 1299)))).replay is False
    assert watched.sizes == [1, 1]
    assert Order.objects.count() == 1


def test_a_connection_that_breaks_after_the_commit_gives_the_same_order(
    mina, bonnet, watched, batcher
):
    watched.after.append(OperationalError("the connection is lost"))
    watched.go.set()
    outcome = placed(batcher.place(ask(mina, (bonnet, 1, 1299))))
    assert outcome.replay is True
    assert Order.objects.get().public_id == outcome.public_id
    assert faults() == []


def test_a_killed_backend_costs_nobody_an_order(mina, bonnet):
    batcher = Batcher()
    placed(batcher.place(ask(mina, (bonnet, 1, 1299))))
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                WHERE datname = current_database() AND pid <> pg_backend_pid()"""
        )
    placed(batcher.place(ask(mina, (bonnet, 1, 1299))))
    batcher.close()
    assert Order.objects.count() == 2


def test_a_database_that_stays_away_is_answered_with_busy(mina, bonnet, watched, batcher):
    watched.before += [OperationalError("nobody is there")] * 50
    watched.go.set()
    assert batcher.place(ask(mina, (bonnet, 1, 1299))).code == "busy"
    watched.before.clear()
    placed(batcher.place(ask(mina, (bonnet, 1, 1299))))


def test_a_request_that_the_database_refuses_does_not_spoil_the_others(mina, bonnet):
    poison = uuid.uuid4()

    class Poisoned(Placement):
        def write(self, batch: Batch) -> None:
            if any(order.key == poison for order in batch.orders.values()):
                raise DataError("one of them can not be written")
            super().write(batch)

    gate = Watched()
    made = [gate, Poisoned()]
    batcher = Batcher(lambda: made[0])
    first = batcher.submit(ask(mina, (bonnet, 1, 1299)))
    assert gate.inside.wait(30)
    good = [batcher.submit(ask(mina, (bonnet, 1, 1299))) for _ in range(3)]
    bad = batcher.submit(ask(mina, (bonnet, 1, 1299), key=poison))
    made[0] = made[1]
    gate.go.set()
    assert codes([future.result(30) for future in [first, *good]]) == ["placed"] * 4
    with pytest.raises(DataError):
        bad.result(30)
    batcher.close()
    assert Order.objects.count() == 4
    assert faults() == []


def test_a_row_that_somebody_keeps_locked_is_answered_with_busy(mina, bonnet, monkeypatch):
    monkeypatch.setattr("shop.checkout.batcher.LOCK_TIMEOUT_MS", 100)
    batcher = Batcher()
    with connection.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute("SELECT 1 FROM stock FOR UPDATE")
        assert batcher.place(ask(mina, (bonnet, 1, 1299))).code == "busy"
        cursor.execute("ROLLBACK")
    placed(batcher.place(ask(mina, (bonnet, 1, 1299))))
    batcher.close()


def test_a_closing_batcher_answers_what_is_queued_and_takes_nothing_more(
    mina, bonnet, watched, batcher
):
    first = batcher.submit(ask(mina, (bonnet, 1, 1299)))
    assert watched.inside.wait(30)
    queued = batcher.submit(ask(mina, (bonnet, 1, 1299)))
    closing = threading.Thread(target=batcher.close)
    closing.start()
    watched.go.set()
    closing.join(30)
    assert codes([first.result(0), queued.result(0)]) == ["placed", "placed"]
    assert batcher.place(ask(mina, (bonnet, 1, 1299))).code == "busy"
