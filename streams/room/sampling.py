"""More chat than anybody can read: each group of viewers of a huge room is told a sample of its own.

A message is never left out for who wrote it or is named in it (`@name`); what host and moderators say is told
to everybody, and they are told everything. A frame that leaves something out says so (encoding.Batch), and the
page says it in the chat.
"""

from __future__ import annotations

import random
import re
from collections import deque
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

import orjson

from streams.room.connection import EVERYTHING, GROUPS, Connection
from streams.room.encoding import Batch, Frame
from streams.room.resume import Line
from streams.room.telling import Edition, for_all

CROWD = 5_000
"""Sockets or people. Smaller rooms get their whole chat: telling them is cheap."""
BUSY = 30
"""Messages in a second. Faster than this nobody reads; a quick reader manages about five short lines."""
SHOWN = 25
"""Messages in a second that each group is told at most: a chat that visibly flies by. Under BUSY, so that a
room at the threshold does not change its mind with every message."""
Key = TypeVar("Key", int, str)
STAFF = {"host", "moderator"}
CHAT = b'{"type":"chat.message"'
_NAMED = re.compile(r"@(\w[\w.'-]*(?: \w[\w.'-]*){0,2})")
"""After an @ up to three words: the longest that is somebody's name counts."""


def squeezed(name: str) -> str:
    """A name as it is compared: "Mina Sato", "mina sato" and "MinaSato" are the same."""
    return name.replace(" ", "").casefold()


@dataclass(frozen=True, slots=True)
class Said:
    """A message by somebody who does not tend the room; `place` in the lines that are told."""

    place: int
    user: int
    text: str


class People:
    """Who is here by id and by name. Made when it is first needed: a calm room has no use for it."""

    def __init__(self, connections: Iterable[Connection]) -> None:
        self._of_user: dict[int, set[Connection]] = {}
        self._of_name: dict[str, set[Connection]] = {}
        for connection in connections:
            self.add(connection)

    def add(self, connection: Connection) -> None:
        person = connection.person
        if person is not None:
            self._of_user.setdefault(person.id, set()).add(connection)
            self._of_name.setdefault(squeezed(person.name), set()).add(connection)

    def remove(self, connection: Connection) -> None:
        person = connection.person
        if person is not None:
            _take_out(self._of_user, person.id, connection)
            _take_out(self._of_name, squeezed(person.name), connection)

    def concerned(self, said: Said) -> set[Connection]:
        """The sockets of who wrote this and of those whom it names."""
        found = set(self._of_user.get(said.user, ()))
        for match in _NAMED.finditer(said.text) if "@" in said.text else ():
            words = match[1].split(" ")
            names = ("".join(words[:count]) for count in range(len(words), 0, -1))
            # A name at the end of a sentence takes its full stop along.
            tries = (each for name in names for each in (name, name.rstrip(".'-")))
            found |= next(
                filter(None, (self._of_name.get(squeezed(each)) for each in tries)), set()
            )
        return found


def _take_out(index: dict[Key, set[Connection]], key: Key, connection: Connection) -> None:
    found = index.get(key)
    if found is not None:
        found.discard(connection)
        if not found:
            del index[key]


class Sampler:
    """For one room of one process. `connections` are those of the hub."""

    def __init__(self, connections: Collection[Connection], seed: int | None = None) -> None:
        self._connections = connections
        self._dice = random.Random(seed)
        self._heard: deque[tuple[float, int]] = deque()
        self._allowed = float(SHOWN)
        self._allowed_at = float("-inf")
        self.people: People | None = None

    def edition(
        self, epoch: str, lines: list[Line], values: list[bytes], *, crowd: int, now: float
    ) -> tuple[Edition, Mapping[Connection, Frame]]:
        """What each group is told, and what single connections are told instead. `crowd` are the people in the
        room, `now` a clock in seconds."""
        rest = [(0, text) for text in values]
        chat = [place for place, (_, text) in enumerate(lines) if text.startswith(CHAT)]
        if not chat or not self._is_busy(len(chat), crowd, now):
            return for_all(Batch(epoch, lines + rest)), {}
        said = [each for place in chat if (each := _said(place, lines[place][1])) is not None]
        most = self._take(len(said))
        if most >= len(said):
            return for_all(Batch(epoch, lines + rest)), {}
        places = {each.place for each in said}
        through = next(seq for seq, _ in reversed(lines) if seq)
        shown = [{each.place for each in self._dice.sample(said, most)} for _ in range(GROUPS)]

        def batch(kept: set[int]) -> Frame:
            told = [
                line for place, line in enumerate(lines) if place not in places or place in kept
            ]
            missing = len(lines) - len(told)
            return Batch(epoch, told + rest, through=through, left_out=missing)

        whole = Batch(epoch, lines + rest)
        edition = (*(batch(kept) for kept in shown), whole)
        own = {
            connection: batch(shown[connection.group] | more)
            for connection, more in self._missed(said, shown).items()
        }
        return edition, own

    def _is_busy(self, more: int, crowd: int, now: float) -> bool:
        heard = self._heard
        heard.append((now, more))
        while heard[0][0] <= now - 1:
            heard.popleft()
        busy = crowd > CROWD and sum(count for _, count in heard) > BUSY
        if busy:
            self._allowed = min(SHOWN, self._allowed + (now - self._allowed_at) * SHOWN)
            self._allowed_at = now
        else:
            # Nothing is held against a room for what it said in calm times.
            self._allowed, self._allowed_at, self.people = float(SHOWN), now, None
        return busy

    def _take(self, wanted: int) -> int:
        """How many of these messages a group may be told now."""
        count = min(wanted, int(self._allowed))
        self._allowed -= count
        return count

    def _missed(self, said: list[Said], shown: list[set[int]]) -> dict[Connection, set[int]]:
        """Messages that concern somebody and are not in the sample of their group."""
        if self.people is None:
            self.people = People(self._connections)
        found: dict[Connection, set[int]] = {}
        for each in said:
            for connection in self.people.concerned(each):
                if connection.group != EVERYTHING and each.place not in shown[connection.group]:
                    found.setdefault(connection, set()).add(each.place)
        return found


def _said(place: int, text: bytes) -> Said | None:
    """None for what host and moderators say."""
    data = orjson.loads(text)["data"]
    user = data["user"]
    return None if user["role"] in STAFF else Said(place, user["id"], data["text"])
