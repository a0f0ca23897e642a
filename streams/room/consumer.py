"""The door of a room: a socket is accepted, and becomes a visit on a line of its own where that can be.

A plain ASGI application and not a Channels consumer class: those open a channel of the layer for each socket
and hop through a thread for each message, which cost ten times what everything else here does together.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from streams.room.arrival import SUBPROTOCOL, Refused, Request, read_handshake
from streams.room.line import Taken, lines
from streams.room.outlets import EXTENSION, AsgiOutlet
from streams.room.protocol import CloseCode, Closing
from streams.room.resume import Position, parse_since
from streams.room.rooms import restarting
from streams.room.visit import Visit

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


async def room(scope: Scope, receive: Receive, send: Send) -> None:
    """ASGI: `/ws/shows/<slug>/`. On a line it returns when the visitor is inside, else when the socket ends."""
    while (await receive())["type"] != "websocket.connect":
        pass
    taken = await _accept(scope, send)
    slug: str = scope["url_route"]["kwargs"]["slug"]
    visit = Visit(slug, _request(slug, scope))
    query = scope.get("query_string", b"")
    since = parse_since(query.decode("latin1")) if query else None
    if taken is not None:
        line = lines().open(taken, visit)
        if taken.early:
            line.hear(taken.early)
        try:
            await visit.enter(line, since)
        except BaseException:
            line.close(restarting())  # nobody else would ever end it
            raise
    else:
        await _stay(visit, since, receive, send)


class Nobody:
    """The listener of a line that is only said goodbye to."""

    def received(self, payload: str | bytes) -> None: ...

    def gone(self) -> None: ...


async def nowhere(scope: Scope, receive: Receive, send: Send) -> None:
    """ASGI: any other WebSocket address. Accepted and closed like an unknown show."""
    await receive()
    closing = Closing(CloseCode.NO_SUCH_SHOW)
    taken = await _accept(scope, send)
    if taken is not None:
        lines().open(taken, Nobody()).close(closing)
    else:
        await send({"type": "websocket.close", "code": int(closing.code), "reason": closing.reason})


async def _accept(scope: Scope, send: Send) -> Taken | None:
    """Always: a browser can read the reason of a closing, but not of a refused handshake."""
    chosen = SUBPROTOCOL if SUBPROTOCOL in scope.get("subprotocols", []) else None
    connection = scope.get("extensions", {}).get(EXTENSION)
    if connection is not None:
        connection.hold()
    await send({"type": "websocket.accept", "subprotocol": chosen})
    return connection.take() if connection is not None else None


def _request(slug: str, scope: Scope) -> Request | Refused:
    try:
        return read_handshake(slug, scope["headers"], scope.get("subprotocols", []))
    except Refused as refused:
        return refused


async def _stay(visit: Visit, since: Position | None, receive: Receive, send: Send) -> None:
    """The slow way, for any ASGI server."""
    outlet = AsgiOutlet(send)
    try:
        if not await visit.enter(outlet, since):
            return
        while (message := await receive())["type"] != "websocket.disconnect":
            if message["type"] == "websocket.receive":
                text = message.get("text")
                visit.received(message.get("bytes") or b"" if text is None else text)
    finally:
        visit.gone()
        await visit.finished()
        await outlet.stop()
