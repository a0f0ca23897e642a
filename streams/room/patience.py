"""Trying until it works: Valkey or PostgreSQL may be starting again."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Coroutine
from typing import Any

logger = logging.getLogger(__name__)

LONGEST = 2.0


async def patiently(what: str, act: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Repeat `act` with growing pauses until it does not raise; the log gets one line for each trouble."""
    wait, troubled = 0.1, False
    while True:
        try:
            await act()
            if troubled:
                logger.info("%s: works again", what)
            return
        except Exception as problem:
            if not troubled:
                logger.warning("%s: %s: %s", what, type(problem).__name__, problem)
            troubled = True
            await asyncio.sleep(wait * random.uniform(0.7, 1.3))
            wait = min(LONGEST, wait * 1.6)


async def end(*tasks: asyncio.Task[Any] | None) -> None:
    """Cancel tasks and wait until they are over.

    One cancellation is not always enough: a library that races it with a time limit of its own may
    take it for that limit and go on. So it is repeated.
    """
    alive = {task for task in tasks if task is not None and not task.done()}
    for _ in range(10):
        if not alive:
            return
        for task in alive:
            task.cancel()
        _, alive = await asyncio.wait(alive, timeout=0.5)
    logger.warning("%d tasks did not end", len(alive))
