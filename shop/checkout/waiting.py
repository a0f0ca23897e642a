"""Somebody who waits for the outcome of a request: a thread, or a coroutine of some event loop."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Iterable
from concurrent.futures import Future
from dataclasses import dataclass, field

from livestore.base.errors import Refusal
from shop.checkout.requests import Outcome, Placed, PlaceRequest

Answer = Outcome | BaseException


@dataclass(slots=True)
class Waiting:
    """A request in the queue with one of the two kinds of future (`loop` belongs to the asyncio one).

    since  when it came to the door, by `time.perf_counter`
    """

    request: PlaceRequest
    future: Future[Outcome] | asyncio.Future[Outcome]
    loop: asyncio.AbstractEventLoop | None = None
    since: float = field(default_factory=time.perf_counter)


def answer_all(answers: Iterable[tuple[Waiting, Answer]]) -> None:
    """Answer everybody. An event loop is woken once for all of its coroutines, not once for each."""
    by_loop: dict[asyncio.AbstractEventLoop, list[tuple[Waiting, Answer]]] = defaultdict(list)
    for waiting, answer in answers:
        if waiting.loop is None:
            _settle(waiting, answer)
        else:
            by_loop[waiting.loop].append((waiting, answer))
    for loop, pairs in by_loop.items():
        try:
            loop.call_soon_threadsafe(_settle_pairs, pairs)
        except RuntimeError:  # the loop has been closed, nobody waits any more
            continue


def _settle_pairs(pairs: list[tuple[Waiting, Answer]]) -> None:
    for waiting, answer in pairs:
        _settle(waiting, answer)


def _settle(waiting: Waiting, answer: Answer) -> None:
    future = waiting.future
    if future.done():  # given up (a closed socket); the order stands all the same
        return
    if isinstance(answer, Placed | Refusal):
        future.set_result(answer)
    else:
        future.set_exception(answer)
