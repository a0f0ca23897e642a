"""One process's share of a room's presence: who came, who went, who is to be refreshed."""

from __future__ import annotations

import time
from collections.abc import Collection

from streams.room import presence, valkey
from streams.room.connection import Connection
from streams.room.presence import Change, Counted

MARGIN = 2.0
"""A refresh is sent this many seconds early: the next look may be a little late."""


class Attendance:
    def __init__(self, slug: str) -> None:
        self.slug = slug
        self._changes: dict[str, Change] = {}
        self._refreshed = 0.0

    def came(self, connection: Connection) -> None:
        self._changes[connection.member] = _change(connection)

    def went(self, connection: Connection, still_here: Collection[Connection]) -> None:
        """Somebody's socket is gone; it counts when it was the last one of this person here."""
        if not any(other.member == connection.member for other in still_here):
            self._changes[connection.member] = _change(connection, left=True)

    async def count(self, here: Collection[Connection], *, host: str) -> Counted:
        """Tell Valkey about everybody here and get the counts. `host` as in `presence.tell`.

        Raises `valkey.Trouble`; then nothing is forgotten.
        """
        changes, self._changes = self._changes, {}
        now = time.monotonic()
        if now - self._refreshed > presence.REFRESH - MARGIN:
            changes |= {each.member: _change(each) for each in here}
        try:
            counted = await presence.tell(self.slug, changes.values(), host=host)
        except valkey.Trouble:
            self._changes = changes | self._changes
            raise
        if now - self._refreshed > presence.REFRESH - MARGIN:
            self._refreshed = now
        return counted


def _change(connection: Connection, *, left: bool = False) -> Change:
    simulated = connection.person is not None and connection.person.simulated
    return Change(connection.member, simulated, left)
