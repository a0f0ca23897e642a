"""Plain orders straight from the socket: what Daphne and Twisted do for each request is left out for them.

Twisted builds a Request, header objects and timers for every request, Daphne a queue, a task and a record that is
looked through every second: four fifths of the processor time of an order. Here an order that came whole in one
piece is read by one expression and handed to the thin door; its answer is written at once. Whatever is not
exactly that (in pieces, unusual, not ours) is fed to Twisted's own parser, untouched, as if we had never looked.

One request at a time, as Twisted does it: what the client sends before it has its answer waits in Twisted's own buffer.
This reaches into HTTPChannel (`_handlingRequest`, `_dataBuffer`, `_waitingForTransport`, `_networkProducer`,
`requests`, `persistent`) and LineReceiver (`_buffer`, `_busyReceiving`, `line_mode`) of Twisted 26;
tests/thin/test_requests.py fails when one of them goes away.
"""

# mypy: disable-error-code="no-untyped-call"
# (Twisted says that it is typed; its older half is not.)

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Protocol

from twisted.web import http

from livestore import figures
from livestore.base.tracing import REQUEST_ID, Trace, accepted, bind, header_in
from livestore.handshake import is_plain
from livestore.thin.orders import Reply
from livestore.thin.plain import LONGEST_BODY, PATH, PlainOrder, Scope
from livestore.upgrade import RoomChannel

FIRST_LINE = b"POST %s HTTP/1.1\r\n" % PATH.encode()
LONGEST_HEAD = 8 * 1024
VALUE = rb"[\x21-\x7e](?:[\t\x20-\x7e]*[\x21-\x7e])?"
HEADER = re.compile(rb"([A-Za-z0-9-]+):[ \t]*(%s)[ \t]*\r\n" % VALUE)
HEAD = re.compile(rb"(?:[A-Za-z0-9-]+:[ \t]*%s[ \t]*\r\n)+" % VALUE)
"""Header lines with a value each, printable ASCII only, none folded."""
NOT_HERE = {b"connection", b"daphne-root-path"}
"""Headers that the server itself understands; `keep-alive` is what happens anyhow."""
STATUS_LINES = {
    each.value: b"HTTP/1.1 %d %s\r\n" % (each.value, each.phrase.encode()) for each in HTTPStatus
}


class Door(Protocol):
    """What the orders are handed to (livestore.thin.orders.ThinOrders)."""

    def read(self, scope: Scope) -> PlainOrder | None: ...
    async def answer(self, order: PlainOrder, body: bytes) -> Reply | None: ...


