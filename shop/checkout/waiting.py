"""Somebody who waits for the outcome of a request: a thread, or something in an event loop."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from dataclasses import dataclass, field

from livestore.base.errors import Refusal
from shop.checkout.requests import Outcome, Placed, PlaceRequest

Answer = Outcome | BaseException

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Waiting:
    """A request in the queue, and who hears its answer; `loop` is the event loop in which `answered` is called.

    since  when it came to the door, by `time.perf_counter`
    """

    request: PlaceRequest
    answered: Callable[[Answer], None]
    loop: asyncio.AbstractEventLoop | None = None
    since: float = field(default_factory=time.perf_counter)


def answer_all(answers: Iterable[tuple[Waiting, Answer]]) -> None:
    """Answer everybody. An event loop is woken once for all who wait in it, not once for each."""
    by_loop: dict[asyncio.AbstractEventLoop | None, list[tuple[Waiting, Answer]]] = defaultdict(
        list
    )
    for pair in answers:
        by_loop[pair[0].loop].append(pair)
    for loop, pairs in by_loop.items():
        if loop is None:
            _tell(pairs)
            continue
        try:
            loop.call_soon_threadsafe(_tell, pairs)
        except RuntimeError:  # the loop has been closed, nobody waits any more
            continue


def _tell(pairs: list[tuple[Waiting, Answer]]) -> None:
    for waiting, answer in pairs:
        try:
            waiting.answered(answer)
        except Exception:  # one who can not take the answer does not keep it from the others
            log.exception("an answer was not taken")


def settle(future: Future[Outcome] | asyncio.Future[Outcome], answer: Answer) -> None:
    """Give a future its answer."""
    if future.done():  # given up (a closed socket); the order stands all the same
        return
    if isinstance(answer, Placed | Refusal):
        future.set_result(answer)
    else:
        future.set_exception(answer)
