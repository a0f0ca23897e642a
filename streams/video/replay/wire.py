"""Answers of a raw ASGI application."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from http import HTTPStatus
from typing import Any

Scope = dict[str, Any]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Headers = Sequence[tuple[bytes, bytes]]

ALWAYS: Headers = (
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", b"Content-Range, Content-Length, Accept-Ranges"),
    (b"x-content-type-options", b"nosniff"),
    (b"cross-origin-resource-policy", b"cross-origin"),
)


def header(scope: Scope, name: bytes) -> bytes | None:
    """The first value of a header; `name` in lower case."""
    return next((value for key, value in scope["headers"] if key == name), None)


async def begin(send: Send, status: int, headers: Headers) -> None:
    await send(
        {"type": "http.response.start", "status": int(status), "headers": [*headers, *ALWAYS]}
    )


async def respond(send: Send, status: int, headers: Headers = (), body: bytes = b"") -> None:
    """A whole answer. `content-length` is that of `body`, unless the headers say it (HEAD)."""
    told = list(headers)
    if not any(name == b"content-length" for name, _ in told) and status != HTTPStatus.NOT_MODIFIED:
        told.append((b"content-length", b"%d" % len(body)))
    await begin(send, status, told)
    await send({"type": "http.response.body", "body": body})


async def refuse(send: Send, status: int, sentence: str, headers: Headers = ()) -> None:
    """A sentence for people, kept by nobody."""
    kind = (b"content-type", b"text/plain; charset=utf-8")
    await respond(
        send, status, [kind, (b"cache-control", b"no-store"), *headers], sentence.encode()
    )
