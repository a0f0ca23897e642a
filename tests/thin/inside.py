"""The thin door in this process, as a client of it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.test import Client

from livestore.base import threads
from livestore.thin.orders import OrdersFirst, ThinOrders


@dataclass
class Answer:
    status_code: int
    headers: dict[str, str]
    content: bytes

    def json(self) -> Any:
        return json.loads(self.content)


class Inside:
    """What the thin door leaves goes to `django`, an ASGI application; without one, to Django's own test client."""

    def __init__(self, django: Any = None) -> None:
        self.orders = ThinOrders()
        self.application = OrdersFirst(self.orders, django or self._leave)
        self._left = False

    async def _leave(self, scope: Any, receive: Any, send: Any) -> None:
        self._left = True
        await send({"type": "http.response.start", "status": 500, "headers": []})

    def generic(
        self, method: str, path: str, body: str, content_type: str, headers: dict[str, str]
    ) -> Any:
        """As django.test.Client.generic."""
        self._left = False
        answer = asyncio.run(self._ask(*self._request(method, path, body, content_type, headers)))
        if not self._left:
            return answer
        return Client().generic(method, path, body, content_type=content_type, headers=headers)

    def _request(
        self, method: str, path: str, body: str, content_type: str, headers: dict[str, str]
    ) -> tuple[dict[str, Any], bytes]:
        content = body.encode()
        pairs = {
            "host": "testserver",
            "content-type": content_type,
            "content-length": str(len(content)),
            **headers,
        }
        scope = {
            "type": "http",
            "method": method,
            "path": path,
            "query_string": b"",
            "scheme": "http",
            "headers": [(k.lower().encode(), v.encode("latin1")) for k, v in pairs.items()],
        }
        return scope, content

    async def _ask(self, scope: dict[str, Any], body: bytes) -> Answer:
        sent: list[dict[str, Any]] = []
        inbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        inbox.put_nowait({"type": "http.request", "body": body[:10], "more_body": True})
        inbox.put_nowait({"type": "http.request", "body": body[10:]})

        async def send(message: Any) -> None:
            sent.append(message)

        await self.application(scope, inbox.get, send)
        headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
        content = b"".join(each["body"] for each in sent[1:])
        return Answer(sent[0]["status"], headers, content)


@contextmanager
def inside(django: Any = None) -> Iterator[Inside]:
    """Its threads and their connections end with the test."""
    client = Inside(django)
    try:
        yield client
    finally:
        client.orders.callers.stop()
        threads.stop()
