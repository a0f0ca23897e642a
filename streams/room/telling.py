"""How a room is told: numbered frames, and laps round everybody who is in it.

Every frame of a room gets a number, and every connection knows the number of the last one it has. One deliverer
goes round all connections in chunks and gives each what it lacks, in one write; between chunks the event loop
does other work. A frame that comes while a lap runs is taken along from there on, and the lap ends when everybody
was passed once since the newest frame. `_give` is the hottest loop of the product.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from time import perf_counter
from typing import Any, Protocol

from streams.room import figures
from streams.room.connection import BUDGET, EVERYTHING, Connection
from streams.room.encoding import Frame
from streams.room.protocol import CloseCode, Closing

logger = logging.getLogger(__name__)

CHUNK = 200
"""Connections that are told without a pause: about 2 ms, which is what others in this process wait for. A pin that
comes during a lap waits for two or three of them until it is read and put, then everybody gets it along the way."""
EXPECTED_COST = 6e-6
"""Seconds for one delivery until one was measured here (measurements, part A: 5 to 7 us with the send)."""
LEARN = 0.1
"""How much one chunk changes what is known about the cost of a delivery."""

Edition = Sequence[Frame]
"""One frame of the room as each group gets it, by group; mostly the same object for all of them."""


class Loop(Protocol):
    """What is needed of an event loop; tests bring one with a clock of their own."""

    def time(self) -> float: ...

    def call_soon(self, callback: Callable[..., object], *args: Any) -> Any: ...

    def call_later(self, delay: float, callback: Callable[..., object], *args: Any) -> Any: ...


def for_all(frame: Frame) -> Edition:
    """The same frame for every group."""
    return (frame,) * (EVERYTHING + 1)


class Laps:
    """`connections` keeps the order of arrival; those that are not live yet are passed over."""

    def __init__(self, loop: Loop) -> None:
        self.connections: dict[Connection, None] = {}
        self.newest = 0
        self.cost = EXPECTED_COST
        """Seconds that one delivery takes here, the send included: a running mean."""
        self._loop = loop
        self._kept: list[Edition] = []
        self._round: list[Connection] = []
        self._place = 0
        self._left = 0
        self._at_turn = 0
        self._began = 0.0
        self._lacking: dict[int, tuple[list[bytes], list[list[Frame]]]] = {}

    @property
    def kept(self) -> int:
        """How many frames are held because somebody may lack them."""
        return len(self._kept)

    @property
    def running(self) -> bool:
        return self._left > 0

    def put(self, edition: Edition, personal: Mapping[Connection, Frame] | None = None) -> None:
        """Tell everybody; `personal` is what single connections get in place of their group's frame.

        In a room of one chunk everybody is told before this returns.
        """
        for connection, frame in (personal or {}).items():
            self._give_own(connection, frame)
        self.newest += 1
        self._kept.append(edition)
        self._lacking.clear()
        if self._left:
            self._left = len(self._round)
            return
        self._began = perf_counter()
        self._round = list(self.connections)
        self._place, self._left, self._at_turn = 0, len(self._round), self.newest
        self._step()

    def welcome(self, connection: Connection, first: Frame) -> None:
        """A newcomer's first frame; it says everything that was put so far."""
        connection.go_live(first, self.newest)
        if self._left:
            self._round.append(connection)
            self._left += 1

    def _step(self) -> None:
        """One chunk, then the next one when the loop has had its turn."""
        size = len(self._round)
        if self._place >= size:
            # Once round since the last time here: what was there then, everybody has now.
            self._forget(self._at_turn)
            self._round = [each for each in self._round if each.told >= 0]
            self._place, self._at_turn, size = 0, self.newest, len(self._round)
            self._left = min(self._left, size)
        count = min(CHUNK, self._left, size - self._place)
        chunk = self._round[self._place : self._place + count]
        self._place += count
        self._left -= count
        began = perf_counter()
        given = self._give(chunk)
        if given * 2 > len(chunk):  # else it was mostly looking
            self.cost += LEARN * ((perf_counter() - began) / given - self.cost)
        if self._left > 0:
            self._loop.call_soon(self._step)
        else:
            self._round = []
            self._forget(self.newest)
            figures.laps.observe(perf_counter() - self._began)

    def _give(self, chunk: list[Connection]) -> int:
        """Give each what it lacks; answers how many lacked something."""
        newest, given = self.newest, 0
        had: int | None = None
        joined: list[bytes] = []
        single: list[list[Frame]] = []
        runs: list[figures.Run] = []
        for connection in chunk:
            told = connection.told
            if told != had:  # nearly always the same as that of the one before
                if told < 0 or told == newest:
                    continue
                had = told
                joined, single = self._lacking.get(told) or self._collect(told)
                runs.append((given, joined, single))
            connection.told = newest
            given += 1
            outlet = connection.outlet
            try:
                if outlet.joins:
                    outlet.send_bytes(joined[connection.group])
                else:
                    for frame in single[connection.group]:
                        outlet.write(frame)
                if outlet.unsent() > BUDGET:
                    connection.close(Closing(CloseCode.TOO_SLOW))
            except Exception:
                _give_up(connection)
        figures.told(runs, given)
        return given

    def _give_own(self, connection: Connection, frame: Frame) -> None:
        """This frame in place of the one that is put next, after whatever is still lacking."""
        if connection.told < 0:
            return
        if connection.told < self.newest:
            for edition in self._kept[connection.told - self.newest :]:
                connection.write(edition[connection.group])
        connection.write(frame)
        if not connection.closed:
            connection.told = self.newest + 1

    def _collect(self, told: int) -> tuple[list[bytes], list[list[Frame]]]:
        """What somebody lacks who has the frames up to `told`: joined bytes and single frames, by group."""
        lacking = self._kept[told - self.newest :]
        single = [[edition[group] for edition in lacking] for group in range(EVERYTHING + 1)]
        joined = [b"".join([frame.wire for frame in frames]) for frames in single]
        self._lacking[told] = joined, single
        return joined, single

    def _forget(self, number: int) -> None:
        """Everybody has the frames up to `number`."""
        self._kept = self._kept[max(0, len(self._kept) - (self.newest - number)) :]
        self._lacking.clear()


def _give_up(connection: Connection) -> None:
    """A socket that fails in a way of its own does not end the lap of the others."""
    logger.exception("room %s: a socket could not be written to", connection.slug)
    try:
        connection.close(Closing(CloseCode.RESTARTING, retry_after_ms=1_000))
    except Exception:
        logger.exception("room %s: and not be closed", connection.slug)
