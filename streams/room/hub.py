"""One room in this process: hears the log once and tells every socket here.

The hub forwards seq = last + 1, drops older ones, reads the log on a gap, and looks at the log's top every
2 s. It encodes a frame once; everything of one tick travels in one frame. It never waits for a socket.
"""

from __future__ import annotations

import asyncio
import random
import time

import orjson

from streams.room import log, snapshot
from streams.room.announcements import ToRoom
from streams.room.attendance import Attendance
from streams.room.connection import Connection
from streams.room.encoding import Batch, tombstone
from streams.room.hosting import watch_host
from streams.room.log import Latest
from streams.room.patience import end, patiently
from streams.room.protocol.events import RoomCounts
from streams.room.reactions import Reactions
from streams.room.resume import Line, Position, Ring, too_much
from streams.room.snapshot import Facts, Snapshot

LOOK = 2.0
HOLD_BACK = 0.25
"""The same LATEST key is told at most this often (seconds), unless its value is urgent."""
FRESH = 1.0
"""A snapshot is used for newcomers this long when newer events follow it from the ring."""
TICKS = ((200, 0.0), (1_000, 0.02), (5_000, 0.05))
"""How long events are gathered into one frame (seconds), by how many sockets there are."""


class Hub:
    """Created by `Rooms`, which feeds `hear` with what is published for this room."""

    def __init__(self, slug: str) -> None:
        self.slug = slug
        self.connections: set[Connection] = set()
        self.epoch = ""
        self.ring = Ring(0)
        self.latest: dict[str, Latest] = {}
        self.facts = Facts()
        self.reactions = Reactions(slug)
        self.empty_since = time.monotonic()
        self._version = 0
        self._snapshot: Snapshot | None = None
        self._building = asyncio.Lock()
        self._pending: list[Line] = []
        self._due: dict[str, bytes] = {}
        self._late: set[str] = set()
        self._told_at: dict[str, float] = {}
        self._flush_planned = False
        self._kept: list[bytes] = []
        self._mending: asyncio.Task[None] | None = None
        self._tending: asyncio.Task[None] | None = None
        self._attendance = Attendance(slug)

    # -- opening and closing ----------------------------------------------------------------------

    async def open(self) -> None:
        """Read where the room stands. Raises NotFound, `valkey.Trouble` or a database error."""
        found = await snapshot.build(self.slug)
        self._begin(await log.view(self.slug), found)
        self._feed()
        self.mend()
        self._tending = asyncio.create_task(self._tend())

    def _begin(self, view: log.View, found: Snapshot) -> None:
        """Stand at the snapshot; what came after it is read next."""
        if view.top.epoch != found.epoch:
            raise ConnectionError("the log began anew while it was read")
        self.epoch, self.ring = found.epoch, Ring(found.seq)
        self.latest, self._version = dict(view.latest), view.top.version
        self.facts, self._snapshot = found.facts, found
        self._pending, self._due, self._late = [], {}, set()

    async def stop(self) -> None:
        await self.reactions.stop()
        await end(self._tending, self._mending)

    # -- hearing ----------------------------------------------------------------------------------

    def hear(self, message: bytes) -> None:
        """A publication: a header with the epoch, then a line for each event (see append.lua)."""
        if self._mending is not None or not self.epoch:
            self._kept.append(message)
            return
        head, _, rest = message.partition(b"\n")
        if head[2:].decode() != self.epoch:
            self._kept.append(message)
            self.mend()
            return
        for line in rest.split(b"\n") if rest else ():
            if line[:1] == b"L":
                _, seq, text = line.split(b" ", 2)
                if not self._accept(int(seq), text):
                    self._kept.append(message)
                    self.mend()
                    break
            else:
                _, version, urgent, name, text = line.split(b" ", 4)
                number = int(version)
                if number == self._version + 1:
                    self._version = (
                        number  # with a hole it stays behind, and the next look reads all
                    )
                self._newest(name.decode(), Latest(number, urgent == b"1", text))
        self._flush_soon()

    def _accept(self, seq: int, text: bytes) -> bool:
        """Take the next event; True also for one that is known already, False for a gap."""
        if seq <= self.ring.position:
            return True
        if seq > self.ring.position + 1:
            return False
        self.ring.add(seq, text)
        self._pending.append((seq, text))
        if text.startswith(b'{"type":"show.changed"'):
            self.facts.learn_show(orjson.loads(text)["data"]["show"])
        elif text.startswith(b'{"type":"item.changed"'):
            self.facts.learn_items(orjson.loads(text)["data"]["items"])
        elif text.startswith(b'{"type":"chat.deleted"'):
            # Whoever comes from now on gets the tombstone: out of the ring, and in no older snapshot.
            self.ring.replace(orjson.loads(text)["data"]["seq"], tombstone)
            self._snapshot = None
        return True

    def _newest(self, name: str, value: Latest) -> None:
        known = self.latest.get(name)
        if known is not None and known.version >= value.version:
            return
        self.latest[name] = value
        now = time.monotonic()
        wait = self._told_at.get(name, 0.0) + HOLD_BACK - now
        if value.urgent or wait <= 0:
            self._told_at[name] = now
            self._late.discard(name)
            self._due[name] = value.text
        elif name not in self._late:
            self._late.add(name)
            asyncio.get_running_loop().call_later(wait, self._tell_late, name)

    def _tell_late(self, name: str) -> None:
        if name in self._late and name in self.latest:
            self._late.discard(name)
            self._told_at[name] = time.monotonic()
            self._due[name] = self.latest[name].text
            self._flush_soon()

    def _feed(self) -> None:
        """Hear again what was kept while the log was being read."""
        kept, self._kept = self._kept, []
        for message in kept:
            self.hear(message)

    # -- telling ----------------------------------------------------------------------------------

    def _flush_soon(self) -> None:
        if self._flush_planned or not (self._pending or self._due):
            return
        self._flush_planned = True
        size = len(self.connections)
        tick = next((seconds for most, seconds in TICKS if size < most), 0.1)
        loop = asyncio.get_running_loop()
        loop.call_later(tick, self._flush) if tick else loop.call_soon(self._flush)

    def _flush(self) -> None:
        self._flush_planned = False
        lines = [*self._pending, *((0, text) for text in self._due.values())]
        if lines:
            self._pending, self._due = [], {}
            batch = Batch(self.epoch, lines)
            for connection in list(self.connections):
                connection.deliver(batch)

    # -- people -----------------------------------------------------------------------------------

    async def join(self, connection: Connection, since: Position | None) -> None:
        """Attach first, then find what the newcomer needs, then go live without a gap or a double.

        What happens meanwhile is in the ring, so the ring is the newcomer's buffer.
        """
        connection.hub = self
        self.connections.add(connection)
        self._attendance.came(connection)
        try:
            while True:
                lines, seq, epoch = await self._beginning(since)
                # From here on nothing waits: hub and newcomer stand at the same seq.
                if epoch == self.epoch and self.ring.reaches(seq):
                    break
                since = None
        except BaseException:
            self.leave(connection)
            raise
        self._flush()
        lines += self.ring.after(seq)
        lines += [(0, value.text) for value in self.latest.values()]
        connection.go_live(Batch(epoch, lines))

    def leave(self, connection: Connection) -> None:
        if connection in self.connections:
            self.connections.discard(connection)
            self._attendance.went(connection, self.connections)
            self.empty_since = time.monotonic()

    async def _beginning(self, since: Position | None) -> tuple[list[Line], int, str]:
        """(lines, the seq they reach, their epoch): the missed events, or a snapshot."""
        if since is not None and since.epoch == self.epoch:
            if since.seq > self.ring.position:
                await self.catch_up()  # somebody heard it from another process before this one did
            if since.seq <= self.ring.position:
                missed = await self._missed(since.seq)
                if missed is not None and not too_much(missed):
                    return missed, missed[-1][0] if missed else since.seq, since.epoch
        found = await self._recent_snapshot()
        return [(found.seq, found.text)], found.seq, found.epoch

    async def _missed(self, seq: int) -> list[Line] | None:
        """Everything after `seq` that is known now, or None when some of it is gone."""
        if self.ring.reaches(seq):
            return self.ring.after(seq)
        epoch, found = self.epoch, []
        while seq < self.ring.first - 1:
            part = await log.read(self.slug, seq + 1)
            if part.epoch != epoch or part.start != seq + 1 or not part.texts:
                return None
            found += list(enumerate(part.texts, start=part.start))
            seq = found[-1][0]
            if too_much(found):
                return None
        return found

    async def _recent_snapshot(self) -> Snapshot:
        """A snapshot that the ring continues; many newcomers share one."""
        async with self._building:
            found = self._snapshot
            if (
                found is not None
                and found.epoch == self.epoch
                and found.age < FRESH
                and self.ring.reaches(found.seq)
            ):
                return found
            found = await snapshot.build(self.slug)
            if found.epoch == self.epoch and found.seq > self.ring.position:
                await self.catch_up()
            if found.epoch != self.epoch:
                await self.catch_up()  # renews this hub, and with it the snapshot
                found = self._snapshot or found
            self._snapshot = found
            return found

    # -- mending ----------------------------------------------------------------------------------

    def mend(self) -> None:
        """Compare with the log soon: something may have been missed."""
        if self._mending is None:
            self._mending = asyncio.create_task(self._mend())

    async def catch_up(self) -> None:
        """Read the log up to its top. Raises nothing; while Valkey is away it goes on trying."""
        self.mend()
        if self._mending is not None:
            await asyncio.shield(self._mending)

    async def _mend(self) -> None:
        """Read what is missing; when the log began anew, or part of it is gone, tell everybody afresh."""
        await patiently(f"room {self.slug}", self._read_missing)
        self._mending = None
        self._flush_soon()
        self._feed()

    async def _read_missing(self) -> None:
        while True:
            top = await log.look(self.slug)
            part = await log.read(self.slug, self.ring.position + 1)
            same = top.epoch == part.epoch == self.epoch
            if not same or part.top < self.ring.position or part.first > self.ring.position + 1:
                await self._renew()
                return
            for number, text in enumerate(part.texts, start=part.start):
                self._accept(number, text)
            if self.ring.position >= part.top:
                return

    async def _renew(self) -> None:
        """A snapshot for every socket here, then the log goes on from there."""
        found = await snapshot.build(self.slug)
        self._begin(await log.view(self.slug), found)
        lines = [(found.seq, found.text), *((0, value.text) for value in self.latest.values())]
        batch = Batch(self.epoch, lines)
        for connection in list(self.connections):
            connection.deliver(batch)
            connection.renewed.set()
        await self._read_missing()

    # -- the look of every two seconds ------------------------------------------------------------

    async def _tend(self) -> None:
        while True:
            await asyncio.sleep(LOOK * random.uniform(0.9, 1.1))
            await patiently(f"room {self.slug}", self.look)

    async def look(self) -> None:
        """Compare with the log: its epoch, its top, its newest values; refresh and count who is here."""
        top = await log.look(self.slug)
        if top.epoch != self.epoch or top.top > self.ring.position:
            await self.catch_up()
        if top.version != self._version and top.epoch == self.epoch:
            for name, value in (await log.latest(self.slug)).items():
                self._newest(name, value)
            self._version = max(self._version, top.version)
            self._flush_soon()
        await self._count()

    async def _count(self) -> None:
        here = any(each.person and each.person.is_host for each in self.connections)
        host = ("here" if here else "away") if self.facts.is_open else ""
        counted = await self._attendance.count(self.connections, host=host)
        if counted.news or "room.counts" not in self.latest:
            event = RoomCounts(people=counted.people, simulated=counted.simulated)
            await log.append(self.slug, [ToRoom(self.slug, event)])
        if host:
            watch_host(self.slug, self.facts, here=here, away=counted.away)
