"""The RTMP door: one port, one process, many senders. What it knows of them is lost with it; they come back."""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
import time

from livestore.base import threads
from livestore.base.publishing import Publisher
from streams.video.rtmp.connection import READ, Connection
from streams.video.rtmp.guard import Guard

logger = logging.getLogger(__name__)

BACKLOG = 64
STANDS_ASIDE = 60.0
"""Seconds for which a sender that comes back does not take the picture from the source that was chosen in its place:
OBS dials again by itself after every hitch of the network."""


class Server:
    """`run` until `stop()`. Is the House of its connections."""

    def __init__(self) -> None:
        self.guard = Guard()
        self._stop = asyncio.Event()
        self._seats: set[str] = set()
        self._aside: dict[str, float] = {}
        self._serving: dict[Connection, asyncio.Task[None]] = {}

    def stop(self) -> None:
        self._stop.set()

    async def run(self, listening: socket.socket) -> None:
        server = await asyncio.start_server(
            self._enter, sock=listening, limit=2 * READ, backlog=BACKLOG
        )
        logger.info("listening for RTMP on %s port %d", *listening.getsockname()[:2])
        try:
            await self._stop.wait()
        finally:
            server.close()
            for connection in self._serving:
                connection.hang_up()
            while self._serving:
                await asyncio.wait(self._serving.values())
            await server.wait_closed()

    async def _enter(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peer = writer.get_extra_info("peername")
        address = str(peer[0]) if peer else ""
        if self._stop.is_set() or not self.guard.enter(address):
            logger.info("%s: no room for another connection", address)
            writer.transport.abort()
            return
        connection = Connection(self, reader, writer, address)
        task = self._serving[connection] = asyncio.create_task(connection.serve())
        try:
            await task
        except Exception:
            logger.exception("%s: a connection failed", address)
            writer.transport.abort()
        finally:
            del self._serving[connection]
            self.guard.leave(address)

    # -- what connections share -------------------------------------------------------------------

    def seat(self, slug: str) -> bool:
        if slug in self._seats:
            return False
        self._seats.add(slug)
        return True

    def leave(self, slug: str, *, set_aside: bool) -> None:
        self._seats.discard(slug)
        self._aside.pop(slug, None)
        if set_aside:
            self._aside[slug] = time.monotonic()

    def chooses(self, slug: str) -> bool:
        since = self._aside.get(slug)
        return since is None or time.monotonic() - since > STANDS_ASIDE


def open_door(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes a free one. Raises OSError when the port can not be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=BACKLOG)


async def serve(listening: socket.socket) -> None:
    """Run a door until SIGTERM or SIGINT, and close it."""
    server = Server()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, server.stop)
    publisher = Publisher("rtmp", loop)
    publisher.start()
    try:
        await server.run(listening)
    finally:
        await asyncio.to_thread(publisher.stop)
        await asyncio.to_thread(threads.stop)
