"""POST /api/v1/orders ahead of Django: the same answers without Django's request machinery.

Only what is certain is answered here: a plain request (plain.py) of somebody known whose body fits the model.
It is placed through the batcher, and the outcome is told in the API's words. Everything else, from a wrong host
to a missing comma, is Django's to answer, so there is one place that says how. Nothing has happened by then; even
an order that failed by a defect may be tried again there, because its key makes it happen once.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from accounts.tickets.auth import Caller
from livestore.base.errors import NotAllowed, Refusal
from livestore.base.threads import in_database
from livestore.thin.callers import Callers
from livestore.thin.dress import Headers, dress
from livestore.thin.plain import LONGEST_BODY, PATH, PlainOrder, PlainReader, Scope
from shop.checkout.api import OrderBody, request_of
from shop.checkout.batcher import place_async
from shop.checkout.fresh import value_of_fresh, value_of_placed
from shop.checkout.requests import Outcome

Message = Mapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Reply:
    """An answer to an order; `headers` are all of them, `Content-Length` too."""

    status: int
    headers: Headers
    body: bytes


class ThinOrders:
    """The door. `read` and `answer` are its two halves, for a server that can do without ASGI in between."""

    def __init__(self) -> None:
        self.callers = Callers()
        self._reader = PlainReader()
        self._dresses: dict[tuple[bool, bool], Headers] = {}

    def read(self, scope: Scope) -> PlainOrder | None:
        """The request, if it is one that may be answered here. Costs no waiting."""
        return self._reader.read(scope)

    async def answer(self, order: PlainOrder, body: bytes) -> Reply | None:
        """The reply, or None when Django has to answer (nothing has happened then)."""
        try:
            wanted = OrderBody.model_validate(orjson.loads(body))
        except ValueError:  # not JSON, or not an order
            return None
        try:
            who = self.callers.remembered(order.credentials)
            known = who or await self.callers.ask(order.credentials)
            if not isinstance(known, Caller):
                return None
            is_session = order.credentials.bearer is None
            if is_session and order.is_forged():
                return None
            outcome = await place_async(request_of(known, wanted, order.key))
            return await self._reply(order, known, outcome)
        except NotAllowed:  # a ticket for another show
            return None
        except Refusal as busy:
            return self._refused(order, busy)
        except Exception:
            # Also a database that is away. Django meets the same, and has words for it.
            logger.warning("an order goes on to Django", exc_info=True)
            return None

    async def _reply(self, order: PlainOrder, who: Caller, outcome: Outcome) -> Reply:
        if isinstance(outcome, Refusal):
            return self._refused(order, outcome)
        if outcome.order is not None:
            value = value_of_fresh(outcome.order)
        else:
            value = await in_database(value_of_placed, who.user, outcome)
        return self._said(order, 201, value)

    def _refused(self, order: PlainOrder, refusal: Refusal) -> Reply:
        reply = self._said(order, refusal.status, {"error": refusal.as_json()})
        if (seconds := refusal.retry_after_seconds) is not None:
            # Behind the content type, where Django's answer has it.
            reply.headers.insert(1, (b"Retry-After", b"%d" % seconds))
        return reply

    def _said(self, order: PlainOrder, status: int, value: dict[str, Any]) -> Reply:
        kind = (order.secure, order.credentials.bearer is None)
        try:
            dressed = self._dresses[kind]
        except KeyError:
            dressed = dress(order.scope, reads_session=kind[1])
            self._dresses[kind] = dressed
        body = orjson.dumps(value)
        return Reply(status, [*dressed, (b"Content-Length", b"%d" % len(body))], body)


class OrdersFirst:
    """The ASGI application: orders to the thin door, what it does not answer and all the rest to Django."""

    def __init__(self, orders: ThinOrders, django: Application) -> None:
        self.orders = orders
        self._django = django

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] != PATH or scope["method"] != "POST":
            await self._django(scope, receive, send)
            return
        order = self.orders.read(scope)
        if order is None:
            await self._django(scope, receive, send)
            return
        taken: list[Message] = []
        body = await _whole_body(receive, taken)
        reply = await self.orders.answer(order, body) if body is not None else None
        if reply is None:
            await self._django(scope, _again(taken, receive), send)
            return
        await send(
            {"type": "http.response.start", "status": reply.status, "headers": reply.headers}
        )
        await send({"type": "http.response.body", "body": reply.body})


async def _whole_body(receive: Receive, taken: list[Message]) -> bytes | None:
    """The body, or None when it is too long or its sender has gone. Every message is kept in `taken`."""
    parts: list[bytes] = []
    size = 0
    while size <= LONGEST_BODY:
        message = await receive()
        taken.append(message)
        if message["type"] != "http.request":
            return None
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if not message.get("more_body", False):
            return b"".join(parts)
    return None


def _again(taken: list[Message], receive: Receive) -> Receive:
    """A `receive` that tells first what was received already."""
    told = iter(taken)

    async def told_first() -> Message:
        for message in told:
            return message
        return await receive()

    return told_first
