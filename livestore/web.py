"""The web server: Daphne, subclassed once. `python -m livestore.web --fd N livestore.asgi:application`

What is different: messages of at most 8 KiB, a ping clock that writing does not reset, a long backlog, closes
that carry a reason, access to the transport for rooms, and a SIGTERM that sends everybody away in order.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import signal
import socket
import sys
import time
from contextlib import suppress
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "livestore.settings")
os.environ.setdefault("LIVESTORE_DATABASE_POOL", "true")

from daphne.cli import CommandLineInterface
from daphne.server import Server, reactor
from daphne.ws_protocol import WebSocketProtocol

logger = logging.getLogger(__name__)

LARGEST_MESSAGE = 8 * 1024
PING_EVERY = 20.0
PONG_WITHIN = 30.0
LONGEST_INBOX = 200
"""Frames of one socket that wait for their turn; a client that sends faster than it is answered is closed."""
SEND_BUFFER = 128 * 1024
"""Bytes that the kernel keeps for one slow viewer; without a bound it grows to megabytes for each."""
BACKLOG = 4096
FINISH_WITHIN = 5.0
"""Seconds that running requests get after SIGTERM."""


class RoomProtocol(WebSocketProtocol):
    """A WebSocket as the rooms need it."""

    # A ping is sent to everybody, also to a client that writes all the time and never reads.
    _pinged: float | None = None
    _next_ping = 0.0

    def onConnect(self, request: Any) -> Any:
        self._next_ping = time.monotonic() + PING_EVERY
        with suppress(OSError, AttributeError):
            self.transport.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
        return super().onConnect(request)

    def serverAccept(self, subprotocol: str | None = None) -> None:
        """Outside of production the handshake says which web process has taken the socket."""
        from django.conf import settings

        headers = {"Livestore-Process": str(os.getpid())} if settings.DEMO else {}
        self.handshake_deferred.callback((subprotocol, headers))
        del self.handshake_deferred

    def onMessage(self, payload: bytes, isBinary: bool) -> None:
        queue = getattr(self, "application_queue", None)
        if queue is not None and queue.qsize() > LONGEST_INBOX:
            from streams.room.protocol import CloseCode

            self.say_goodbye(CloseCode.TOO_FAST)
            return
        super().onMessage(payload, isBinary)

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
        """As Daphne does it, but a close keeps its reason."""
        if message.get("type") == "websocket.close" and self.state == self.STATE_OPEN:
            self.sendClose(message.get("code") or 1000, message.get("reason") or None)
        else:
            super().handle_reply(message)

    def _fail_connection(self, code: int = 1001, reason: str = "") -> None:
        """Too big, not UTF-8, against the protocol: all are bad frames, said in our own words."""
        from streams.room.protocol import CloseCode

        self.failedByMe = True
        if self.state == self.STATE_OPEN:
            self.say_goodbye(CloseCode.BAD_FRAMES)
        elif self.state == self.STATE_CONNECTING:
            self.dropConnection(abort=True)
        # While closing, the goodbye is on its way and the handshake's time limit does the rest.

    def say_goodbye(self, code: Any) -> None:
        from streams.room.protocol import Closing

        if self.state == self.STATE_OPEN:
            self.sendClose(int(code), Closing(code).reason)


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

    def run(self) -> None:
        reactor.callWhenRunning(self._prepare)
        super().run()

    def _prepare(self) -> None:
        self.ws_factory.protocol = RoomProtocol
        # allowNullOrigin falls back to False when it is not named again; rooms judge origins themselves.
        self.ws_factory.setProtocolOptions(
            failByDrop=False, closeHandshakeTimeout=5, tcpNoDelay=True, allowNullOrigin=True
        )
        loop = asyncio.get_event_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._asked_to_stop)
        # Everything that is loaded now stays: the collector need not look at it again, nor so often.
        gc.collect()
        gc.freeze()
        gc.set_threshold(50_000, 20, 20)

    def listen_success(self, port: Any) -> None:
        self._ports.append(port)
        super().listen_success(port)

    def create_application(self, protocol: Any, scope: dict[str, Any]) -> Any:
        if scope["type"] == "websocket":
            from streams.room.outlets import EXTENSION

            scope.setdefault("extensions", {})[EXTENSION] = protocol
        return super().create_application(protocol, scope)

    def protocol_disconnected(self, protocol: Any) -> None:
        if protocol in self.connections:
            super().protocol_disconnected(protocol)

    # -- the end ----------------------------------------------------------------------------------

    def _asked_to_stop(self) -> None:
        if self._drain is None:
            self._drain = asyncio.get_event_loop().create_task(self._stop_in_order())
        else:
            self.stop()  # asked twice: hurry

    async def _stop_in_order(self) -> None:
        """Stop accepting, send the rooms away spread over a second, finish running requests, stop."""
        from shop.checkout.batcher import close_process_batcher
        from streams.room.rooms import rooms

        try:
            for port in self._ports:
                port.stopListening()
            deadline = time.monotonic() + FINISH_WITHIN
            await rooms().drain(seconds=1.0)
            while self._busy() and time.monotonic() < deadline:
                await asyncio.sleep(0.05)
            await asyncio.wait_for(rooms().stop(), 2)
            # Orders that were taken are placed and committed before this process ends.
            await asyncio.wait_for(asyncio.to_thread(close_process_batcher), 5)
        except Exception:
            logger.exception("the web server could not stop in order")
        finally:
            self.stop()

    def _busy(self) -> bool:
        """Whether a request is answered, or a socket says goodbye."""
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
        return super().kill_all_applications()


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
