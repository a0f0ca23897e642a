"""One socket in a room: who it is, what it still has to get, when it has had enough."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from streams.room.encoding import Batch, Frame
from streams.room.outlets import Outlet
from streams.room.person import Person
from streams.room.protocol import CloseCode, Closing

if TYPE_CHECKING:
    from streams.room.hub import Hub

BUDGET = 256 * 1024
"""Unsent bytes that a socket may have. Nobody waits for it: over the budget it is closed with 4408."""


class Connection:
    """Created silent: the hub's batches begin with `go_live`, which says what came first."""

    def __init__(self, outlet: Outlet, slug: str, person: Person | None, member: str) -> None:
        self.outlet = outlet
        self.slug = slug
        self.person = person
        self.member = member
        """Name in the presence set: `u7` for a person, `g...` for a guest."""
        self.hub: Hub | None = None
        self.closed = asyncio.Event()
        self.renewed = asyncio.Event()
        """Set when the room was told afresh (a new epoch): what is personal has to be told again too."""
        self._live = False
        self._held: list[bytes] = []

    @property
    def user(self) -> int | None:
        return self.person.id if self.person else None

    def deliver(self, batch: Batch) -> None:
        """A batch of the room. Before `go_live` there is nothing to do: the hub's ring keeps it."""
        if self._live:
            self.write(batch)

    def tell(self, text: bytes) -> None:
        """An event for this person only. It never comes before the room's first frame."""
        if self._live and self.hub is not None:
            self.write(Batch(self.hub.epoch, [(0, text)]))
        else:
            self._held.append(text)

    def go_live(self, first: Batch) -> None:
        """Write the first frame, then whatever was held back for this person."""
        self._live = True
        self.write(first)
        held, self._held = self._held, []
        for text in held:
            self.tell(text)

    def write(self, frame: Frame) -> None:
        if self.closed.is_set():
            return
        self.outlet.write(frame)
        if self.outlet.unsent() > BUDGET:
            self.close(Closing(CloseCode.TOO_SLOW))

    def close(self, closing: Closing) -> None:
        """Close once; whatever comes later is dropped."""
        if not self.closed.is_set():
            self.closed.set()
            self.outlet.close(closing)
            if self.hub is not None:
                self.hub.leave(self)
