"""The two ways of a frame to its socket. Both promise the same and pass the same tests.

write     takes the frame without waiting; order is kept
unsent    bytes that this process still holds for the socket
close     says goodbye with code and reason; nothing is written afterwards
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, Protocol

from streams.room.encoding import Frame
from streams.room.protocol import Closing

EXTENSION = "livestore.connection"
"""Name in the ASGI scope's `extensions` under which livestore.web passes its WebSocket protocol object."""


class Outlet(Protocol):
    def write(self, frame: Frame) -> None: ...

    def unsent(self) -> int: ...

    def close(self, closing: Closing) -> None: ...


class SocketOutlet:
    """Writes ready-made bytes to the socket under Daphne, past the framing that each send would repeat.

    `socket.send` first, Twisted's buffered write only for what did not fit: a quarter of the cost of an
    ASGI send for each viewer (the fan-out benchmark), and the only way to see how much is still unsent.
    """

    def __init__(self, protocol: Any) -> None:
        self._protocol = protocol

    def write(self, frame: Frame) -> None:
        protocol = self._protocol
        transport = protocol.transport
        if protocol.state != protocol.STATE_OPEN or not transport.connected:
            return
        data = frame.wire
        if not transport.dataBuffer and not transport._tempDataBuffer:
            try:
                sent = transport.socket.send(data)
            except (BlockingIOError, InterruptedError):
                sent = 0
            except OSError:
                return  # the reading side notices a broken socket and ends the connection
            if sent == len(data):
                return
            data = data[sent:]
        transport.write(data)

    def unsent(self) -> int:
        transport = self._protocol.transport
        return len(transport.dataBuffer) - transport.offset + transport._tempDataLen

    def close(self, closing: Closing) -> None:
        if self._protocol.state == self._protocol.STATE_OPEN:
            self._protocol.sendClose(int(closing.code), closing.reason)


class AsgiOutlet:
    """Sends through the ASGI door of any server; a queue of its own makes the unsent bytes visible."""

    def __init__(self, send: Callable[[dict[str, Any]], Awaitable[None]]) -> None:
        self._send = send
        self._queue: deque[Frame | Closing] = deque()
        self._unsent = 0
        self._wake = asyncio.Event()
        self._closing = False
        self._task = asyncio.ensure_future(self._run())

    def write(self, frame: Frame) -> None:
        if self._closing:
            return
        self._queue.append(frame)
        self._unsent += len(frame.wire)
        self._wake.set()

    def unsent(self) -> int:
        return self._unsent

    def close(self, closing: Closing) -> None:
        if not self._closing:
            self._closing = True
            self._queue.append(closing)
            self._wake.set()

    async def _run(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._queue:
                item = self._queue.popleft()
                if isinstance(item, Closing):
                    await self._send(
                        {"type": "websocket.close", "code": int(item.code), "reason": item.reason}
                    )
                    return
                await self._send({"type": "websocket.send", "text": item.text})
                self._unsent -= len(item.wire)

    async def stop(self) -> None:
        """The socket is gone: whatever is left is dropped, but a goodbye on its way is finished."""
        if not self._closing:
            self._task.cancel()
        with suppress(asyncio.CancelledError, OSError):
            await asyncio.wait_for(self._task, 1)


def outlet_for(
    scope: dict[str, Any], send: Callable[[dict[str, Any]], Awaitable[None]]
) -> SocketOutlet | AsgiOutlet:
    protocol = scope.get("extensions", {}).get(EXTENSION)
    if protocol is not None and hasattr(protocol.transport, "socket"):
        return SocketOutlet(protocol)
    return AsgiOutlet(send)
