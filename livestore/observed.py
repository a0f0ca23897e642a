"""Around everything that comes in: a request id for its log lines, and a count of HTTP answers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from time import perf_counter
from typing import Any

from livestore import figures
from livestore.base.tracing import REQUEST_ID, Trace, accepted, bound, header_in

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]


class Observed:
    """An ASGI application around another one. The answer to a request names its id; that to a WebSocket's
    handshake is written by `livestore.upgrade` and `livestore.handshake`, which read it from the context."""

    def __init__(self, application: Any) -> None:
        self._application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await self._application(scope, receive, send)
            return
        request = accepted(header_in(scope["headers"]))
        with bound(Trace(request)):
            if scope["type"] == "websocket":
                await self._application(scope, receive, send)
            else:
                await self._http(scope, receive, send, (REQUEST_ID.encode(), request.encode()))

    async def _http(
        self, scope: Scope, receive: Receive, send: Send, header: tuple[bytes, bytes]
    ) -> None:
        began, status = perf_counter(), 0

        async def answer(message: dict[str, Any]) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message = {**message, "headers": [*message.get("headers", ()), header]}
            await send(message)

        try:
            await self._application(scope, receive, answer)
        finally:
            figures.answered(scope["method"], scope["path"], status, perf_counter() - began)
