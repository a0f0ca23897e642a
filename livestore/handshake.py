"""A WebSocket's first moments: Daphne's protocol as the rooms need it, and the taking over of its socket.

Daphne and autobahn do the HTTP upgrade and the handshake. Then a room may take a plain TCP socket away from
them (`hold`, `take`; see docs/adr/0008). Sockets under TLS, or with FAST_SOCKETS off, stay here: the slow way.
"""

from __future__ import annotations

import asyncio
import os
import socket
import time
from contextlib import suppress
from typing import Any

import autobahn.twisted.websocket
import autobahn.websocket.protocol
from daphne.ws_protocol import WebSocketProtocol
from twisted.internet import tcp
from twisted.internet.protocol import connectionDone

from livestore.base.tracing import REQUEST_ID, request_id

PING_EVERY = 20.0
PONG_WITHIN = 30.0
LONGEST_INBOX = 200
"""Frames of one socket that wait for their turn; a client that sends faster than it is answered is closed."""
SEND_BUFFER = 128 * 1024
"""Bytes that the kernel keeps for one slow viewer; without a bound it grows to megabytes for each."""
MOST_EARLY = 64 * 1024
"""Bytes that a client may send before its handshake is answered."""
LARGEST_PICTURE = 64 * 1024
"""Bytes of a message from a camera; everybody else has the server's limit."""
UNHEARD_PICTURES = 8
"""Messages of a camera that wait for their turn; beyond that its socket is not read."""
TOO_BIG = 1009
DEAD_AFTER = 30
"""Seconds. TCP asks a silent peer, and gives up one that does not acknowledge."""


class RoomProtocol(WebSocketProtocol):
    """A WebSocket as the rooms need it."""

    # A ping is sent to everybody, also to a client that writes all the time and never reads.
    _pinged: float | None = None
    _next_ping = 0.0
    _asked = False
    _held = False
    _taken = False
    _films = False
    _deaf = False
    _answer = b""
    data: bytes
    room: asyncio.Event | None = None
    """While the transport is full: set when it has room again (or is gone)."""

    def onConnect(self, request: Any) -> Any:
        self._asked = True
        self._next_ping = time.monotonic() + PING_EVERY
        if is_camera(request.path):
            self._films = True
            self.maxFramePayloadSize = self.maxMessagePayloadSize = LARGEST_PICTURE
        with suppress(OSError, AttributeError):
            self.transport.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
        return super().onConnect(request)

    def serverAccept(self, subprotocol: str | None = None) -> None:
        """The answer names the request's id, and outside of production the web process that has taken the socket."""
        from django.conf import settings

        headers = {"Livestore-Process": str(os.getpid())} if settings.DEMO else {}
        if request := request_id():
            headers[REQUEST_ID] = request
        self.handshake_deferred.callback((subprotocol, headers))
        del self.handshake_deferred

    # -- the socket is taken over -----------------------------------------------------------------

    def hold(self) -> None:
        """Before `websocket.accept`: whoever holds takes next, so the answer need not be written yet."""
        from django.conf import settings

        self._held = settings.FAST_SOCKETS and is_plain(self.transport)

    def take(self) -> Any:
        """After `websocket.accept`: the socket for a `streams.room.line.Line`, or None for the slow way.

        For Twisted, autobahn and Daphne the connection has ended then; the room's visit is not told so.
        """
        if not self._held:
            return None
        from streams.room.line import Taken

        self._held = False
        answer, self._answer = self._answer, b""
        if self.state != self.STATE_OPEN or not is_plain(self.transport):
            if answer:
                self.sendData(answer)
            self.onOpen()
            if self.data:
                self.consumeData()
            return None
        self._hear_what_came_behind()
        early, self.data = self.data, b""
        self._taken = True
        channel = self.transport.producer
        descriptor = take_descriptor(self.transport)
        # What knows each other in a circle comes apart, to be freed without the garbage collector.
        getattr(channel, "requests", []).clear()
        self.is_open = self.is_closed = None
        return Taken(descriptor, early, answer)

    def _hear_what_came_behind(self) -> None:
        """Bytes that came in one piece with the handshake lie in Twisted's channel, where nobody looks again."""
        behind = getattr(self.transport.producer, "_dataBuffer", None)
        if behind:
            self.data = b"".join(behind) + self.data
            behind.clear()

    def sendData(self, data: bytes, sync: bool = False, chopsize: int | None = None) -> None:
        if self._held:
            self._answer += data
        else:
            super().sendData(data, sync, chopsize)

    def consumeData(self) -> None:
        """Frames wait until the handshake is answered: autobahn would read them as a second request."""
        waiting = self._asked and self.state == self.STATE_CONNECTING
        if waiting and len(self.data) > MOST_EARLY:
            self.dropConnection(abort=True)
        elif not self._held and not waiting:
            super().consumeData()

    def onClose(self, wasClean: bool, code: int | None, reason: str | None) -> None:
        if self._taken:
            self.server.forget(self)
        else:
            self.resumeProducing()  # who waits for room need not wait any more
            super().onClose(wasClean, code, reason)

    # -- the slow way -----------------------------------------------------------------------------

    def onOpen(self) -> None:
        """Daphne's send never waits, and Twisted keeps what a slow client does not read without a bound. As the
        transport's producer we know when it is full; then the next send waits, and the room sees who is slow."""
        if not self._held and self.state == self.STATE_OPEN:
            self._hear_what_came_behind()
            self.transport.unregisterProducer()
            self.transport.registerProducer(self, True)
            super().onOpen()

    def pauseProducing(self) -> None:
        self.room = self.room or asyncio.Event()

    def resumeProducing(self) -> None:
        if self.room is not None:
            self.room.set()
            self.room = None

    def stopProducing(self) -> None:
        self.resumeProducing()

    def onMessage(self, payload: bytes, isBinary: bool) -> None:
        queue = getattr(self, "application_queue", None)
        if queue is not None and queue.qsize() > LONGEST_INBOX:
            from streams.room.protocol import CloseCode

            self.say_goodbye(CloseCode.TOO_FAST)
            return
        super().onMessage(payload, isBinary)
        if self._films and queue is not None and queue.qsize() > UNHEARD_PICTURES:
            self._deaf = True
            self.transport.pauseProducing()

    def heard(self) -> None:
        """The application has worked on one more message: a camera's socket may be read again."""
        if self._deaf and self.application_queue.qsize() <= UNHEARD_PICTURES // 2:
            self._deaf = False
            self.transport.resumeProducing()

    def onPong(self, payload: bytes) -> None:
        self._pinged = None

    def check_timeouts(self) -> None:
        if self.state == self.STATE_OPEN:
            now = time.monotonic()
            if self._pinged is not None and now - self._pinged > PONG_WITHIN:
                self.dropConnection(abort=True)
            elif self._pinged is None and now >= self._next_ping:
                self._pinged = now
                self._next_ping = now + PING_EVERY
                self.sendPing(b"livestore")
        elif self.state == self.STATE_CONNECTING:
            super().check_timeouts()

    def handle_reply(self, message: dict[str, Any]) -> None:
        """As Daphne does it, but a close keeps its reason, and what we send may be longer than what we take:
        autobahn has one limit for both."""
        kind = message.get("type")
        if kind == "websocket.close" and self.state == self.STATE_OPEN:
            self.sendClose(message.get("code") or 1000, message.get("reason") or None)
        elif kind == "websocket.send" and self.state == self.STATE_OPEN and message.get("text"):
            from streams.room.encoding import wire

            self.sendData(wire(message["text"].encode()))
        elif kind == "websocket.send" and self.state == self.STATE_OPEN and message.get("bytes"):
            from streams.room.encoding import BINARY, wire

            self.sendData(wire(message["bytes"], BINARY))
        else:
            super().handle_reply(message)

    def _fail_connection(self, code: int = 1001, reason: str = "") -> None:
        """Too big, not UTF-8, against the protocol: all are bad frames, said in our own words."""
        from streams.room.protocol import CloseCode

        self.failedByMe = True
        if self._films and code == TOO_BIG and self.state == self.STATE_OPEN:
            self.sendCloseFrame(code=TOO_BIG)
        elif self.state == self.STATE_OPEN:
            self.say_goodbye(CloseCode.BAD_FRAMES)
        elif self.state == self.STATE_CONNECTING:
            self.dropConnection(abort=True)
        # While closing, the goodbye is on its way and the handshake's time limit does the rest.

    def say_goodbye(self, code: Any) -> None:
        from streams.room.protocol import Closing

        if self.state == self.STATE_OPEN:
            self.sendClose(int(code), Closing(code).reason)


