"""Plans that are kept were made for a smaller table: the checkout's stay right whatever a table grows to."""

from __future__ import annotations

from collections import Counter

import pytest
from django.contrib.auth.hashers import make_password
from django.db import connection

from accounts.models import Address, Card, User
from livestore.base.pipeline import keep_plans
from shop.catalogue.models import Variant
from shop.checkout.asking import make_own
from shop.checkout.batcher import Batcher
from shop.checkout.placement import Placement, place_many
from shop.models import Cart, Order
from tests import cast
from tests.shop.buying import SHOW, ask, codes, deal, faults

pytestmark = pytest.mark.django_db(transaction=True)

GROWING = ("person", "address", "card", "cart", "cart_line", "purchase", "stock_hold", "offer_use")
"""Tables whose size the sale itself, or the number of people, decides."""


@pytest.fixture
def empty_statistics(db):
    """What a new installation knows after its first night: everything is empty."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


@pytest.fixture
def lipstick(empty_statistics) -> Variant:
    return cast.variant_of(cast.product("lipstick", price=1299, stock=2000))


def crowd(people: int) -> list[User]:
    password = make_password(None)
    users = User.objects.bulk_create(
        User(username=f"buyer{number}", password=password) for number in range(people)
    )
    where = {"full_name": "B", "line1": "Weg 1", "postal_code": "10969", "city": "Berlin"}
    Address.objects.bulk_create(Address(user=user, **where) for user in users)
    Card.objects.bulk_create(Card(user=user, number=cast.PAYS) for user in users)
    Cart.objects.bulk_create(Cart(user=user) for user in users)
    return users


def whole_tables_read() -> Counter[str]:
    """How often this connection has read all of a table, by name."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(
            "SELECT relname, seq_scan FROM pg_stat_user_tables WHERE relname = ANY(%s)",
            [list(GROWING)],
        )
        return Counter(dict(cursor.fetchall()))


def sell(variant: Variant) -> Counter[str]:
    """Plans are made while next to nothing is there, then 600 buy in batches; what was read wholly meanwhile."""
    first, *buyers = crowd(601)
    for _ in range(8):  # PostgreSQL settles on a plan with the sixth run
        place_many([ask(first, (variant, 1, None), channel=SHOW)])
    before = whole_tables_read()
    for place in range(0, len(buyers), 50):
        batch = [ask(each, (variant, 1, None), channel=SHOW) for each in buyers[place : place + 50]]
        assert set(codes(place_many(batch))) == {"placed"}
    return whole_tables_read() - before


def test_a_checkout_never_reads_a_whole_table(lipstick):
    deal(lipstick, units=1500, per_buyer=20)
    make_own(5_000)
    assert sell(lipstick) == Counter()
    assert Order.objects.count() == 608
    assert faults() == []
    connection.close()


def test_without_its_settings_it_does(lipstick):
    deal(lipstick, units=1500, per_buyer=20)
    connection.close()
    connection.ensure_connection()
    keep_plans(connection.connection)
    assert sell(lipstick).total() > 0
    connection.close()


def test_the_batcher_has_such_a_connection_and_keeps_its_plans(lipstick):
    seen: list[tuple[str, bool]] = []
    used = []

    def look():
        with connection.cursor() as cursor:
            cursor.execute("SHOW enable_seqscan")
            [(scans,)] = cursor.fetchall()
            cursor.execute("SELECT count(*) > 10 FROM pg_prepared_statements")
            [(kept,)] = cursor.fetchall()
        seen.append((scans, kept))
        used.append(connection.connection)

    class Looking(Placement):
        def answer(self, batch):
            super().answer(batch)
            look()

    batcher = Batcher(Looking)
    try:
        assert codes([batcher.place(ask(cast.mina(), (lipstick, 1, 1299)))]) == ["placed"]
    finally:
        batcher.close()
    assert seen == [("off", True)]
    assert used[0].closed  # and no pool gives it to anybody else
