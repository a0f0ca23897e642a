"""The door for a host's browser: `/ws/shows/<slug>/camera/`, plain ASGI, never on a line of its own.

Browser -> server: `{"type": "begin", "mime", "take_over"}`, then binary messages of at most 64 KiB with the bytes of
its recording, `{"type": "stop"}`. Server -> browser: `ready` (take), `state` once a second, `stopped` (reason),
`refused` (code, message, retry). After `stopped` and `refused` another `begin` may come on the same socket.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any
from weakref import WeakKeyDictionary

from django.db import Error as DatabaseError

from livestore.base.errors import Busy
from streams.room import valkey
from streams.room.arrival import SUBPROTOCOL, Refused, read_handshake
from streams.room.arrivals import arrive
from streams.room.outlets import EXTENSION
from streams.room.protocol import CloseCode, Closing
from streams.room.rooms import restarting
from streams.video.ingest.pace import Pace
from streams.video.ingest.session import Session

logger = logging.getLogger(__name__)

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

AWAY = (*valkey.Trouble, DatabaseError, TimeoutError, Busy)
TOLD_WITHIN = 5.0
"""Seconds; a browser that does not even read figures is sent away."""
TOO_FAST = {
    "type": "refused",
    "code": "too_fast",
    "message": "This camera sends more than 12 Mbit/s. Choose a smaller picture.",
    "retry": False,
}


class Cameras:
    """Everybody who films in this process, to be sent away in order. Use `cameras()`."""

    def __init__(self) -> None:
        self.draining = False
        self.doors: set[Door] = set()

    async def drain(self) -> None:
        """Takes end, and each browser is told to come again."""
        self.draining = True
        await asyncio.gather(*(door.send_away() for door in list(self.doors)))


class Door:
    """One camera socket. Everything that it sends goes through here."""

    def __init__(self, slug: str, user: int, send: Send) -> None:
        self._send = send
        self._closed = False
        self._pace = Pace()
        self.session = Session(slug, user, self.tell)

    async def tell(self, message: dict[str, Any]) -> None:
        if self._closed:
            return
        try:
            async with asyncio.timeout(TOLD_WITHIN):
                await self._send({"type": "websocket.send", "text": json.dumps(message)})
        except TimeoutError:
            await self.close(Closing(CloseCode.TOO_SLOW))

    async def close(self, closing: Closing) -> None:
        if not self._closed:
            self._closed = True
            await self._send(goodbye(closing))

    async def send_away(self) -> None:
        await self.session.end("lost")
        await self.close(restarting())

    async def received(self, message: dict[str, Any]) -> None:
        """One message of the browser."""
        data, text = message.get("bytes"), message.get("text")
        if data and not self._pace.allows(len(data), time.monotonic()):
            await self.session.end("failed")
            await self.tell(TOO_FAST)
            await self.close(Closing(CloseCode.TOO_FAST))
        elif data:
            await self.session.feed(data)
        elif text:
            await self._ordered(text)

    async def _ordered(self, text: str) -> None:
        try:
            order = json.loads(text)
            kind = order["type"]
            mime, take_over = str(order.get("mime", "")), order.get("take_over") is True
        except (ValueError, TypeError, KeyError, AttributeError):
            kind, mime, take_over = "", "", False
        if kind == "begin":
            await self.session.begin(mime, take_over=take_over)
        elif kind == "stop":
            await self.session.stopped("stopped")
        else:
            await self.session.end("failed")
            await self.close(Closing(CloseCode.BAD_FRAMES))

    @property
    def closed(self) -> bool:
        return self._closed


async def camera(scope: Scope, receive: Receive, send: Send) -> None:
    """ASGI. For hosts (and staff); others are closed with the codes that rooms use."""
    while (await receive())["type"] != "websocket.connect":
        pass
    chosen = SUBPROTOCOL if SUBPROTOCOL in scope.get("subprotocols", []) else None
    await send({"type": "websocket.accept", "subprotocol": chosen})
    slug: str = scope["url_route"]["kwargs"]["slug"]
    user = await _host(slug, scope)
    if isinstance(user, Closing):
        await send(goodbye(user))
        return
    connection = scope.get("extensions", {}).get(EXTENSION)
    door = Door(slug, user, send)
    house = cameras()
    house.doors.add(door)
    try:
        while (message := await receive())["type"] != "websocket.disconnect":
            if message["type"] == "websocket.receive" and not door.closed:
                await door.received(message)
            if connection is not None:
                connection.heard()
    finally:
        house.doors.discard(door)
        with suppress(asyncio.CancelledError):
            await door.session.close("lost")


async def _host(slug: str, scope: Scope) -> int | Closing:
    """Who comes, or why not."""
    if cameras().draining:
        return restarting()
    try:
        # A page that only films need not speak the rooms' protocol.
        offered = [*scope.get("subprotocols", []), SUBPROTOCOL]
        arrival = await arrive(read_handshake(slug, scope["headers"], offered))
    except Refused as refused:
        return Closing(refused.code)
    except AWAY as problem:
        logger.warning("nobody can film %s: %r", slug, problem)
        return restarting()
    if arrival.person is None:
        return Closing(CloseCode.WHO_ARE_YOU)
    if arrival.person.role != "host":
        return Closing(CloseCode.NOT_ALLOWED)
    return arrival.person.id


def goodbye(closing: Closing) -> dict[str, Any]:
    return {"type": "websocket.close", "code": int(closing.code), "reason": closing.reason}


_of_loops: WeakKeyDictionary[asyncio.AbstractEventLoop, Cameras] = WeakKeyDictionary()


def cameras() -> Cameras:
    """The cameras of the running event loop."""
    return _of_loops.setdefault(asyncio.get_running_loop(), Cameras())
