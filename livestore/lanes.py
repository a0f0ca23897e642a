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
from shop.facts import PATIENT, PERSONAL

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

    only     the kinds that it carries; none: all but `without`
    without  kinds that it does not carry
    patient  kinds that keep the pace; () for all of them. Whatever else the lane carries does not wait for it
    most   rows of one batch
    heavy  stop a batch that tells this many things; a row about 200 orders counts 200
    pace   seconds from turn to turn once `burst` turns came faster: what arrives meanwhile is told together, and
           the payments that follow from it are made together
    rate   things a second in a rush, also while more wait; 0 knows no rush
    """

    name: str
    only: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    patient: tuple[str, ...] = ()
    most: int = 500
    heavy: int = 500
    pace: float = 0.0
    burst: int = 0
    rate: int = 0

    def carries(self, kind: str, *, in_between: bool = False) -> bool:
        """Whether facts of this kind are told here; `in_between`: also when the next turn is not due yet."""
        if in_between and (kind in self.patient or not self.patient):
            return False
        return kind in self.only if self.only else kind not in self.without

    def condition(self, *, in_between: bool = False) -> tuple[str, list[Any]]:
        """The same in SQL, with its parameters."""
        without = self.without + (self.patient if in_between else ())
        if self.only:
            return "kind = ANY(%s) AND kind <> ALL(%s)", [list(self.only), list(without)]
        return "kind <> ALL(%s)", [list(without)]


# In a sale the stock changes all the time. To say it costs 12 ms of CPU however much of it is said, so five times a
# second has to be enough (hubs hold it back for longer). A pin goes in between.
ROOM = LaneRule("room", without=PERSONAL, patient=PATIENT, pace=0.2, burst=5)
PEOPLE = LaneRule("people", only=PERSONAL, pace=0.25, burst=6, rate=THINGS_IN_A_RUSH)
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
        self._in_between = False  # whether the batch that is open leaves out what is patient
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=f"outbox-{rule.name}")
        self._transaction: transaction.Atomic | None = None
        self._listener: psycopg.Connection[Any] | None = None

    async def do(self, act: Callable[[], T]) -> T:
        """Run `act` on the lane's thread."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, act)

    @property
    def paced(self) -> bool:
        """Whether what is patient has to wait, while whatever else comes is told."""
        return bool(self.rule.patient) and not self.more and time.monotonic() < self._due

    def read(self) -> list[PendingFact]:
        """Begin the transaction; lock and read rows in the order of their ids.

        Before the turn of what is patient all the others are read alone. That leaves the order of truth as it is:
        what is patient is still told after everything that was read before it changed.
        """
        connection.close_if_unusable_or_obsolete()
        self._hear(0)
        self._in_between = self.paced
        condition, parameters = self.rule.condition(in_between=self._in_between)
        self._transaction = transaction.atomic()
        self._transaction.__enter__()
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT id, kind, channel, person, data::text, created_at, "
                "extract(epoch FROM clock_timestamp() - created_at)::float8 FROM outbox "
                f"WHERE {condition} ORDER BY id LIMIT %s FOR UPDATE",
                [*parameters, self._rows],
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
        """Seconds to wait after a turn that told so many things. A lane that was quiet may take some turns at once.

        A lane with patient kinds never waits here: `wait` ends when their turn is due, or when another fact comes.
        """
        if self._in_between:
            return 0.0  # not a turn of those that keep the pace
        now = time.monotonic()
        rule = self.rule
        rush = bool(rule.rate) and self.pulse.is_rush and self._oldest < LONGEST_PATIENCE
        cost = max(rule.pace, told / rule.rate if rush else 0.0)
        self._due = max(self._due, now - rule.burst * rule.pace) + cost
        if rule.patient or (self.more and not rush):
            return 0.0
        return max(0.0, self._due - now)

    def wait(self) -> None:
        """Until somebody commits a fact of this lane, for a fifth of a second, or until the next turn is due."""
        if self._listener is None or self._listener.closed:
            parameters = connection.get_connection_params()
            for name in ("cursor_factory", "context", "prepare_threshold"):
                parameters.pop(name, None)
            self._listener = psycopg.connect(**parameters, autocommit=True)
            self._listener.execute(f"LISTEN {WAKE_CHANNEL}")
            return  # whatever was committed before the LISTEN is read by the next turn
        self._hear(min(POLL, self._due - time.monotonic()) if self.paced else POLL)

    def wakes(self, kinds: str) -> bool:
        """Whether a call about these kinds (by commas; "" may be about any) is one to get up for now."""
        if not kinds:
            return not self.paced
        paced = self.paced
        return any(self.rule.carries(kind, in_between=paced) for kind in kinds.split(","))

    def _hear(self, seconds: float) -> None:
        """Wait for a call. Calls for what is read next anyway are taken first (0), each would be an empty turn."""
        if self._listener is None or self._listener.closed:
            return
        end = time.monotonic() + seconds
        try:
            while True:
                left = max(0.0, end - time.monotonic())
                calls = list(self._listener.notifies(timeout=left, stop_after=1 if left else None))
                if not calls or (seconds and any(self.wakes(call.payload) for call in calls)):
                    return
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
