"""The relay's two lanes: facts that a room waits for, and facts about single people and their money.

A rush leaves thousands of facts about orders and payments behind it, and a pin must not wait for them. So each lane
reads the outbox for itself, on a connection of its own, in the order of the ids. docs/adr/0012 says why it is enough
that each lane keeps its own order.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

import orjson
import psycopg
from django.db import connection, transaction

from livestore.base.outbox import WAKE_CHANNEL, PendingFact
from livestore.batch import weight
from shop.checkout.pulse import Pulse
from shop.facts import PERSONAL

T = TypeVar("T")

POLL = 0.2
"""Seconds between looks at the outbox when nobody wakes the relay."""
THINGS_IN_A_RUSH = 50 * (os.cpu_count() or 1)
"""Orders and payments that are told in a second while buyers tap faster than they can be served. Each costs a
millisecond of CPU in all, with the payment that it begins: that is a twentieth of the machine."""
LONGEST_PATIENCE = 30.0
"""Seconds after which people are told at full speed again, rush or not."""


@dataclass(frozen=True, slots=True)
class LaneRule:
    """Which facts a lane carries and how many at once.

    most   rows of one batch
    heavy  stop a batch that tells this many things; a row about 200 orders counts 200
    pace   seconds from turn to turn once `burst` turns came faster: what arrives meanwhile is told together, and
           the payments that follow from it are made together
    rate   things a second in a rush, also while more wait; 0 knows no rush
    """

    name: str
    condition: str
    most: int
    heavy: int
    pace: float = 0.0
    burst: int = 0
    rate: int = 0


# In a sale the stock changes all the time. To say it costs 12 ms of CPU however much of it is said, so ten times a
# second has to be enough (hubs hold it back for longer); a pin waits 50 ms for its turn then, on average.
ROOM = LaneRule("room", "kind <> ALL(%s)", most=500, heavy=500, pace=0.1, burst=10)
PEOPLE = LaneRule(
    "people", "kind = ANY(%s)", most=500, heavy=500, pace=0.25, burst=6, rate=THINGS_IN_A_RUSH
)
RULES = (ROOM, PEOPLE)


class Lane:
    """The rows of one lane, read and deleted in one transaction on a thread and a connection of its own."""

    def __init__(self, rule: LaneRule) -> None:
        self.rule = rule
        self.turned = time.monotonic()
        self.more = False  # whether the last batch left rows behind
        self._rows = rule.most
        self._due = 0.0  # when the next turn would come at a steady pace
        self._oldest = 0.0  # seconds that the oldest row of the last batch had waited
        self.pulse = Pulse()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=f"outbox-{rule.name}")
        self._transaction: transaction.Atomic | None = None
        self._listener: psycopg.Connection[Any] | None = None

    async def do(self, act: Callable[[], T]) -> T:
        """Run `act` on the lane's thread."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, act)

    def read(self) -> list[PendingFact]:
        """Begin the transaction; lock and read rows in the order of their ids."""
        connection.close_if_unusable_or_obsolete()
        self._hear(0)
        self._transaction = transaction.atomic()
        self._transaction.__enter__()
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT id, kind, channel, person, data::text, created_at, "
                "extract(epoch FROM clock_timestamp() - created_at)::float8 FROM outbox "
                f"WHERE {self.rule.condition} ORDER BY id LIMIT %s FOR UPDATE",
                [list(PERSONAL), self._rows],
            )
            rows = cursor.fetchall()
        self._oldest = rows[0][6] if rows else 0.0
        if self.rule.rate:
            self.pulse.look()
        facts: list[PendingFact] = []
        heavy = 0
        for id_, kind, channel, person, data, at, _ in rows:
            fact = PendingFact(id_, kind, channel, person, orjson.loads(data), at)
            heavy += weight(fact)
            if facts and heavy > self.rule.heavy:
                break
            facts.append(fact)
        # Rows about hundreds of orders are not read again and again while they wait for their turn.
        cut = len(facts) < len(rows)
        self.more = cut or len(rows) == self._rows
        self._rows = len(facts) + 1 if cut else min(self.rule.most, 2 * self._rows)
        if not facts:
            self._commit()
        return facts

    def finish(self, ids: list[int]) -> None:
        """Delete what has been told, and commit."""
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM outbox WHERE id = ANY(%s)", [ids])
        self._commit()

    def _commit(self) -> None:
        assert self._transaction is not None
        opened, self._transaction = self._transaction, None
        opened.__exit__(None, None, None)

    def give_up(self) -> None:
        """The rows stay; the connection may be broken, so the next turn takes a new one."""
        opened, self._transaction = self._transaction, None
        with contextlib.suppress(Exception):
            if opened is not None:
                opened.__exit__(InterruptedError, InterruptedError(), None)
        with contextlib.suppress(Exception):
            connection.close()

    def pause(self, told: int = 1) -> float:
        """Seconds to wait after a turn that told so many things. A lane that was quiet may take some turns at once."""
        now = time.monotonic()
        rule = self.rule
        rush = bool(rule.rate) and self.pulse.is_rush and self._oldest < LONGEST_PATIENCE
        cost = max(rule.pace, told / rule.rate if rush else 0.0)
        self._due = max(self._due, now - rule.burst * rule.pace) + cost
        return 0.0 if self.more and not rush else max(0.0, self._due - now)

    def wait(self) -> None:
        """Until somebody commits a fact, or for a fifth of a second."""
        if self._listener is None or self._listener.closed:
            parameters = connection.get_connection_params()
            for name in ("cursor_factory", "context", "prepare_threshold"):
                parameters.pop(name, None)
            self._listener = psycopg.connect(**parameters, autocommit=True)
            self._listener.execute(f"LISTEN {WAKE_CHANNEL}")
            return  # whatever was committed before the LISTEN is read by the next turn
        self._hear(POLL)

    def _hear(self, seconds: float) -> None:
        """Wait for a call. Calls for what is read next anyway are taken first (0), each would be an empty turn."""
        if self._listener is None or self._listener.closed:
            return
        try:
            for _ in self._listener.notifies(timeout=seconds, stop_after=1 if seconds else None):
                pass
        except psycopg.Error:
            self._listener.close()
            raise

    async def close(self) -> None:
        await self.do(self._close)
        self._thread.shutdown()

    def _close(self) -> None:
        if self._listener is not None:
            self._listener.close()
        connection.close()
