"""Foreign keys that new orders do not pay for: PostgreSQL refuses to lose what is referred to, also in a race."""

from __future__ import annotations

import threading

import pytest
from django.db import Error, IntegrityError, connection, transaction
from django.db.models import ProtectedError

from shop.catalogue.models import Variant
from shop.checkout.batch import Batch
from shop.checkout.placement import Placement, place_many
from shop.invariants import INVARIANTS
from shop.models import Offer, Order, Stock
from tests import cast
from tests.shop.buying import SHOW, ask, at_once, codes, deal, fresh

pytestmark = pytest.mark.django_db(transaction=True)
[I11] = [each for each in INVARIANTS if each.name == "I11"]


@pytest.fixture
def lipstick() -> Variant:
    return cast.variant_of(cast.product("lipstick", price=1299, stock=50))


@pytest.fixture
def mina(db):
    return cast.mina()


def run(*statements: str) -> None:
    """Statements past the ORM, which would look for orders itself, in one transaction."""
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def forget(mina) -> None:
    """What a person owns, then the person."""
    run(
        *(f"DELETE FROM {table} WHERE user_id = {mina.pk}" for table in ("card", "address")),
        f"DELETE FROM person WHERE id = {mina.pk}",
    )


def drop(variant: Variant) -> None:
    """The variant first: foreign keys are checked at the end."""
    run(
        f"DELETE FROM offer WHERE variant_id = {variant.pk} AND state = 'ended'",
        f"DELETE FROM variant WHERE id = {variant.pk}",
        f"DELETE FROM stock WHERE variant_id = {variant.pk}",
    )


def test_who_and_what_an_order_refers_to_can_not_be_deleted(mina, lipstick):
    deal(lipstick, units=5, per_buyer=2)
    assert codes(place_many([ask(mina, (lipstick, 1, 900), channel=SHOW)])) == ["placed"]
    for statement in (
        "DELETE FROM offer",
        "DELETE FROM purchase",
        "UPDATE purchase SET id = id + 1000",
        "UPDATE offer SET id = id + 1000",
    ):
        with pytest.raises(IntegrityError, match="still referred to"):
            run(statement)
    with pytest.raises(IntegrityError, match="still referred to by purchase"):
        forget(mina)
    comb = cast.variant_of(cast.product("comb", price=500))
    assert codes(place_many([ask(mina, (comb, 1, 500))])) == ["placed"]
    with pytest.raises(IntegrityError, match="still referred to by purchase_line"):
        drop(comb)
    with pytest.raises(ProtectedError):
        mina.delete()


def test_what_nobody_bought_can_go(mina, lipstick):
    theo = cast.theo()
    assert codes(place_many([ask(mina, (lipstick, 1, 1299))])) == ["placed"]
    theo.delete()
    drop(cast.variant_of(cast.product("comb")))
    assert I11.check().ok


class Slow(Placement):
    """Lets a deletion begin after everything has been read, and goes on once it waits or is through."""

    def __init__(self, deletion, done: threading.Event) -> None:
        self.deletion = deletion
        self.done = done

    def let_go(self, batch: Batch) -> None:
        self.deletion.start()
        self.done.wait(1)
        super().let_go(batch)


class WithoutMeeting(Slow):
    """Control: reads its buyers without the lock that deletions of people wait for."""

    def meet(self, batch: Batch) -> None:
        pass


class WithoutTheLock(Slow):
    """Control: reads the stock of the variant without locking it."""

    def lock(self, batch: Batch) -> None:
        batch.stocks = {row.pk: row for row in Stock.objects.filter(pk__in=batch.variants())}


def race(placement: type[Slow], delete, request) -> tuple[list[str], bool]:
    """Place an order while somebody deletes: what the buyer heard, and whether the deletion went through."""
    done = threading.Event()
    went = []

    def act() -> None:
        try:
            delete()
            went.append(True)
        except Error:
            pass
        finally:
            done.set()
            connection.close()

    deletion = threading.Thread(target=act)
    outcome = placement(deletion, done).place_many([request])
    deletion.join(30)
    return codes(outcome), bool(went)


@pytest.mark.race
@pytest.mark.parametrize(("placement", "kept"), [(Slow, True), (WithoutMeeting, False)])
def test_a_buyer_who_is_deleted_meanwhile(mina, lipstick, placement, kept):
    answer, went = race(placement, lambda: forget(mina), ask(mina, (lipstick, 1, 1299), address={
        "full_name": "Mina", "line1": "Weg 1", "postal_code": "10969", "city": "Berlin",
    }))  # fmt: skip
    assert answer == ["placed"]
    assert went is not kept
    assert I11.check().ok is kept


@pytest.mark.race
@pytest.mark.parametrize(("placement", "kept"), [(Slow, True), (WithoutTheLock, False)])
def test_a_variant_that_is_deleted_meanwhile(mina, lipstick, placement, kept):
    answer, went = race(placement, lambda: drop(lipstick), ask(mina, (lipstick, 1, 1299)))
    assert answer == ["placed"]
    assert went is not kept
    assert I11.check().ok is kept


@pytest.mark.race
def test_deleting_people_never_stops_those_who_buy(lipstick):
    buyers = [cast.buyer(f"buyer{number}") for number in range(10)]
    fresh(lipstick, stock=50)

    def buy(who):
        return lambda: place_many([ask(who, (lipstick, 1, 1299))])

    def leave(who):
        return lambda: forget(who)

    at_once(*[buy(who) for who in buyers], *[leave(who) for who in buyers])
    assert Order.objects.exists()
    assert I11.check().ok
    assert not Offer.objects.exists()
