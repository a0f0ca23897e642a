"""What is counted of the checkout is what buyers were answered."""

from __future__ import annotations

import json
import logging
import time
import uuid

import pytest

from livestore.base.logs import JsonFormatter
from livestore.base.money import Money
from livestore.base.tracing import Trace, bound
from shop.checkout import figures
from shop.checkout.batcher import Batcher
from shop.checkout.figures import FEW
from shop.checkout.requests import Placed, PlaceRequest
from shop.checkout.waiting import Waiting
from tests import cast
from tests.shop.buying import ask


def counted() -> dict[str, float]:
    return {outcome: count for (outcome,), count in figures.outcomes.counts.items()}


def grown(before: dict[str, float]) -> dict[str, float]:
    return {
        name: count - before.get(name, 0)
        for name, count in counted().items()
        if count > before.get(name, 0)
    }


@pytest.mark.django_db(transaction=True)
def test_outcomes_batches_and_latencies_are_counted_for_everybody() -> None:
    variant = cast.variant_of(cast.product(stock=2))
    mina, key = cast.mina(), uuid.uuid4()
    before, batches = counted(), sum(figures.sizes.counts)
    people, waited = figures.sizes.sum, sum(figures.latency.counts)
    batcher = Batcher()
    try:
        batcher.place(ask(mina, (variant, 1, None), key=key))
        batcher.place(ask(mina, (variant, 1, None), key=key))
        batcher.place(ask(mina, (variant, 5, None)))
    finally:
        batcher.close()
    assert grown(before) == {"placed": 1, "replay": 1, "sold_out": 1}
    assert sum(figures.sizes.counts) - batches == 3
    assert figures.sizes.sum - people == 3
    assert sum(figures.latency.counts) - waited == 3


def done(count: int) -> tuple[list[Waiting], list[Placed]]:
    """A batch of so many orders in a show, each asked for by a request of its own."""
    waiting, answers = [], []
    for number in range(count):
        with bound(Trace(f"r-{number}")):
            request = PlaceRequest(user_id=number, key=uuid.uuid4(), lines=(), channel="evening")
        waiting.append(Waiting(request, answered=str))
        answers.append(Placed(number, f"ord_{number}", Money(100, "EUR")))
    return waiting, answers


def test_a_few_orders_have_a_line_each_many_have_one_together(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.handler.setFormatter(JsonFormatter())
    with caplog.at_level(logging.INFO, logger="shop.checkout.figures"):
        figures.batch_done(*done(2), time.perf_counter())
        lines = [json.loads(line) for line in caplog.text.splitlines()]
        assert [(each["request"], each["show"], each.get("user")) for each in lines] == [
            ("r-0", "evening", None),  # nobody has the number 0
            ("r-1", "evening", 1),
        ]
        caplog.clear()
        figures.batch_done(*done(FEW + 1), time.perf_counter())
    assert [text.split(" in ")[0] for text in caplog.messages] == ["6 orders placed together"]
