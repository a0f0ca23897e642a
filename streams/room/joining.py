"""What a newcomer is told first: the room as it is, or what was missed; encoded once for all of one moment.

In a storm thousands come within a second. They share a snapshot that is up to a second old, continued by what was
told since, in one frame whose bytes are the same for all of them; the laps go on from there.
"""

from __future__ import annotations

import asyncio
from math import inf
from typing import TYPE_CHECKING

from streams.room import log, snapshot
from streams.room.encoding import Batch, Frame
from streams.room.resume import Line, Position, too_much
from streams.room.snapshot import Snapshot

if TYPE_CHECKING:
    from streams.room.hub import Hub

FRESH = 1.0
"""Seconds a snapshot serves newcomers, when the ring has what came after it."""
Moment = tuple[str, int, int]
"""(epoch, the last seq that was told, how many newer values were heard): what a first frame depends on."""
NEVER: Moment = ("", 0, 0)


class Joining:
    """For one hub. `snapshot` is the newest one that may be used."""

    def __init__(self, hub: Hub) -> None:
        self.snapshot: Snapshot | None = None
        self._hub = hub
        self._building = asyncio.Lock()
        self._moment: Moment = NEVER
        self._whole: Frame | None = None
        self._replays: dict[int, Frame | None] = {}

    def at_once(self, since: Position | None) -> Frame | None:
        """The first frame, when nothing has to be read for it. It says everything that was put into the laps."""
        hub = self._hub
        if since is not None and since.epoch == hub.epoch and since.seq <= hub.ring.position:
            if not hub.ring.reaches(since.seq):
                return None  # perhaps the log has it
            replay = self._replay(since.seq)
            if replay is not None:
                return replay
        elif since is not None and since.epoch == hub.epoch:
            return None  # somebody heard it from another process before this one did
        found = self._usable()
        return None if found is None else self._beginning(found)

    async def first(self, since: Position | None) -> Frame:
        """As `at_once`, reading whatever is needed. Raises `valkey.Trouble`, database errors, NotFound."""
        hub = self._hub
        if since is not None and since.epoch == hub.epoch and since.seq > hub.ring.position:
            await hub.catch_up()
        while True:
            frame = self.at_once(since)
            if frame is not None:
                return frame
            older = None
            if since is not None and since.epoch == hub.epoch and since.seq <= hub.ring.position:
                older = await self._from_the_log(since)
            if older is not None and since is not None and since.epoch == hub.epoch:
                # Nothing waits from here on: the ring goes on where the log's answer ended.
                seq = older[-1][0] if older else since.seq
                if hub.ring.reaches(seq):
                    self._arrive_at(seq)
                    lines = older + self._told_after(seq)
                    if not too_much(lines):
                        return Batch(hub.epoch, lines + self._values())
            since = None
            await self._build()
            found = self._usable(oldest=inf)
            if found is not None:
                return self._beginning(found)

    def forget(self) -> None:
        """A message was deleted: whoever comes from now on does not get its text."""
        self.snapshot = None
        self._moment = NEVER

    # -- frames -----------------------------------------------------------------------------------

    def _beginning(self, found: Snapshot) -> Frame:
        self._arrive_at(found.seq)
        if self._whole is None:
            lines = [(found.seq, found.text), *self._told_after(found.seq), *self._values()]
            self._whole = Batch(self._hub.epoch, lines)
        return self._whole

    def _replay(self, seq: int) -> Frame | None:
        """What was told after `seq`; None when that is more than a snapshot."""
        self._arrive_at(seq)
        if seq not in self._replays:
            lines = self._told_after(seq)
            frame = None if too_much(lines) else Batch(self._hub.epoch, lines + self._values())
            self._replays[seq] = frame
        return self._replays[seq]

    def _arrive_at(self, seq: int) -> None:
        """The room has been told what this newcomer knows; frames of another moment are forgotten."""
        hub = self._hub
        if seq > hub.told:
            hub.ticks.flush()
        moment = hub.epoch, hub.told, hub.heard_values
        if moment != self._moment:
            self._moment, self._whole = moment, None
            self._replays.clear()

    def _told_after(self, seq: int) -> list[Line]:
        """The events after `seq` that were put into the laps; the others will come by them."""
        return self._hub.ring.after(seq)[: self._hub.told - seq]

    def _values(self) -> list[Line]:
        return [(0, value.text) for value in self._hub.latest.values()]

    # -- reading ----------------------------------------------------------------------------------

    async def _from_the_log(self, since: Position) -> list[Line] | None:
        """What the ring has no more, up to where it begins; None when it is gone or too much."""
        hub, seq = self._hub, since.seq
        found: list[Line] = []
        while seq < hub.ring.first - 1:
            part = await log.read(hub.slug, seq + 1)
            if part.epoch != since.epoch or part.start != seq + 1 or not part.texts:
                return None
            found += enumerate(part.texts, start=part.start)
            seq = found[-1][0]
            if too_much(found):
                return None
        # The last part may reach into the ring, and even further than this hub has heard.
        return [line for line in found if line[0] < hub.ring.first]

    def _usable(self, oldest: float = FRESH) -> Snapshot | None:
        found, hub = self.snapshot, self._hub
        if (
            found is not None
            and found.epoch == hub.epoch
            and found.age < oldest
            and found.seq <= hub.ring.position
            and hub.ring.reaches(found.seq)
        ):
            return found
        return None

    async def _build(self) -> None:
        """Make `snapshot` usable again; whoever comes meanwhile waits for the same one."""
        hub = self._hub
        async with self._building:
            if self._usable() is not None:
                return
            found = await snapshot.build(hub.slug)
            if found.epoch != hub.epoch or found.seq > hub.ring.position:
                await hub.catch_up()
            if found.epoch == hub.epoch:
                self.snapshot = found
            # In another epoch the hub was renewed meanwhile, and brought a snapshot of its own.
