"""The rush at the door: whoever came while the last look-up ran is looked up next, all together.

Somebody who comes alone is looked up at once. In a rush a look-up begins at most every 30 ms: five queries cost
the same for one as for thirty, and shaking hands with thirty takes our web server that long anyway.
"""

from __future__ import annotations

import asyncio
import time

from django.db import InterfaceError, OperationalError

from livestore.base.errors import Busy
from livestore.base.threads import at_the_door
from livestore.base.tracing import task_for_all
from streams.room import figures
from streams.room.arrival import Arrival, Refused, Request, look_up
from streams.room.patience import end

MOST = 500
"""People in one look-up. More save nothing more, and keep the first ones waiting for the last."""
PACE = 0.03
"""Seconds from one look-up to the next, after one of several people."""
NOBODYS_FAULT = (OperationalError, InterfaceError, Busy)
"""The server is away: trying one by one would only take longer."""


class Arrivals:
    """One for each event loop, on `Rooms.arrivals`."""

    def __init__(self) -> None:
        self._waiting: list[tuple[Request, asyncio.Future[Arrival]]] = []
        self._task: asyncio.Task[None] | None = None

    async def arrive(self, request: Request) -> Arrival:
        """Raises Refused, or whatever the database raises."""
        answer: asyncio.Future[Arrival] = asyncio.get_running_loop().create_future()
        self._waiting.append((request, answer))
        if self._task is None:
            self._task = task_for_all(self._work())
        return await answer

    async def _work(self) -> None:
        """Ends when nobody waits."""
        loop = asyncio.get_running_loop()
        try:
            while self._waiting:
                began = loop.time()
                batch, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
                await self._look_up([each for each in batch if not each[1].done()])
                if 1 < len(batch) < MOST:
                    await asyncio.sleep(began + PACE - loop.time())
        finally:
            self._task = None

    async def stop(self) -> None:
        """Who still waits is not let in: they are cancelled."""
        waiting, self._waiting = self._waiting, []
        for _, answer in waiting:
            answer.cancel()
        await end(self._task)

    async def _look_up(self, batch: list[tuple[Request, asyncio.Future[Arrival]]]) -> None:
        found: list[Arrival | Refused] | Exception = []
        began = time.perf_counter()
        try:
            found = await at_the_door(look_up, [request for request, _ in batch])
        except asyncio.CancelledError:
            for _, answer in batch:
                answer.cancel()
            raise
        except Exception as problem:
            found = problem
        figures.looked_up(len(batch), time.perf_counter() - began)
        if isinstance(found, Exception) and len(batch) > 1 and not isinstance(found, NOBODYS_FAULT):
            for each in batch:  # one of them spoils it: the others come in all the same
                await self._look_up([each])
            return
        for place, (_, answer) in enumerate(batch):
            outcome = found if isinstance(found, Exception) else found[place]
            if answer.done():
                continue  # gone meanwhile
            if isinstance(outcome, Exception):
                answer.set_exception(outcome)
            else:
                answer.set_result(outcome)


async def arrive(request: Request) -> Arrival:
    """Who this is and whether they may enter. Raises Refused, or whatever the database raises."""
    from streams.room.rooms import rooms

    return await rooms().arrivals.arrive(request)
