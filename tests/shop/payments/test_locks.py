"""Who pays, cancels or expires orders locks the stock last: nobody who buys waits while something is computed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from django.db import IntegrityError, connection, transaction

from livestore.base.outbox import OutboxRow
from livestore.base.pipeline import travel
from shop.models import Order, Payment, Stock, WebhookReceipt
from shop.orders.services import cancel, expire_due_orders
from shop.orders.transitions import MOVER, Moves, Status, move
from shop.payments.settlement import PROMPT, Settlement
from shop.stock import shelf as shelves
from shop.stock.facts import stock_facts
from shop.stock.ledger import lock_stock
from shop.stock.shelf import Shelf, conclude
from tests import cast
from tests.shop.buying import deal
from tests.shop.paying import attempted, broken, event, let_time_pass, placed

pytestmark = pytest.mark.django_db(transaction=True)


def is_free(variant: int) -> bool:
    """Whether somebody else could lock the stock row of this variant now."""
    with psycopg.connect(connection.connection.info.dsn) as other:
        try:
            other.execute(
                "SELECT FROM stock WHERE variant_id = %s FOR UPDATE NOWAIT", [variant]
            ).fetchone()
        except psycopg.errors.LockNotAvailable:
            return False
        return True


def receipts_of(payments: list[Payment]) -> None:
    WebhookReceipt.objects.bulk_create(
        WebhookReceipt(event_id=body["id"], kind=body["kind"], body=body)
        for body in map(event, payments)
    )


class Looking(Settlement):
    """Looks whether the stock is free when all is computed, right before it is written."""

    def __init__(self, variant: int) -> None:
        super().__init__()
        self.variant = variant
        self.seen: list[bool] = []

    def conclude(self, moves: Moves, *, wake: bool) -> None:
        self.seen.append(is_free(self.variant))
        super().conclude(moves, wake=wake)


class LockingFirst(Looking):
    """The control: the stock is locked before the orders, and everything else happens under that lock."""

    def lock(self, receipts: Any) -> Any:
        lock_stock([self.variant])
        return super().lock(receipts)


@pytest.mark.parametrize(("settlement", "free"), [(Looking, True), (LockingFirst, False)])
def test_the_stock_is_not_locked_while_payments_are_settled(
    settlement: type[Looking], free: bool
) -> None:
    variant = cast.variant_of(cast.product(stock=20))
    mina = cast.mina()
    receipts_of([attempted(placed(mina, variant, 2)) for _ in range(5)])
    mine = settlement(variant.pk)
    assert mine.settle() == 5
    assert mine.seen == [free]
    stock = Stock.objects.get()
    assert (stock.on_hand, stock.reserved) == (10, 0)
    assert is_free(variant.pk)
    assert not broken()


@pytest.mark.parametrize("paid", [False, True])
def test_the_stock_is_not_locked_while_orders_are_cancelled_or_expire(
    paid: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    variant = cast.variant_of(cast.product(stock=20))
    order = placed(cast.mina(), variant, 2)
    seen: list[bool] = []

    def look(*arguments: Any, **how: Any) -> None:
        seen.append(is_free(variant.pk))
        conclude(*arguments, **how)

    monkeypatch.setattr("shop.orders.transitions.conclude", look)
    if paid:
        receipts_of([attempted(order)])
        Settlement().settle()
        cancel(order=order, by=order.user)
    else:
        let_time_pass(order)
        assert expire_due_orders() == 1
    assert seen == [True, True][: 1 + paid]
    assert Stock.objects.get().left == 20
    assert not broken()


def test_lock_and_commit_travel_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """One journey has everything that touches the stock in it, the COMMIT too."""
    variant = cast.variant_of(cast.product(stock=20))
    receipts_of([attempted(placed(cast.mina(), variant))])
    journeys: list[tuple[list[str], bool]] = []

    def travelling(raw: Any, statements: Any, *, commit: bool = False) -> Any:
        journeys.append(([sql for sql, _ in statements], commit))
        return travel(raw, statements, commit=commit)

    monkeypatch.setattr(shelves, "travel", travelling)
    with recorded() as executed:
        assert Settlement().settle() == 1
    [(sent, commit)] = journeys
    assert commit
    assert sum("FROM stock" in sql or "UPDATE stock" in sql for sql in sent) == 3
    assert executed
    assert not any(" stock " in sql or '"stock"' in sql for sql in executed)


@contextmanager
def recorded() -> Iterator[list[str]]:
    """Statements that travel alone."""
    found: list[str] = []

    def note(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        found.append(" ".join(sql.split()))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield found


def test_what_is_told_of_the_stock_is_what_python_would_tell() -> None:
    """RECORD_CHANGED is `stock_facts` in SQL: with running deals of several shows, with none, in order."""
    product = cast.product(stock=20, shades=("A", "B"))
    first, second = (cast.variant_of(product, place) for place in range(2))
    deal(first, units=4, per_buyer=2)
    deal(first, units=3, channel="another-show")
    OutboxRow.objects.all().delete()
    with transaction.atomic():
        touched = Shelf()
        touched.reserved.update({second.pk: 0, first.pk: 0})
        conclude(touched)
    told = list(OutboxRow.objects.order_by("id").values_list("kind", "channel", "person", "data"))
    wanted = stock_facts(Stock.objects.order_by("pk"))
    assert told == [(fact.kind, fact.channel, fact.person, fact.data) for fact in wanted]
    assert len(told[0][3]["deals"]) == 2


def test_a_move_that_fails_while_it_is_written_has_not_happened() -> None:
    variant = cast.variant_of(cast.product(stock=20))
    order = placed(cast.mina(), variant, 2)

    def pay_too_much() -> None:
        with transaction.atomic():
            moves = MOVER.move([order.pk], to=Status.PAID, reason="paid")
            moves.shelf.on_hand[variant.pk] -= 1_000
            moves.conclude()

    with pytest.raises(IntegrityError):
        pay_too_much()
    order.refresh_from_db()
    assert (order.status, Stock.objects.get().on_hand) == (Status.PENDING, 20)
    assert not broken()


def test_inside_of_somebodys_transaction_the_commit_is_theirs() -> None:
    variant = cast.variant_of(cast.product(stock=20))
    order = placed(cast.mina(), variant, 2)

    def expire_and_think_better_of_it() -> None:
        with transaction.atomic():
            move(order_id=order.pk, to=Status.EXPIRED, reason="test")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        expire_and_think_better_of_it()
    order.refresh_from_db()
    assert order.status == Status.PENDING
    assert not broken()


@pytest.mark.parametrize(("receipts", "woken"), [(PROMPT, True), (PROMPT + 1, False)])
def test_the_relay_is_woken_for_a_few_payments_and_looks_by_itself_for_many(
    receipts: int, woken: bool
) -> None:
    variant = cast.variant_of(cast.product(stock=100))
    mina = cast.mina()
    receipts_of([attempted(placed(mina, variant)) for _ in range(receipts)])
    with psycopg.connect(connection.connection.info.dsn, autocommit=True) as listener:
        listener.execute("LISTEN livestore_outbox")
        assert Settlement().settle() == receipts
        connection.cursor().execute("NOTIFY livestore_outbox, 'afterwards'")
        heard = [each.payload for each in listener.notifies(timeout=10, stop_after=1 + woken)]
    assert heard == ["shop.stock_changed,shop.orders_updated"] * woken + ["afterwards"]
    assert Order.objects.filter(status=Status.PAID).count() == receipts
