"""One process's share of a room's presence: who came, who went, who is to be refreshed.

With 19,000 people here nothing may look at all of them: tabs are counted for each person, and each look (every
2 s) refreshes those whose turn it is, so that there is no burst every 15 s.
"""

from __future__ import annotations

import math
import time
from itertools import islice

from streams.room import presence, valkey
from streams.room.connection import Connection
from streams.room.presence import Change, Counted

ROUND = presence.REFRESH - 4.0
"""Seconds in which everybody's turn comes. A look may be late, and a newcomer joins the end of the row."""


class Attendance:
    def __init__(self, slug: str) -> None:
        self.slug = slug
        self._here: dict[str, Change] = {}
        """Everybody here by member, whose turn is next first."""
        self._more_tabs: dict[str, int] = {}
        self._hosts = 0
        self._changes: dict[str, Change] = {}
        self._looked = time.monotonic()

    @property
    def host_here(self) -> bool:
        """Whether the show's own host has a socket in this process."""
        return self._hosts > 0

    def came(self, connection: Connection) -> None:
        member, person = connection.member, connection.person
        if person is not None and person.is_host:
            self._hosts += 1
        if member in self._here:
            self._more_tabs[member] = self._more_tabs.get(member, 0) + 1
            return
        simulated = person is not None and person.simulated
        self._here[member] = self._changes[member] = Change(member, simulated)

    def went(self, connection: Connection) -> None:
        """Once for each that came. It counts when it was the last socket of this person here."""
        member = connection.member
        if connection.person is not None and connection.person.is_host:
            self._hosts -= 1
        tabs = self._more_tabs.pop(member, 0)
        if tabs > 1:
            self._more_tabs[member] = tabs - 1
        if not tabs:
            here = self._here.pop(member)
            self._changes[member] = Change(member, here.simulated, left=True)

    async def count(self, *, host: str) -> Counted:
        """Tell Valkey who came, who went and who is still here, and get the counts. `host` as in `presence.tell`.

        Raises `valkey.Trouble`; then nothing is forgotten.
        """
        now = time.monotonic()
        told = self._whose_turn(now - self._looked) | self._changes
        self._changes = {}
        try:
            counted = await presence.tell(self.slug, told.values(), host=host)
        except valkey.Trouble:
            self._changes = told | self._changes
            raise
        self._looked = now
        return counted

    def _whose_turn(self, elapsed: float) -> dict[str, Change]:
        """As many as `elapsed` seconds are of a round; they go to the end of the row."""
        number = math.ceil(len(self._here) * min(1.0, elapsed / ROUND))
        turn = dict(islice(self._here.items(), number))
        for member in turn:
            self._here[member] = self._here.pop(member)
        return turn
