"""`place_many`: the only way to make an order.

One transaction for any number of requests: lock the stock rows in primary-key order and the running offers,
take the time, read, decide each request in arrival order, write, record the facts, commit. What is answered
has been committed. It travels twice: with the locks and everything that is read, and with everything that is
written and the COMMIT (`shop.checkout.asking`).
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db import IntegrityError, transaction

from livestore.base.errors import Busy
from livestore.base.ids import public_ids
from shop.checkout import reading, writing
from shop.checkout.asking import together
from shop.checkout.batch import Batch
from shop.checkout.deciding import decide
from shop.checkout.requests import Outcome, Placed, PlaceRequest, bodies_of

ROUNDS = 5
ONE_EFFECT = "order_one_effect_per_key"


class KeyTaken(Exception):
    """Another transaction has used a (buyer, key) of this batch meanwhile: roll back, read again."""


class Placement:
    """The steps of one settling transaction, small enough that a test can take exactly one away."""

    def place_many(self, requests: Sequence[PlaceRequest]) -> list[Outcome]:
        """Place the orders that can be placed; `outcomes[i]` answers `requests[i]`. Commits.

        Refusals are values, not exceptions. Database trouble is raised: nothing has happened then, and the
        same requests may be sent again, whatever became of the commit (UNIQUE (user, key)).
        """
        bodies = bodies_of(requests)
        for _ in range(ROUNDS):
            batch = Batch(requests, bodies, [body.problem for body in bodies])
            if not batch.open_places:
                break
            batch.public_ids = public_ids("ord", len(requests))
            try:
                with transaction.atomic():
                    self.settle(batch)
            except KeyTaken:
                continue
            self.answer(batch)
            break
        else:
            batch = Batch(requests, bodies, [Busy() for _ in requests])
        return [outcome for outcome in batch.outcomes if outcome is not None]

    def settle(self, batch: Batch) -> None:
        """Everything between BEGIN and COMMIT."""
        with together(batch):
            # First what needs no lock: in a rush another process holds it meanwhile. Who is too early in reading
            # `earlier` meets the key when it writes (KeyTaken).
            self.meet(batch)
            self.read_buyers(batch)
            self.read_earlier(batch)
            reading.read_order_ids(batch)
            self.lock(batch)
            self.read_time(batch)
            self.read_offers(batch)
            self.read_goods(batch)
            self.read_uses(batch)
            self.read_carts(batch)
            reading.read_overdue(batch)
        self.let_go(batch)
        for place in batch.open_places:
            decide(batch, place)
        if batch.orders or batch.facts or batch.sold:
            self.write(batch)

    def meet(self, batch: Batch) -> None:
        reading.meet_deletions(batch)

    def lock(self, batch: Batch) -> None:
        reading.lock_stocks(batch)

    def read_time(self, batch: Batch) -> None:
        """Taken after the locks: no deal and no hold is judged by the time at which somebody began to wait."""
        reading.read_now(batch)

    def read_offers(self, batch: Batch) -> None:
        reading.read_offers(batch)

    def read_earlier(self, batch: Batch) -> None:
        reading.read_earlier(batch)

    def read_goods(self, batch: Batch) -> None:
        reading.read_goods(batch)

    def read_buyers(self, batch: Batch) -> None:
        reading.read_buyers(batch)

    def let_go(self, batch: Batch) -> None:
        reading.let_go_of_what_is_over(batch)

    def read_uses(self, batch: Batch) -> None:
        reading.read_uses(batch)

    def read_carts(self, batch: Batch) -> None:
        reading.read_carts(batch)

    def write(self, batch: Batch) -> None:
        """Raises KeyTaken when an order of the batch stands meanwhile."""
        try:
            with together(batch, commit=True):
                if batch.orders:
                    writing.insert_orders(batch)
                    writing.insert_lines_moves_and_holds(batch)
                writing.write_deals(batch)
                writing.write_carts(batch)
                writing.write_stocks(batch)
                writing.record_facts(batch)
        except IntegrityError as trouble:
            diagnosis = getattr(trouble.__cause__, "diag", None)
            if getattr(diagnosis, "constraint_name", None) == ONE_EFFECT:
                raise KeyTaken from trouble
            raise

    def answer(self, batch: Batch) -> None:
        for order in batch.orders.values():
            total = order.basket.total
            batch.outcomes[order.place] = Placed(order.id, order.public_id, total, False, order)
            for place in order.copies:
                batch.outcomes[place] = Placed(order.id, order.public_id, total, True, order)


def place_many(requests: Sequence[PlaceRequest]) -> list[Outcome]:
    """Place orders on this thread's connection, in one transaction. See `shop.checkout.batcher` for doors."""
    return Placement().place_many(requests)
