"""The door for viewers: `/ws/shows/<slug>/video/?rendition=source`, a plain ASGI application like that of the rooms.

Server -> client: binary messages are pieces (`path.parts.encode`), text messages say how things stand. See
docs/video.md.
"""

from __future__ import annotations

import logging
import socket
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs

from django.db import Error as DatabaseError

from livestore.base.errors import Busy, NotFound
from streams.room import valkey
from streams.room.arrival import SUBPROTOCOL, Refused, read_handshake
from streams.room.arrivals import arrive
from streams.room.line import Line, Taken, lines
from streams.room.outlets import EXTENSION, AsgiOutlet, Outlet
from streams.room.protocol import CloseCode, Closing
from streams.room.rooms import restarting
from streams.video.scene import SOURCE, scenes
from streams.video.viewer import Viewer

logger = logging.getLogger(__name__)

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

AWAY = (*valkey.Trouble, DatabaseError, TimeoutError, Busy)
LATE_IN_KERNEL = 32 * 1024
"""Bytes that the kernel may hold of a socket without having sent them: what lies there is late already, and can not
be skipped any more."""


async def video(scope: Scope, receive: Receive, send: Send) -> None:
    """ASGI. On a line it returns when the viewer is inside, else when the socket ends."""
    while (await receive())["type"] != "websocket.connect":
        pass
    viewer = Viewer()
    taken = await _accept(scope, send)
    if taken is not None:
        line: Line = lines().open(taken, viewer)
        _keep_little(line.descriptor)
        if taken.early:
            line.hear(taken.early)
        try:
            await _enter(viewer, line, scope)
        except BaseException:
            line.close(restarting())  # nobody else would ever end it
            raise
    else:
        await _stay(viewer, scope, receive, send)


async def _enter(viewer: Viewer, outlet: Outlet, scope: Scope) -> None:
    """Look up who it is and let it watch, or say goodbye."""
    slug: str = scope["url_route"]["kwargs"]["slug"]
    house = scenes()
    viewer.outlet = outlet
    try:
        if house.draining:
            viewer.close(restarting())
            return
        # A page that only watches need not speak the rooms' protocol.
        offered = [*scope.get("subprotocols", []), SUBPROTOCOL]
        arrival = await arrive(read_handshake(slug, scope["headers"], offered))
        scene = await house.scene(slug)
    except Refused as refused:
        viewer.close(Closing(refused.code))
    except NotFound:
        viewer.close(Closing(CloseCode.NO_SUCH_SHOW))
    except AWAY as problem:
        logger.warning("nobody can watch %s: %r", slug, problem)
        viewer.close(restarting())
    else:
        if house.draining:
            viewer.close(restarting())
        elif not viewer.closed:
            viewer.user = arrival.person.id if arrival.person else None
            scene.enter(viewer, _rendition(scope))


async def _accept(scope: Scope, send: Send) -> Taken | None:
    """Always, as for the rooms: a browser can read the reason of a closing."""
    chosen = SUBPROTOCOL if SUBPROTOCOL in scope.get("subprotocols", []) else None
    connection = scope.get("extensions", {}).get(EXTENSION)
    if connection is not None:
        connection.hold()
    await send({"type": "websocket.accept", "subprotocol": chosen})
    taken: Taken | None = connection.take() if connection is not None else None
    return taken


def _rendition(scope: Scope) -> str:
    query = scope.get("query_string", b"").decode("latin1")
    return parse_qs(query).get("rendition", [SOURCE])[0]


def _keep_little(descriptor: int) -> None:
    if descriptor < 0:
        return
    borrowed = socket.socket(fileno=descriptor)
    try:
        borrowed.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, LATE_IN_KERNEL)
    finally:
        borrowed.detach()


async def _stay(viewer: Viewer, scope: Scope, receive: Receive, send: Send) -> None:
    """The slow way, for any ASGI server."""
    outlet = AsgiOutlet(send)
    try:
        await _enter(viewer, outlet, scope)
        if viewer.closed:
            return
        while (message := await receive())["type"] != "websocket.disconnect":
            if message["type"] == "websocket.receive":
                text = message.get("text")
                viewer.received(message.get("bytes") or b"" if text is None else text)
    finally:
        viewer.gone()
        await outlet.stop()