def is_camera(path: str) -> bool:
    """Whether this is the address at which a host's browser sends its picture."""
    return path.startswith("/ws/shows/") and path.endswith("/camera/")


def is_plain(transport: Any) -> bool:
    """Whether this is Twisted's own TCP connection, alive, without TLS and with nothing left to write."""
    return (
        type(transport) is tcp.Server
        and not transport.TLS
        and bool(transport.connected)
        and not transport.disconnecting
        and not transport.dataBuffer
        and not transport._tempDataBuffer
    )


def take_descriptor(transport: Any) -> int:
    """The connection's own descriptor. For Twisted and the transport's protocol it has ended then."""
    opened = transport.socket
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
    # Let TCP find out that a peer is dead: pings are rare where there are many sockets.
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, DEAD_AFTER)
    opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, DEAD_AFTER // 3)
    opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, DEAD_AFTER * 1000)
    transport.stopReading()
    transport.stopWriting()
    # Without its descriptor nothing that Twisted does to the socket object reaches the connection.
    descriptor: int = opened.detach()
    transport.connectionLost(connectionDone)
    return descriptor


COSTLY = ("pformat", "hltype", "hlval")
"""What autobahn calls to make arguments of debug messages, also when nobody logs them."""


def strip(factory: Any) -> None:
    """Make handshakes cheap: no text for messages that are not logged, one copy of the options.

    Formatting was a fifth of a handshake. Autobahn copies 29 options of the factory to each connection that
    does not have them; found on the class they are not copied.
    """
    for module in (autobahn.websocket.protocol, autobahn.twisted.websocket):
        for name in COSTLY:
            if hasattr(module, name):
                setattr(module, name, _nothing)
    for name in RoomProtocol.CONFIG_ATTRS:
        value = getattr(factory, name)
        setattr(RoomProtocol, name, staticmethod(value) if callable(value) else value)


def _nothing(*_: Any, **__: Any) -> str:
    return ""
