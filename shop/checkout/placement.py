"""`place_many`: the only way to make an order.

One transaction for any number of requests: lock the stock rows in primary-key order and the running offers,
take the time, read, decide each request in arrival order, write, record the facts, commit. What is answered
has been committed.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from livestore.base.errors import Busy
from livestore.base.money import Money
from shop.checkout import reading, writing
from shop.checkout.batch import Batch
from shop.checkout.deciding import decide
from shop.checkout.requests import Outcome, Placed, PlaceRequest, problem_of
from shop.checkout.writing import KeyTaken
from shop.stock.ledger import lock_stock

ROUNDS = 5


class Placement:
    """The steps of one settling transaction, small enough that a test can take exactly one away."""

    def place_many(self, requests: Sequence[PlaceRequest]) -> list[Outcome]:
        """Place the orders that can be placed; `outcomes[i]` answers `requests[i]`. Commits.

        Refusals are values, not exceptions. Database trouble is raised: nothing has happened then, and the
        same requests may be sent again, whatever became of the commit (UNIQUE (user, key)).
        """
        for _ in range(ROUNDS):
            batch = Batch(requests, [problem_of(request) for request in requests])
            if not batch.open_places:
                break
            try:
                with transaction.atomic():
                    self.settle(batch)
            except KeyTaken:
                continue
            self.answer(batch)
            break
        else:
            batch = Batch(requests, [Busy() for _ in requests])
        return [outcome for outcome in batch.outcomes if outcome is not None]

    def settle(self, batch: Batch) -> None:
        """Everything between BEGIN and COMMIT."""
        self.lock(batch)
        self.read_time(batch)
        self.read_offers(batch)
        self.read_earlier(batch)
        self.read_goods(batch)
        self.read_buyers(batch)
        self.let_go(batch)
        self.read_uses(batch)
        self.read_carts(batch)
        for place in batch.open_places:
            decide(batch, place)
        if batch.orders:
            self.write(batch)
        elif batch.facts or batch.sold:
            writing.write_stocks(batch)
            writing.record_facts(batch)

    def lock(self, batch: Batch) -> None:
        batch.stocks = lock_stock(batch.variants())

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
        writing.insert_orders(batch)
        writing.insert_lines_moves_and_holds(batch)
        writing.write_deals(batch)
        writing.write_carts(batch)
        writing.write_stocks(batch)
        writing.record_facts(batch)

    def answer(self, batch: Batch) -> None:
        for order in batch.orders.values():
            total = Money(order.total.minor, order.total.currency)
            batch.outcomes[order.place] = Placed(order.id, order.public_id, total)
            for place in order.copies:
                batch.outcomes[place] = Placed(order.id, order.public_id, total, replay=True)


def place_many(requests: Sequence[PlaceRequest]) -> list[Outcome]:
    """Place orders on this thread's connection, in one transaction. See `shop.checkout.batcher` for doors."""
    return Placement().place_many(requests)
