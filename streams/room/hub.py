"""One room in this process: hears the log once and tells every socket here.

The hub forwards seq = last + 1, drops older ones, reads the log on a gap, and looks at the log's top every
2 s. When something is told is decided in ticks.py, what of a busy chat in sampling.py, and telling.py goes round
the sockets. It never waits for one of them.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Collection

import orjson

from livestore.base.tracing import task_for_all
from streams.room import figures, log, snapshot
from streams.room.announcements import ToRoom
from streams.room.attendance import Attendance
from streams.room.connection import GROUPS, Connection
from streams.room.encoding import Batch, tombstone
from streams.room.hosting import watch_host
from streams.room.joining import Joining
from streams.room.log import Latest
from streams.room.mine import Mine
from streams.room.patience import end, patiently
from streams.room.protocol.events import RoomCounts
from streams.room.reactions import Reactions
from streams.room.resume import Line, Position, Ring
from streams.room.sampling import Sampler
from streams.room.snapshot import Facts, Snapshot
from streams.room.telling import Laps, for_all
from streams.room.ticks import Ticks

LOOK = 2.0


class Hub:
    """Created by `Rooms`, which feeds `hear` with what is published for this room."""

    def __init__(self, slug: str, mine: Mine) -> None:
        self.slug = slug
        self.mine = mine
        self.epoch = ""
        self.ring = Ring(0)
        self.latest: dict[str, Latest] = {}
        self.heard_values = 0
        """Counts the values that `latest` took in."""
        self.facts = Facts()
        self.followers: set[Callable[[], None]] = set()
        """Told when the show has changed; a room that is followed stays open."""
        self.reactions = Reactions(slug)
        self.empty_since = time.monotonic()
        self._loop = asyncio.get_running_loop()
        self.laps = Laps(self._loop)
        self.ticks = Ticks(self._loop, self._tell, self.laps)
        self.joining = Joining(self)
        self._sampler = Sampler(self.laps.connections)
        self._counted = 0
        self.left_out = 0
        """Chat messages that a viewer of this busy room was not told."""
        self._next_group = 0
        self._version = 0
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
        self._tending = task_for_all(self._tend())

    def _begin(self, view: log.View, found: Snapshot) -> None:
        """Stand at the snapshot; what came after it is read next."""
        if view.top.epoch != found.epoch:
            raise ConnectionError("the log began anew while it was read")
        self.epoch, self.ring = found.epoch, Ring(found.seq)
        self._version = view.top.version
        self.facts, self.joining.snapshot = found.facts, found
        self._tell_followers()
        self.ticks.clear()
        self.latest = {}
        for name, value in view.latest.items():
            self._learn(name, value)

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
        self.ticks.plan()

    def _accept(self, seq: int, text: bytes) -> bool:
        """Take the next event; True also for one that is known already, False for a gap."""
        if seq <= self.ring.position:
            return True
        if seq > self.ring.position + 1:
            return False
        self.ring.add(seq, text)
        self.ticks.event(seq, text)
        if text.startswith(b'{"type":"show.changed"'):
            self.facts.learn_show(orjson.loads(text)["data"]["show"])
            self._tell_followers()
        elif text.startswith(b'{"type":"item.changed"'):
            self.facts.learn_items(orjson.loads(text)["data"]["items"])
        elif text.startswith(b'{"type":"chat.deleted"'):
            # Whoever comes from now on gets the tombstone: out of the ring, and in no older snapshot.
            self.ring.replace(orjson.loads(text)["data"]["seq"], tombstone)
            self.joining.forget()
        return True

    def _tell_followers(self) -> None:
        for follower in list(self.followers):
            follower()

    def _newest(self, name: str, value: Latest) -> None:
        known = self.latest.get(name)
        if known is not None and known.version >= value.version:
            return
        self._learn(name, value)
        self.ticks.value(name, value)

    def _learn(self, name: str, value: Latest) -> None:
        self.latest[name] = value
        self.heard_values += 1
        if name == RoomCounts.type:
            counts = orjson.loads(value.text)["data"]
            self._counted = counts["people"] + counts["simulated"]

    def _feed(self) -> None:
        """Hear again what was kept while the log was being read."""
        kept, self._kept = self._kept, []
        for message in kept:
            self.hear(message)

    # -- telling ----------------------------------------------------------------------------------

    @property
    def connections(self) -> Collection[Connection]:
        return self.laps.connections

    @property
    def told(self) -> int:
        """The last seq that was put into the laps."""
        return self.ring.position - self.ticks.waiting

    @property
    def crowd(self) -> int:
        """People in the room, in this process or as they were counted everywhere."""
        return max(len(self.laps.connections), self._counted)

    def _tell(self, lines: list[Line], values: list[bytes]) -> None:
        if self.laps.connections:
            now = self._loop.time()
            edition, personal = self._sampler.edition(
                self.epoch, lines, values, crowd=self.crowd, now=now
            )
            if missing := edition[0].left_out:
                self.left_out += missing
                figures.left_out.add(missing)
            self.laps.put(edition, personal)

    # -- people -----------------------------------------------------------------------------------

    async def join(self, connection: Connection, since: Position | None) -> None:
        """Attach first, then find what the newcomer needs, then go live without a gap or a double.

        What happens meanwhile is in the ring, so the ring is the newcomer's buffer. Mostly nothing has to be
        read. Raises `valkey.Trouble` or a database error.
        """
        self.attach(connection)
        try:
            first = self.joining.at_once(since)
            if first is None:
                first = await self.joining.first(since)
        except BaseException:
            self.leave(connection)
            raise
        # Nothing has waited since the frame was chosen: hub and newcomer stand at the same seq.
        self.laps.welcome(connection, first)

    def attach(self, connection: Connection) -> None:
        """Count this socket in. It is told nothing before it is welcomed."""
        connection.hub = self
        self._next_group = (self._next_group + 1) % GROUPS
        connection.group = self._next_group
        self.laps.connections[connection] = None
        if self._sampler.people is not None:
            self._sampler.people.add(connection)
        self._attendance.came(connection)

    def leave(self, connection: Connection) -> None:
        if connection in self.laps.connections:
            del self.laps.connections[connection]
            if self._sampler.people is not None:
                self._sampler.people.remove(connection)
            self._attendance.went(connection)
            self.empty_since = time.monotonic()

    # -- mending ----------------------------------------------------------------------------------

    def mend(self) -> None:
        """Compare with the log soon: something may have been missed."""
        if self._mending is None:
            self._mending = task_for_all(self._mend())

    async def catch_up(self) -> None:
        """Read the log up to its top. Raises nothing; while Valkey is away it goes on trying."""
        self.mend()
        if self._mending is not None:
            await asyncio.shield(self._mending)

    async def _mend(self) -> None:
        """Read what is missing; when the log began anew, or part of it is gone, tell everybody afresh."""
        await patiently(f"room {self.slug}", self._read_missing)
        self._mending = None
        self.ticks.plan()
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
        self.laps.put(for_all(Batch(self.epoch, lines)))
        for connection in self.connections:
            connection.renew()
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
            self.ticks.plan()
        await self._count()

    async def _count(self) -> None:
        here = self._attendance.host_here
        host = ("here" if here else "away") if self.facts.is_open else ""
        counted = await self._attendance.count(host=host)
        if counted.news or "room.counts" not in self.latest:
            event = RoomCounts(people=counted.people, simulated=counted.simulated)
            await log.append(self.slug, [ToRoom(self.slug, event)])
        if host:
            watch_host(self.slug, self.facts, here=here, away=counted.away)
