"""The two ways of a frame to its socket. Both promise the same and pass the same tests.

write     takes the frame without waiting; order is kept
unsent    bytes that this process still holds for the socket
close     says goodbye with code and reason; nothing is written afterwards

The fast way is a `Line` (line.py): the socket itself, taken over from our web server. The slow way is ASGI.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, Protocol

from streams.room import figures
from streams.room.encoding import Frame
from streams.room.protocol import Closing

logger = logging.getLogger(__name__)

EXTENSION = "livestore.connection"
"""Name in the ASGI scope's `extensions` under which our web server offers its sockets (`livestore.handshake`)."""
CLOSE_WITHIN = 5.0
"""Seconds that a goodbye waits for what is written before it."""


class Outlet(Protocol):
    @property
    def joins(self) -> bool:
        """Whether it takes ready-made bytes of several frames by `send_bytes`."""

    def write(self, frame: Frame) -> None: ...

    def send_bytes(self, data: bytes) -> None: ...

    def unsent(self) -> int: ...

    def close(self, closing: Closing) -> None: ...


class AsgiOutlet:
    """Sends through the ASGI door of any server; a queue of its own makes the unsent bytes visible."""

    joins = False

    def __init__(self, send: Callable[[dict[str, Any]], Awaitable[None]]) -> None:
        self._send = send
        self._queue: deque[Frame | Closing] = deque()
        self._unsent = 0
        self._wake = asyncio.Event()
        self._closing = False
        self._sending = False
        self._task = asyncio.ensure_future(self._run())

    def write(self, frame: Frame) -> None:
        if self._closing:
            return
        self._queue.append(frame)
        self._unsent += len(frame.wire)
        self._wake.set()

    def send_bytes(self, data: bytes) -> None:
        raise NotImplementedError("frames only: the server makes the bytes")

    def unsent(self) -> int:
        """Nothing while no send waits: then it is we who did not get round to it, and the client is not slow."""
        return self._unsent if self._sending else 0

    def close(self, closing: Closing) -> None:
        if not self._closing:
            self._closing = True
            figures.goodbye(closing)
            self._queue.append(closing)
            self._wake.set()
            asyncio.get_running_loop().call_later(CLOSE_WITHIN, self._task.cancel)

    async def _run(self) -> None:
        try:
            await self._write()
        except asyncio.CancelledError:
            if not self._closing:
                raise
            await self._send(_goodbye(self._queue[-1]))  # not behind what nobody reads
        except Exception:
            logger.exception("a frame could not be sent through ASGI")

    async def _write(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._queue:
                item = self._queue[0]
                if isinstance(item, Closing):
                    await self._send(_goodbye(item))
                    return
                self._sending = True
                await self._send(item.message())
                self._sending = False
                self._queue.popleft()
                self._unsent -= len(item.wire)

    async def stop(self) -> None:
        """The socket is gone: whatever is left is dropped, but a goodbye on its way is finished."""
        if not self._closing:
            self._task.cancel()
        with suppress(asyncio.CancelledError, OSError):
            await asyncio.wait_for(self._task, 1)


def _goodbye(closing: Frame | Closing) -> dict[str, Any]:
    assert isinstance(closing, Closing)
    return {"type": "websocket.close", "code": int(closing.code), "reason": closing.reason}
