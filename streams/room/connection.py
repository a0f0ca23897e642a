"""One socket in a room: who it is, what it still has to get, when it has had enough.

There are 19,000 of these in a process, so they have slots, and nothing that an idle viewer does not need.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from streams.room import figures
from streams.room.encoding import Batch, Frame
from streams.room.outlets import Outlet
from streams.room.person import RANK, Person
from streams.room.protocol import CloseCode, Closing

if TYPE_CHECKING:
    from streams.room.arrival import Request
    from streams.room.hub import Hub

BUDGET = 256 * 1024
"""Unsent bytes that a socket may have. Nobody waits for it: over the budget it is closed with 4408."""
GROUPS = 8
"""Samples of a busy chat that a room is told (sampling.py); neighbours see different halves of it."""
EVERYTHING = GROUPS
"""The group of those who get the whole chat, however busy: host and moderators."""
SILENT, GONE = -1, -2
"""Values of `told` of a connection that no lap reaches: not yet live, and closed."""


class Connection:
    """Created silent: what the room tells begins with `go_live`, which says what came first.

    told     number of the last frame of the room that it has; the laps count on from there (telling.py)
    group    which sample of a busy chat it gets (sampling.py)
    request  what its handshake said, for arriving anew; None for a guest
    """

    __slots__ = (
        "_held",
        "closed",
        "group",
        "hub",
        "member",
        "outlet",
        "person",
        "request",
        "slug",
        "told",
    )

    def __init__(
        self,
        outlet: Outlet,
        slug: str,
        person: Person | None,
        member: str,
        request: Request | None = None,
    ) -> None:
        self.outlet = outlet
        self.slug = slug
        self.person = person
        self.member = member
        """Name in the presence set: `u7` for a person, `g...` for a guest."""
        self.request = request
        self.hub: Hub | None = None
        self.closed = False
        self.told = SILENT
        self.group = 0
        self._held: list[bytes] | None = None

    @property
    def user(self) -> int | None:
        return self.person.id if self.person else None

    def tell(self, text: bytes) -> None:
        """An event for this person only. It never comes before the room's first frame."""
        if self.told >= 0 and self.hub is not None:
            self.regroup()
            self.write(Batch(self.hub.epoch, [(0, text)]))
        elif not self.closed:
            self._held = [*(self._held or ()), text]

    def go_live(self, first: Frame, told: int = 0) -> None:
        """Write the first frame, then whatever was held back; the room's frames after `told` follow."""
        if self.closed:
            return
        self.told = told
        self.regroup()
        self.write(first)
        held, self._held = self._held, None
        for text in held or ():
            self.tell(text)

    def renew(self) -> None:
        """What is personal may have been missed (a new epoch, a silent layer): it is told again."""
        if self.person is not None and self.hub is not None:
            self.hub.mine.refresh(self)

    def regroup(self) -> None:
        """Who tends the room sees all of its chat; a role may have changed since the last look."""
        if self.person is not None and RANK[self.person.role]:
            self.group = EVERYTHING

    def write(self, frame: Frame) -> None:
        if self.closed:
            return
        self.outlet.write(frame)
        figures.own(frame)
        if self.outlet.unsent() > BUDGET:
            self.close(Closing(CloseCode.TOO_SLOW))

    def close(self, closing: Closing) -> None:
        """Close once; whatever comes later is dropped."""
        if not self.closed:
            self.end()
            self.outlet.close(closing)
            if self.hub is not None:
                self.hub.leave(self)

    def end(self) -> None:
        """The socket is gone: nothing is written any more, and no lap reaches it."""
        self.closed = True
        self.told = GONE
        self._held = None
