"""Plain WebSocket handshakes straight from the socket: what Daphne does for each of them is done once here.

Twisted parses a request, Daphne writes it out again and autobahn parses that: 0.4 ms for a viewer whose snapshot
takes 0.1. A handshake that came whole, in one piece and without anything unusual is read by one expression; the
socket leaves Twisted at once and waits for its room (`Upgrade`). Everything else is fed to Daphne as if nobody
had looked, errors included; a room takes its socket over after that too (`livestore.handshake`).

Reaches into Twisted's HTTPChannel (`_handlingRequest`, `_dataBuffer`, `requests`) and LineReceiver (`_buffer`,
`line_mode`); tests/streams/room/test_handshake.py fails when one of them goes away.
"""

# mypy: disable-error-code="no-untyped-call"
# (Twisted says that it is typed; its older half is not.)

from __future__ import annotations

import base64
import hashlib
import os
import re
from typing import Any
from urllib.parse import unquote

from django.conf import settings
from twisted.web import http

from livestore.base.tracing import REQUEST_ID, request_id
from livestore.handshake import is_camera, is_plain, take_descriptor
from streams.room.line import Taken
from streams.room.outlets import EXTENSION

START = b"GET /ws/"
LONGEST_HEAD = 8 * 1024
REQUEST = re.compile(rb"GET (/ws/[!-\"$-~]*) HTTP/1\.1")
LINE = re.compile(rb"([A-Za-z0-9-]+):[ \t]*([\x21-\x7e](?:[\t\x20-\x7e]*[\x21-\x7e])?)[ \t]*")
"""A header with a value, printable ASCII only."""
NEEDED = {
    b"host": re.compile(rb"[A-Za-z0-9.-]+(?::[0-9]{1,5})?"),
    b"upgrade": re.compile(rb"(?i)websocket"),
    b"connection": re.compile(rb"(?i)(?:[a-z-]+, ?)*upgrade(?:, ?[a-z-]+)*"),
    b"sec-websocket-version": re.compile(rb"13"),
    b"sec-websocket-key": re.compile(rb"[A-Za-z0-9+/]{22}=="),
}
PLAIN = {
    b"origin": re.compile(rb"https?://[A-Za-z0-9.-]+(?::[0-9]{1,5})?"),
    b"sec-websocket-protocol": re.compile(rb"[A-Za-z0-9._~-]+(?:, ?[A-Za-z0-9._~-]+)*"),
}
UNUSUAL = {
    b"content-length",
    b"transfer-encoding",
    b"expect",
    b"daphne-root-path",
}
MAGIC = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

Headers = list[tuple[bytes, bytes]]


class RoomChannel(http.HTTPChannel):
    """An HTTP connection that knows a plain handshake when it sees one."""

    transport: Any

    def dataReceived(self, data: bytes) -> None:
        if data.startswith(START) and settings.FAST_SOCKETS and self._is_between_requests():
            read = read_handshake(data)
            films = read is not None and is_camera(read[0].partition(b"?")[0].decode())
            if read is not None and not films and is_plain(self.transport):
                self._hand_over(*read)
                return
        super().dataReceived(data)

    def _is_between_requests(self) -> bool:
        return not (
            self.requests
            or self._handlingRequest
            or self._dataBuffer
            or self._buffer
            or not self.line_mode
        )

    def _hand_over(self, target: bytes, headers: Headers, early: bytes) -> None:
        """Off with the socket; its application runs until the visitor is inside."""
        server = self.factory.server
        path, _, query = target.partition(b"?")
        found = dict(headers)
        peer, here = self.transport.getPeer(), self.transport.getHost()
        key, name = found[b"sec-websocket-key"], server.server_name
        upgrade = Upgrade(take_descriptor(self.transport), early, key, name)
        scope = {
            "type": "websocket",
            "asgi": {"version": "3.0"},
            "path": unquote(path.decode()),
            "raw_path": path,
            "root_path": server.root_path,
            "headers": headers,
            "query_string": query,
            "client": [str(peer.host), peer.port],
            "server": [str(here.host), here.port],
            "subprotocols": subprotocols(found),
            "extensions": {EXTENSION: upgrade},
        }
        server.enter(upgrade.run(server.application, scope))


def read_handshake(data: bytes) -> tuple[bytes, Headers, bytes] | None:
    """(what is asked for, headers, what came behind them), or None: Daphne is to judge."""
    end = data.find(b"\r\n\r\n", 0, LONGEST_HEAD)
    first, *lines = data[: max(end, 0)].split(b"\r\n")
    request = REQUEST.fullmatch(first)
    if request is None:
        return None
    headers: Headers = []
    names: set[bytes] = set()
    for line in lines:
        header = LINE.fullmatch(line)
        if header is None:
            return None
        name, value = header[1].lower(), header[2]
        rule = NEEDED.get(name) or PLAIN.get(name)
        if name in UNUSUAL or name in names or (rule and rule.fullmatch(value) is None):
            return None
        names.add(name)
        headers.append((name, value))
    if not names.issuperset(NEEDED):
        return None
    offered = subprotocols(dict(headers))
    if len(set(offered)) < len(offered):
        return None
    return request[1], headers, data[end + 4 :]


def subprotocols(headers: dict[bytes, bytes]) -> list[str]:
    offered = headers.get(b"sec-websocket-protocol", b"").decode()
    return [each.strip() for each in offered.split(",")] if offered else []


class Upgrade:
    """ASGI for a socket between its handshake and its room, which is to take it right after accepting."""

    def __init__(self, descriptor: int, early: bytes, key: bytes, server_name: str) -> None:
        self._descriptor = descriptor
        self._early = early
        self._key = key
        self._server_name = server_name
        self._answer = b""

    async def run(self, application: Any, scope: dict[str, Any]) -> None:
        try:
            await application(scope, self.receive, self.send)
        finally:
            if self._descriptor >= 0:
                os.close(self._descriptor)

    async def receive(self) -> dict[str, Any]:
        return {"type": "websocket.connect"}

    async def send(self, message: dict[str, Any]) -> None:
        if message["type"] != "websocket.accept" or self._answer:
            raise RuntimeError("a room accepts once, and takes the socket then")
        self._answer = switching(self._key, message.get("subprotocol"), self._server_name)

    def hold(self) -> None:
        """Nothing was written yet, and nobody else will."""

    def take(self) -> Taken:
        taken = Taken(self._descriptor, self._early, self._answer)
        self._descriptor = -1
        return taken


def switching(key: bytes, subprotocol: str | None, server_name: str) -> bytes:
    """The answer to a handshake, as autobahn writes it; with the id of its request, as over HTTP."""
    proof = base64.b64encode(hashlib.sha1(key + MAGIC, usedforsecurity=False).digest()).decode()
    lines = [
        "HTTP/1.1 101 Switching Protocols",
        f"Server: {server_name}",
        "Upgrade: WebSocket",
        "Connection: Upgrade",
    ]
    if settings.DEMO:  # outside of production it says which web process has taken the socket
        lines.append(f"Livestore-Process: {os.getpid()}")
    if request := request_id():
        lines.append(f"{REQUEST_ID}: {request}")
    if subprotocol is not None:
        lines.append(f"Sec-WebSocket-Protocol: {subprotocol}")
    lines += [f"Sec-WebSocket-Accept: {proof}", "", ""]
    return "\r\n".join(lines).encode()