class OrderChannel(RoomChannel):
    """An HTTP connection that knows a plain order when it sees one."""

    door: Door
    server_name: bytes = b""
    answering: set[asyncio.Task[None]]
    """Shared by all connections of a server: orders that wait for their answer."""
    transport: Any
    _networkProducer: Any
    _task: asyncio.Task[None] | None = None
    _lost = False
    _place: Scope | None = None

    def dataReceived(self, data: bytes) -> None:
        if data.startswith(FIRST_LINE) and self._is_between_requests():
            taken = self._order_in(data)
            if taken is not None:
                self._take(data, *taken)
                return
        super().dataReceived(data)

    def connectionLost(self, reason: Any = None) -> None:
        """An order that is being placed stands all the same; only nobody is told."""
        self._lost = True
        super().connectionLost(reason)

    def timeoutConnection(self) -> None:
        """The clock is for silent clients; it goes on running while we are the ones who work."""
        if self._task is None:
            super().timeoutConnection()
        else:
            self.setTimeout(self.timeOut)

    def _is_between_requests(self) -> bool:
        return (
            not self.requests
            and not self._handlingRequest
            and not self._dataBuffer
            and not self._buffer
            and not self._busyReceiving
            and bool(self.line_mode)
            and bool(self.persistent)
            and not self._waitingForTransport
        )

    def _order_in(self, data: bytes) -> tuple[PlainOrder, bytes, bytes] | None:
        """The order, its body, and what came behind it; None if it is not whole or not plain."""
        end = data.find(b"\r\n\r\n", 0, LONGEST_HEAD)
        if end < 0 or HEAD.fullmatch(data, len(FIRST_LINE), end + 2) is None:
            return None
        headers = [
            (name.lower(), value) for name, value in HEADER.findall(data, len(FIRST_LINE), end + 2)
        ]
        length = 0
        for name, value in headers:
            if name == b"content-length":
                if not value.isdigit() or len(value) > 6:
                    return None
                length = int(value)
            elif name in NOT_HERE and (name != b"connection" or value.lower() != b"keep-alive"):
                return None
        start = end + 4
        if length > LONGEST_BODY or len(data) < start + length:
            return None
        order = self.door.read(self._scope(headers))
        if order is None:
            return None
        return order, data[start : start + length], data[start + length :]

    def _scope(self, headers: list[tuple[bytes, bytes]]) -> Scope:
        """As Daphne makes it; all but the headers stays the same for a connection."""
        if self._place is None:
            peer, here = self.transport.getPeer(), self.transport.getHost()
            self._place = {
                "type": "http",
                "asgi": {"version": "3.0"},
                "http_version": "1.1",
                "method": "POST",
                "path": PATH,
                "raw_path": PATH.encode(),
                "root_path": "",
                "scheme": "https" if self.isSecure() else "http",
                "query_string": b"",
                "client": [str(peer.host), peer.port] if hasattr(peer, "port") else None,
                "server": [str(here.host), here.port] if hasattr(here, "port") else None,
            }
        return {**self._place, "headers": headers}

    def _take(self, data: bytes, order: PlainOrder, body: bytes, behind: bytes) -> None:
        self.resetTimeout()
        self._handlingRequest = True
        self.setRawMode()
        if behind:
            self._dataBuffer.append(behind)
        plain = data[: len(data) - len(behind)] if behind else data
        self._task = asyncio.get_running_loop().create_task(self._answer(plain, order, body))
        self.answering.add(self._task)
        self._task.add_done_callback(self.answering.discard)

    async def _answer(self, plain: bytes, order: PlainOrder, body: bytes) -> None:
        reply: Reply | None = None
        began, request = time.perf_counter(), accepted(header_in(order.scope["headers"]))
        bind(Trace(request))
        try:
            reply = await self.door.answer(order, body)
        finally:
            self._task = None
            if reply is not None:
                figures.answered("POST", PATH, reply.status, time.perf_counter() - began)
            if not self._lost:
                if reply is not None:
                    reply.headers.append((REQUEST_ID.encode(), request.encode()))
                    self._write(_as_bytes(reply, self.server_name))
                self._go_on(plain if reply is None else b"")

    def _write(self, data: bytes) -> None:
        """To the socket at once; what it does not take, and every other case, through the transport."""
        if is_plain(self.transport):
            try:
                sent = self.transport.socket.send(data)
            except OSError:
                sent = 0  # a full socket, or one that is gone: the transport finds out which
            data = data[sent:]
        if data:
            self.transport.write(data)

    def _go_on(self, again: bytes) -> None:
        """The next request, as HTTPChannel.requestDone does it; `again` is one that Twisted has to read."""
        if not self._waitingForTransport:
            self._networkProducer.resumeProducing()
        self._handlingRequest = False
        waiting = b"".join([again, *self._dataBuffer])
        self._dataBuffer = []
        self.line_mode = True
        if again:
            super().dataReceived(waiting)
        elif waiting:
            self.dataReceived(waiting)


def _as_bytes(reply: Reply, server_name: bytes) -> bytes:
    lines = [STATUS_LINES[reply.status]]
    lines += [b"%s: %s\r\n" % header for header in reply.headers]
    lines += [b"Server: %s\r\n\r\n" % server_name, reply.body]
    return b"".join(lines)


def channels_for(server: Any, door: Door) -> tuple[Callable[[], Any], set[asyncio.Task[None]]]:
    """For a running Daphne server: what its HTTP factory makes protocols with, and the orders being answered.

    A server that is told to read addresses out of headers judges requests by them: there nothing changes.
    """
    answering: set[asyncio.Task[None]] = set()
    if server.proxy_forwarded_address_header or server.root_path:
        return server.http_factory.protocol, answering
    kind = type(
        "OrderChannel",
        (OrderChannel,),
        {"door": door, "server_name": server.server_name.encode(), "answering": answering},
    )
    # What HTTPFactory.protocol makes, with our channel inside; HTTP/2 is negotiated by it as before.
    return lambda: http._GenericHTTPChannelProtocol(kind()), answering
