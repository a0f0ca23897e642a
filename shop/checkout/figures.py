"""What is counted of the checkout of this process. Written once for a batch, in the checkout's thread only."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily

from livestore.base.errors import Refusal
from livestore.base.metrics import SECONDS, SIZES, Looked, Spread, Tally
from livestore.base.tracing import Trace, bound
from shop.checkout.requests import Placed

if TYPE_CHECKING:
    from shop.checkout.waiting import Answer, Waiting

FEW = 5
"""Orders of a batch that have a line each in the log; more of them have one line together."""

sizes = Spread("livestore_checkout_batch_size", "Requests placed in one transaction.", SIZES)
took = Spread(
    "livestore_checkout_batch_seconds", "How long a batch took, COMMIT included.", SECONDS
)
latency = Spread("livestore_order_seconds", "From the door to COMMIT.", SECONDS)
outcomes = Tally(
    "livestore_orders", "Requests by outcome: placed, replay, or why not.", ("outcome",)
)
decided_again = Tally(
    "livestore_checkout_decided_again",
    "Batches that were decided before the lock, and once more under it, because something had changed.",
)
retries = Tally("livestore_checkout_retries", "Batches that were tried again.")

log = logging.getLogger(__name__)


def batch_done(batch: Sequence[Waiting], answers: Sequence[Answer], began: float) -> None:
    """A batch has its answers; `began` is `perf_counter()` before it was placed."""
    now = time.perf_counter()
    sizes.observe(len(batch))
    took.observe(now - began)
    # First in, first out: who came last has waited least.
    latency.observe_rising([now - waiting.since for waiting in reversed(batch)])
    for outcome, count in Counter(map(_outcome, answers)).items():
        outcomes.add(count, outcome)
    placed = [
        (waiting.request, answer)
        for waiting, answer in zip(batch, answers, strict=True)
        if isinstance(answer, Placed) and not answer.replay
    ]
    if len(placed) > FEW:
        log.info("%d orders placed together in %.3f s", len(placed), now - began)
        return
    for request, answer in placed:
        with bound(Trace(request.request_id, request.channel, request.user_id)):
            log.info("order %s placed in %.3f s", answer.public_id, now - began)


def _outcome(answer: Answer) -> str:
    if isinstance(answer, Placed):
        return "replay" if answer.replay else "placed"
    return answer.code if isinstance(answer, Refusal) else "error"


def watch_queue(length: Callable[[], int]) -> None:
    """How many wait for the next batch, as `length` says when it is asked."""

    def look() -> Iterator[Metric]:
        yield GaugeMetricFamily("livestore_checkout_queue", "Requests that wait.", value=length())

    Looked(look)
