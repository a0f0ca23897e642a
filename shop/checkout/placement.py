"""`place_many`: the only way to make an order.

One transaction for any number of requests: lock the stock rows in primary-key order and the running offers,
take the time, read, decide each request in arrival order, write, record the facts, commit. What is answered
has been committed. It travels twice: with the locks and everything that is read, and with everything that is
written and the COMMIT (`shop.checkout.asking`). What there is plenty of goes ahead in a transaction of its own that
locks last (`shop.checkout.plenty`).
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.db import IntegrityError, InterfaceError, OperationalError, transaction

from livestore.base.errors import Busy
from livestore.base.ids import public_ids
from shop.checkout import figures, reading, writing
from shop.checkout.asking import together
from shop.checkout.batch import Batch
from shop.checkout.deciding import decide
from shop.checkout.plenty import RUSH, plentiful_places, scarce
from shop.checkout.requests import Body, Outcome, Placed, PlaceRequest, bodies_of

log = logging.getLogger(__name__)

ROUNDS = 5
ONE_EFFECT = "order_one_effect_per_key"
NOT_AS_READ = "40001"
"""serialization_failure: under the lock something is not what the batch was decided on."""


class KeyTaken(Exception):
    """Another transaction has used a (buyer, key) of this batch meanwhile: roll back, read again."""


class Placement:
    """The steps of one settling transaction, small enough that a test can take exactly one away."""

    def place_many(self, requests: Sequence[PlaceRequest]) -> list[Outcome]:
        """Place the orders that can be placed; `outcomes[i]` answers `requests[i]`. Commits.

        Refusals are values, not exceptions. Database trouble is raised: nothing is known to have happened then, and
        the same requests may be sent again, whatever became of the commit (UNIQUE (user, key)). Where some orders of
        the requests stand already, the others are answered `busy` instead: nobody hears that of an order that stands.
        """
        bodies = bodies_of(requests)
        ahead = self.place_plenty(requests, bodies)
        try:
            return self.place_rest(requests, bodies, ahead.outcomes, ahead.order_ids)
        except (OperationalError, InterfaceError) as trouble:
            if not any(isinstance(each, Placed) for each in ahead.outcomes):
                raise
            log.error("checkout gave up on a part of %d orders: %s", len(requests), trouble)
            return [outcome or Busy() for outcome in ahead.outcomes]

    def place_rest(
        self,
        requests: Sequence[PlaceRequest],
        bodies: Sequence[Body],
        outcomes: list[Outcome | None],
        ids: list[int],
    ) -> list[Outcome]:
        """Whatever has no outcome yet, decided under the locks."""
        for _ in range(ROUNDS):
            batch = Batch(requests, bodies, outcomes.copy(), order_ids=ids)
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
            batch = Batch(requests, bodies, [outcome or Busy() for outcome in outcomes])
        return [outcome for outcome in batch.outcomes if outcome is not None]

    def place_plenty(self, requests: Sequence[PlaceRequest], bodies: Sequence[Body]) -> Batch:
        """Place what can be decided without a lock, and commit it; all other outcomes stay None."""
        batch = Batch(requests, bodies, [body.problem for body in bodies])
        if len(batch.open_places) < RUSH or scarce.has_all(batch.variants()):
            return batch
        before = batch.outcomes.copy()
        batch.public_ids = public_ids("ord", len(requests))
        try:
            with transaction.atomic():
                self.settle_plenty(batch)
            self.answer(batch)
        except KeyTaken:
            batch.outcomes = before
        except OperationalError as trouble:
            if getattr(trouble.__cause__, "sqlstate", None) != NOT_AS_READ:
                raise
            figures.decided_again.add()
            batch.outcomes = before
        return batch

    def settle_plenty(self, batch: Batch) -> None:
        """As `settle`, but deciding on what was read without a lock; the last statement sees whether it still holds."""
        with together(batch):
            self.meet(batch)
            self.read_buyers(batch)
            reading.wait_for_keys(batch)
            self.read_earlier(batch)
            reading.read_order_ids(batch)
            self.read_time(batch)
            reading.lock_stocks(batch, lock=False)
            reading.read_offers(batch, lock=False)
            self.read_goods(batch)
        for place in plentiful_places(batch):
            decide(batch, place)
        if not batch.orders:
            return
        with self.writing(batch):
            writing.insert_orders(batch)
            writing.insert_lines_moves_and_holds(batch)
            self.take(batch)
            # The relay looks by itself soon enough, and who calls it has to commit one after the other.
            writing.record_facts(batch, wake=False)

    def take(self, batch: Batch) -> None:
        writing.take_units(batch)

    def settle(self, batch: Batch) -> None:
        """Everything between BEGIN and COMMIT."""
        with together(batch):
            # First what needs no lock of stock: in a rush another process holds it meanwhile.
            self.meet(batch)
            self.read_buyers(batch)
            reading.wait_for_keys(batch)
            self.read_earlier(batch)
            if len(batch.order_ids) < len(batch.open_places):
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
        with self.writing(batch):
            if batch.orders:
                writing.insert_orders(batch)
                writing.insert_lines_moves_and_holds(batch)
            writing.write_deals(batch)
            writing.write_carts(batch)
            writing.write_stocks(batch)
            writing.record_facts(batch)

    @contextmanager
    def writing(self, batch: Batch) -> Iterator[None]:
        """What is asked inside travels with the COMMIT. Raises KeyTaken when an order of the batch stands meanwhile."""
        try:
            with together(batch, commit=True):
                yield
        except IntegrityError as trouble:
            diagnosis = getattr(trouble.__cause__, "diag", None)
            if getattr(diagnosis, "constraint_name", None) == ONE_EFFECT:
                raise KeyTaken from trouble
            raise

    def answer(self, batch: Batch) -> None:
        """After the COMMIT."""
        for order in batch.orders.values():
            total = order.basket.total
            batch.outcomes[order.place] = Placed(order.id, order.public_id, total, False, order)
            for place in order.copies:
                batch.outcomes[place] = Placed(order.id, order.public_id, total, True, order)


def place_many(requests: Sequence[PlaceRequest]) -> list[Outcome]:
    """Place orders on this thread's connection, in one transaction. See `shop.checkout.batcher` for doors."""
    return Placement().place_many(requests)
