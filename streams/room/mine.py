"""What is personal, told to many at once.

Whoever waits is told together: one look-up at a time, no task and no timer for each viewer. The first time it
is only the `me.snapshot`. Later, when something personal may have been missed, a logout or a ban may have been
missed too, so the person arrives anew: not at once (the layer listens again a moment after the hub does), and
not everybody at the same moment.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Sequence
from itertools import islice
from typing import TYPE_CHECKING

from django.db import InterfaceError, OperationalError

from livestore.base.errors import Busy
from livestore.base.threads import at_the_door
from livestore.base.tracing import task_for_all
from streams.room.arrival import Arrival, Refused, Request, look_up
from streams.room.me import me_snapshots
from streams.room.patience import end
from streams.room.person import Person
from streams.room.protocol import CloseCode, Closing

if TYPE_CHECKING:
    from streams.room.connection import Connection

logger = logging.getLogger(__name__)

MOST = 300
"""People in one look-up."""
REFRESH_AFTER = (1.5, 3.5)
"""Seconds between a new epoch and what is personal being told again."""
RATE = 4_000
"""People in a second: a crowd is spread over longer, so that telling it takes a third of a core and not all of it."""
STEP = 0.1
"""Those who wait are spread over steps of this many seconds."""
PACE = 0.1
"""Seconds from one look-up to the next, after one of several people: in a rush few queries serve many."""
AGAIN = 1.0
"""Seconds until the next try while a server is away."""
AWAY = (OperationalError, InterfaceError, OSError, Busy)

Told = bytes | Closing
Question = tuple[Person, Request | None]


class Mine:
    """One for each event loop, on `Rooms.mine`."""

    def __init__(self) -> None:
        self._waiting: dict[Connection, Request | None] = {}
        """Who is told next; with a request, they arrive anew by it."""
        self._later: dict[int, dict[Connection, None]] = {}
        """Who will wait, by step of the loop's clock."""
        self._planned: set[Connection] = set()
        self._task: asyncio.Task[None] | None = None
        self._troubled = False

    def refresh(
        self, connection: Connection, request: Request | None = None, *, first: bool = False
    ) -> None:
        """Tell this known person what is theirs: soon at `first`, else in a while, after arriving anew.

        May be called as often as one likes: who already waits is told once. `request` is kept on the connection.
        """
        if request is not None:
            connection.request = request
        if connection.closed or connection.person is None:
            return
        if first:
            self._waiting.setdefault(connection, None)
            self._begin()
        elif connection not in self._planned:
            assert connection.request is not None  # without it nobody could arrive anew
            self._planned.add(connection)
            soonest, latest = REFRESH_AFTER
            latest = max(latest, soonest + len(self._planned) / RATE)
            self._plan(connection, random.uniform(soonest, latest))

    async def stop(self) -> None:
        """Nobody is told any more."""
        self._waiting.clear()
        self._later.clear()
        self._planned.clear()
        await end(self._task)
        self._task = None

    # -- waiting ----------------------------------------------------------------------------------

    def _plan(self, connection: Connection, seconds: float) -> None:
        """One timer for all who come due in the same step."""
        loop = asyncio.get_running_loop()
        step = int((loop.time() + seconds) / STEP) + 1
        due = self._later.get(step)
        if due is None:
            due = self._later[step] = {}
            loop.call_at(step * STEP, self._due, step)
        due[connection] = None

    def _due(self, step: int) -> None:
        for connection in self._later.pop(step, ()):
            self._planned.discard(connection)
            if not connection.closed:
                self._waiting[connection] = connection.request
        self._begin()

    def _begin(self) -> None:
        if self._task is None and self._waiting:
            self._task = task_for_all(self._work())

    # -- telling ----------------------------------------------------------------------------------

    async def _work(self) -> None:
        """Ends when nobody waits."""
        loop = asyncio.get_running_loop()
        try:
            while self._waiting:
                began = loop.time()
                batch = list(islice(self._waiting.items(), MOST))
                for connection, _ in batch:
                    del self._waiting[connection]
                batch = [each for each in batch if not each[0].closed]
                if batch:
                    await self._tell(batch)
                if 1 < len(batch) < MOST:
                    await asyncio.sleep(began + PACE - loop.time())
        finally:
            self._task = None

    async def _tell(self, batch: list[tuple[Connection, Request | None]]) -> None:
        questions = [(each.person, request) for each, request in batch if each.person is not None]
        try:
            answers = await at_the_door(answer, questions)
        except AWAY as problem:
            if not self._troubled:
                logger.warning("me.snapshot of %d people: %r", len(batch), problem)
            self._troubled = True
            for connection, request in batch:
                self._waiting.setdefault(connection, request)
            await asyncio.sleep(AGAIN * random.uniform(0.8, 1.2))
        except Exception:
            if len(batch) == 1:
                logger.exception("me.snapshot of %s", batch[0][0].user)
                return
            for each in batch:  # one of them spoils it: the others are told all the same
                await self._tell([each])
        else:
            self._troubled = False
            for (connection, _), told in zip(batch, answers, strict=True):
                if isinstance(told, Closing):
                    connection.close(told)
                else:
                    connection.tell(told)


def answer(questions: Sequence[Question]) -> list[Told]:
    """Sync. The `me.snapshot` of each, or why the socket ends. With a request the person arrives anew first."""
    again = [(place, request) for place, (_, request) in enumerate(questions) if request]
    arrivals = look_up([request for _, request in again]) if again else []
    closings: dict[int, Closing] = {}
    for (place, _), arrival in zip(again, arrivals, strict=True):
        person = questions[place][0]
        if isinstance(arrival, Refused):
            closings[place] = Closing(arrival.code)
        elif not _is_still(person, arrival):
            closings[place] = Closing(CloseCode.WHO_ARE_YOU)
    texts = me_snapshots([person for person, _ in questions])
    return [
        closings.get(place) or (Closing(CloseCode.WHO_ARE_YOU) if text is None else text)
        for place, text in enumerate(texts)
    ]


def _is_still(person: Person, arrival: Arrival) -> bool:
    """Whether the session or ticket still names this person; their role and mute are taken over."""
    now = arrival.person
    if now is None or now.id != person.id:
        return False
    person.role, person.muted = now.role, now.muted
    return True
