"""The door of a room: one instance for each socket.

A plain ASGI application and not a Channels consumer class: those open a channel of the layer for each socket
and hop through a thread for each message, which cost ten times what everything else here does together.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from typing import Any

from django.db import Error as DatabaseError

from livestore.base.errors import Busy, LoginRequired, NotAllowed, NotFound, Refusal, TooFast
from livestore.base.threads import at_the_door
from streams.room import valkey
from streams.room.arrival import (
    SUBPROTOCOL,
    Arrival,
    Refused,
    Request,
    arrive,
    read_handshake,
)
from streams.room.connection import Connection
from streams.room.encoding import error_reply, ok_reply
from streams.room.handlers import Act, handle
from streams.room.inbound import BadFrame, command_of, decode, kind_of
from streams.room.limits import BAD_FRAMES, COMMANDS, PATIENCE, Bucket
from streams.room.me import me_snapshot
from streams.room.outlets import AsgiOutlet, outlet_for
from streams.room.person import RANK
from streams.room.presence import guest_member
from streams.room.protocol import CloseCode, Closing
from streams.room.resume import parse_since
from streams.room.rooms import Rooms, restarting, rooms

logger = logging.getLogger(__name__)

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
AWAY = (*valkey.Trouble, DatabaseError, TimeoutError)
"""What is raised while a server is away; trying again will help."""
REFRESH_AFTER = (1.5, 3.5)
"""Seconds between a new epoch and what is personal being told again."""


class RoomSocket:
    def __init__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        self.slug: str = scope["url_route"]["kwargs"]["slug"]
        self._scope = scope
        self._receive = receive
        self._send = send
        self._commands = Bucket(*COMMANDS)
        self._patience = Bucket(*PATIENCE)
        self._bad_frames = 0
        self._request: Request

    async def run(self) -> None:
        """From the handshake to the goodbye."""
        while (await self._receive())["type"] != "websocket.connect":
            pass
        offered = self._scope.get("subprotocols", [])
        chosen = SUBPROTOCOL if SUBPROTOCOL in offered else None
        # Accepted first, always: a browser can read the reason of a closing, but not of a refused handshake.
        await self._send({"type": "websocket.accept", "subprotocol": chosen})
        outlet = outlet_for(self._scope, self._send)
        try:
            await self._stay(outlet, rooms())
        finally:
            if isinstance(outlet, AsgiOutlet):
                await outlet.stop()

    async def _stay(self, outlet: Any, house: Rooms) -> None:
        if house.draining:
            outlet.close(restarting())
            return
        try:
            arrival = await self._arrive()
            hub = await house.enter(self.slug)
            if arrival.person is None and hub.facts.state == "draft":
                # Perhaps started a moment ago, and the relay has not said so yet: the database knows.
                await at_the_door(arrive, self._request)
        except Refused as refused:
            outlet.close(Closing(refused.code))
            return
        except NotFound:
            outlet.close(Closing(CloseCode.NO_SUCH_SHOW))
            return
        except AWAY as problem:
            logger.warning("room %s: nobody can come in: %r", self.slug, problem)
            outlet.close(restarting())
            return
        connection = Connection(outlet, self.slug, arrival.person, arrival.member)
        house.direct.add(connection)
        telling: asyncio.Task[None] | None = None
        try:
            since = parse_since(self._scope.get("query_string", b"").decode("latin1"))
            await asyncio.wait_for(hub.join(connection, since), 10)
            if arrival.person is not None:
                connection.renewed.set()
                telling = asyncio.create_task(self._tell_me(connection))
            await self._listen(connection)
        except AWAY as problem:
            logger.warning("room %s: a visit was broken off: %r", self.slug, problem)
            connection.close(restarting())
        finally:
            if telling is not None:
                telling.cancel()
            house.direct.remove(connection)
            hub.leave(connection)
            connection.closed.set()

    async def _arrive(self) -> Arrival:
        self._request = read_handshake(
            self.slug, self._scope["headers"], self._scope.get("subprotocols", [])
        )
        if self._request.ticket is None and self._request.session is None:
            return Arrival(None, guest_member(self._request.guest))  # nothing to look up
        return await at_the_door(arrive, self._request)

    async def _tell_me(self, connection: Connection) -> None:
        """What is personal, at first and whenever something personal may have been missed.

        Then a logout or a ban may have been missed too: the person arrives anew. Not at once: the layer
        listens again a moment after the hub does, and not everybody at the same moment.
        """
        assert connection.person is not None
        first = True
        while True:
            await connection.renewed.wait()
            if not first:
                await asyncio.sleep(random.uniform(*REFRESH_AFTER))
            connection.renewed.clear()
            try:
                if not first:
                    await self._arrive_again(connection)
                connection.tell(await at_the_door(me_snapshot, connection.person))
                first = False
            except LoginRequired:
                connection.close(Closing(CloseCode.WHO_ARE_YOU))
            except Refused as refused:
                connection.close(Closing(refused.code))
            except (*AWAY, Busy):
                await asyncio.sleep(1)
                connection.renewed.set()
            except Exception:
                logger.exception("room %s: me.snapshot of %s", self.slug, connection.user)
                return

    async def _arrive_again(self, connection: Connection) -> None:
        """Raises Refused, or LoginRequired when the session ended."""
        assert connection.person is not None
        person = (await at_the_door(arrive, self._request)).person
        if person is None or person.id != connection.person.id:
            raise LoginRequired
        connection.person.role, connection.person.muted = person.role, person.muted

    async def _listen(self, connection: Connection) -> None:
        """Answer frame by frame until the socket ends; other people's frames have tasks of their own."""
        while True:
            message = await self._receive()
            if message["type"] == "websocket.disconnect":
                return
            if message["type"] == "websocket.receive" and not connection.closed.is_set():
                await self._answer(connection, message)

    async def _answer(self, connection: Connection, message: dict[str, Any]) -> None:
        wait = self._commands.take()
        if wait and self._patience.take():
            connection.close(Closing(CloseCode.TOO_FAST))
            return
        ref = ""
        try:
            frame = decode(message)
            ref = frame.ref
            kind = kind_of(frame)
            if wait:
                raise TooFast(retry_after_ms=wait)
            person = connection.person
            if person is None:
                raise LoginRequired
            if RANK[person.role] < RANK[kind.who]:
                raise NotAllowed
            assert connection.hub is not None
            data = await handle(Act(connection.hub, person), command_of(kind, frame))
            connection.write(ok_reply(ref, data))
        except BadFrame as refusal:
            self._bad_frames += 1
            if self._bad_frames > BAD_FRAMES:
                connection.close(Closing(CloseCode.BAD_FRAMES))
            else:
                connection.write(error_reply(refusal.ref, refusal.as_json()))
        except Refusal as refusal:
            connection.write(error_reply(ref, refusal.as_json()))
        except AWAY:
            connection.write(error_reply(ref, Busy(retry_after_ms=1_000).as_json()))
        except Exception:
            logger.exception("room %s: %s failed", self.slug, message.get("text", "")[:80])
            error = Refusal("Something went wrong on our side.", code="error", retry=True)
            connection.write(error_reply(ref, error.as_json()))


async def room(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """ASGI: `/ws/shows/<slug>/`."""
    await RoomSocket(scope, receive, send).run()


async def nowhere(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """ASGI: any other WebSocket address. Accepted and closed like an unknown show."""
    await receive()
    chosen = SUBPROTOCOL if SUBPROTOCOL in scope.get("subprotocols", []) else None
    await send({"type": "websocket.accept", "subprotocol": chosen})
    closing = Closing(CloseCode.NO_SUCH_SHOW)
    await send({"type": "websocket.close", "code": int(closing.code), "reason": closing.reason})
