"""The web server: Daphne, subclassed once. `python -m livestore.web --fd N livestore.asgi:application`

What is different: messages of at most 8 KiB, a ping clock that writing does not reset, a long backlog, closes
that carry a reason, sockets that rooms take over (`livestore.handshake`), and a SIGTERM that sends everybody
away in order.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import signal
import sys
import time
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "livestore.settings")
os.environ.setdefault("LIVESTORE_DATABASE_POOL", "true")

from daphne.cli import CommandLineInterface
from daphne.server import Server, reactor
from twisted.internet import tcp

from livestore.handshake import RoomProtocol, strip

if TYPE_CHECKING:
    from livestore.base.publishing import Publisher

logger = logging.getLogger(__name__)

LARGEST_MESSAGE = 8 * 1024
BACKLOG = 4096
ACCEPTS = 32
"""Connections that are accepted in one turn of the loop: the first of a crowd are served before the last are
accepted, and a neighbour on the same listening socket gets its share. Twisted's own number swings from 1 up."""
FINISH_WITHIN = 5.0
"""Seconds that running requests get after SIGTERM."""


class WebServer(Server):
    """Daphne's server with a drain."""

    def __init__(self, application: Any, endpoints: list[str], **options: Any) -> None:
        endpoints = [
            f"{each}:backlog={BACKLOG}"
            if each.startswith("tcp:") and "backlog" not in each
            else each
            for each in endpoints
        ]
        options["signal_handlers"] = False  # ours are below
        super().__init__(application, endpoints, **options)
        self._ports: list[Any] = []
        self._drain: asyncio.Task[None] | None = None
        self._entering: set[asyncio.Future[None]] = set()
        self._orders: set[asyncio.Task[None]] = set()
        self._publisher: Publisher | None = None

    def run(self) -> None:
        # Before anything listens: whoever accepts already also ends in order.
        for number in (signal.SIGTERM, signal.SIGINT):
            reactor._asyncioEventloop.add_signal_handler(number, self._asked_to_stop)
        reactor.callWhenRunning(self._prepare)
        super().run()

    def _prepare(self) -> None:
        from livestore.asgi import orders
        from livestore.base.publishing import Publisher
        from livestore.thin.requests import channels_for

        self.ws_factory.protocol = RoomProtocol
        # allowNullOrigin falls back to False when it is not named again; rooms judge origins themselves.
        self.ws_factory.setProtocolOptions(
            failByDrop=False,
            closeHandshakeTimeout=5,
            openHandshakeTimeout=0,  # Daphne's own clock does it; a timer for each socket is not free
            tcpNoDelay=True,
            allowNullOrigin=True,
        )
        strip(self.ws_factory)
        self.http_factory.protocol, self._orders = channels_for(self, orders)
        loop = asyncio.get_event_loop()
        self._publisher = Publisher("web", loop)
        self._publisher.start()
        # Everything that is loaded now stays: the collector need not look at it again, nor so often.
        gc.collect()
        gc.freeze()
        gc.set_threshold(50_000, 20, 20)

    def listen_success(self, port: Any) -> None:
        self._ports.append(port)
        if isinstance(port, tcp.Port):
            accept_steadily(port)
        super().listen_success(port)

    def create_application(self, protocol: Any, scope: dict[str, Any]) -> Any:
        if scope["type"] == "websocket":
            from streams.room.outlets import EXTENSION

            scope.setdefault("extensions", {})[EXTENSION] = protocol
        return super().create_application(protocol, scope)

    async def handle_reply(self, protocol: Any, message: dict[str, Any]) -> None:
        """A send is over when the transport has room for the next one."""
        await super().handle_reply(protocol, message)
        room = getattr(protocol, "room", None)
        if room is not None and message["type"] == "websocket.send":
            await room.wait()

    def protocol_disconnected(self, protocol: Any) -> None:
        """A request that became a WebSocket, or never ran, need not wait for the next look to be forgotten."""
        details = self.connections.get(protocol)
        if details is not None and "application_instance" not in details:
            del self.connections[protocol]
        elif details is not None:
            super().protocol_disconnected(protocol)

    def forget(self, protocol: Any) -> None:
        """The protocol's socket was taken over: only its application runs on, until the visitor is inside."""
        task = self.connections.pop(protocol, {}).get("application_instance")
        if task is not None:
            self.enter(task)

    def enter(self, coming: Coroutine[Any, Any, None] | asyncio.Future[None]) -> None:
        """Let somebody come in on a socket that is not Daphne's (any more)."""
        task = asyncio.ensure_future(coming)
        self._entering.add(task)
        task.add_done_callback(self._entered)

    def _entered(self, task: asyncio.Future[None]) -> None:
        self._entering.discard(task)
        if not task.cancelled() and (problem := task.exception()) is not None:
            logger.error("a visitor could not come in", exc_info=problem)

    # -- the end ----------------------------------------------------------------------------------

    def _asked_to_stop(self) -> None:
        if self._drain is None:
            self._drain = asyncio.get_event_loop().create_task(self._stop_in_order())
        else:
            self.stop()  # asked twice: hurry

    async def _stop_in_order(self) -> None:
        """Stop accepting, send the rooms away spread over a second, finish running requests, stop."""
        from shop.checkout.batcher import close_process_batcher
        from streams.room.line import lines
        from streams.room.rooms import rooms
        from streams.video.ingest.socket import cameras
        from streams.video.scene import scenes

        try:
            for port in self._ports:
                port.stopListening()
            deadline = time.monotonic() + FINISH_WITHIN
            await asyncio.gather(
                rooms().drain(seconds=1.0), scenes().drain(seconds=1.0), cameras().drain()
            )
            while self._busy() and time.monotonic() < deadline:
                await asyncio.sleep(0.05)
            await asyncio.wait_for(scenes().stop(), 2)
            await asyncio.wait_for(rooms().stop(), 2)
            # Orders that were taken are placed and committed before this process ends.
            await asyncio.wait_for(asyncio.to_thread(close_process_batcher), 5)
            lines().stop()
            if self._publisher is not None:
                await asyncio.to_thread(self._publisher.stop)
        except Exception:
            logger.exception("the web server could not stop in order")
        finally:
            self.stop()

    def _busy(self) -> bool:
        """Whether a request is answered, a command worked on, or a socket says goodbye."""
        from streams.room.line import lines
        from streams.room.visit import working

        if self._entering or self._orders or working or len(lines()):
            return True
        for details in self.connections.values():
            application = details.get("application_instance")
            if application is not None and not application.done():
                return True
        return False

    def kill_all_applications(self) -> Any:
        """Daphne's own fails for a connection whose application has ended already."""
        for details in self.connections.values():
            if "application_instance" not in details:
                done: asyncio.Future[None] = asyncio.get_event_loop().create_future()
                done.set_result(None)
                details["application_instance"] = done
        for task in self._entering:
            task.cancel()
        return super().kill_all_applications()


def accept_steadily(port: Any) -> None:
    """Twisted keeps the number of accepts in an attribute and changes it after each turn."""
    accept = port.doRead

    def read() -> None:
        port.numberAccepts = ACCEPTS
        accept()

    port.doRead = read


class WebCommandLine(CommandLineInterface):
    """`-p PORT`, `--fd N` and the rest as Daphne has them, with our defaults."""

    description = "The web server of livestore"
    server_class = WebServer

    def __init__(self) -> None:
        super().__init__()
        self.parser.set_defaults(
            verbosity=0,
            websocket_timeout=-1,
            websocket_max_message_size=LARGEST_MESSAGE,
            websocket_max_frame_size=LARGEST_MESSAGE,
            server_name="livestore",
        )


def main() -> None:
    WebCommandLine().run(sys.argv[1:])


if __name__ == "__main__":
    main()
