"""Events for one person, and closed sockets: one subscription of the Channels layer for each process."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

import orjson
from channels.layers import get_channel_layer

from livestore.base.tracing import task_for_all
from streams.room import valkey
from streams.room.announce import PEOPLE
from streams.room.connection import Connection
from streams.room.patience import end
from streams.room.protocol import CloseCode, Closing

logger = logging.getLogger(__name__)

KNOCK_EVERY, SILENCE = 1.0, 10.0
"""Seconds. We hear our own knocking; when we do not, nobody else is heard either."""


class Direct:
    """Who is connected to this process, by user id, and the task that tells them."""

    def __init__(self) -> None:
        self._people: dict[int, tuple[Connection, ...]] = {}
        self._task: asyncio.Task[None] | None = None
        self.followers: set[Callable[[int, str, CloseCode], None]] = set()
        """Told the user and the show ("" for all) of everybody whose sockets are closed."""
        self.listening = asyncio.Event()

    def start(self) -> None:
        if self._task is None:
            self._task = task_for_all(self._listen())

    async def stop(self) -> None:
        await end(self._task)
        self._task = None

    def add(self, connection: Connection) -> None:
        user = connection.user
        if user is not None:
            self._people[user] = (*self._people.get(user, ()), connection)

    def remove(self, connection: Connection) -> None:
        user = connection.user
        if user is None:
            return
        rest = tuple(each for each in self._people.get(user, ()) if each is not connection)
        if rest:
            self._people[user] = rest
        else:
            self._people.pop(user, None)

    async def _listen(self) -> None:
        """Subscribe and take what comes; begin anew when the subscription breaks or falls silent.

        After a restart of Valkey the layer may look subscribed and hear nothing. So we knock at our own
        channel, and who was connected meanwhile is told everything personal again.
        """
        layer: Any = get_channel_layer()
        again = False
        while True:
            knocking: asyncio.Task[None] | None = None
            try:
                channel: str = await layer.new_channel()
                await layer.group_add(PEOPLE, channel)
                self.listening.set()
                if again:
                    logger.info("direct events: subscribed again")
                    self._refresh_all()
                knocking = asyncio.create_task(self._knock(layer, channel))
                while True:
                    message = await asyncio.wait_for(layer.receive(channel), SILENCE)
                    self._take(message["items"])
            except Exception as problem:
                if self.listening.is_set():
                    logger.warning("direct events: %s %s", type(problem).__name__, problem)
                self.listening.clear()
                again = True
            finally:
                if knocking is not None:
                    knocking.cancel()
            with suppress(Exception):
                await asyncio.wait_for(layer.flush(), 5)
            await asyncio.sleep(0.3)

    async def _knock(self, layer: Any, channel: str) -> None:
        while True:
            await asyncio.sleep(KNOCK_EVERY)
            with suppress(*valkey.Trouble):
                await layer.send(channel, {"type": "people.told", "items": []})

    def _refresh_all(self) -> None:
        for connections in self._people.values():
            for connection in connections:
                connection.renew()

    def _take(self, items: Iterable[list[Any]]) -> None:
        """Most of what is said is for people in other processes: those items cost one look each."""
        for kind, user, *rest in items:
            if kind == "kick":
                for follower in self.followers:
                    follower(user, rest[1], CloseCode(rest[0]))
            for connection in self._people.get(user, ()):
                if kind == "kick":
                    code, slug = rest
                    if slug in ("", connection.slug):
                        connection.close(Closing(CloseCode(code)))
                else:
                    text, type_ = rest
                    if type_ != "you.muted" or self._muted(connection, text):
                        connection.tell(text)

    def _muted(self, connection: Connection, text: bytes) -> bool:
        """Mutes are for one show: only its sockets are told, and know it from now on."""
        data = orjson.loads(text)["data"]
        if data["show"] != connection.slug or connection.person is None:
            return False
        with suppress(KeyError):
            connection.person.muted = data["muted"]
        return True
