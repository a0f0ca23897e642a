"""The platform's public doors, as any program outside would use them: HTTP API and room socket."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import random
import uuid
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import aiohttp

Event = dict[str, Any]
REPLY_TIMEOUT = 15.0


class Refused(Exception):
    """The platform said no: `code`, a sentence, and whether trying again may help."""

    def __init__(self, error: dict[str, Any]) -> None:
        self.code: str = error.get("code", "unknown")
        self.message: str = error.get("message", "")
        self.retry: bool = bool(error.get("retry"))
        self.data: dict[str, Any] = error.get("data") or {}
        super().__init__(f"{self.code}: {self.message}")


class Gone(Exception):
    """The socket was closed for good; the code is one of 4500-4599."""


@dataclass
class Api:
    """The HTTP API as one person. `token` is an API token, or `ticket.<token>`."""

    http: aiohttp.ClientSession
    origin: str
    token: str

    async def call(self, method: str, path: str, body: Any = None, key: str | None = None) -> Any:
        """The decoded answer, or `Refused`."""
        headers = {"Authorization": f"Bearer {self.token}"}
        if key:
            headers["Idempotency-Key"] = key
        async with self.http.request(
            method, f"{self.origin}/api/v1{path}", json=body, headers=headers
        ) as answer:
            text = await answer.text()
            try:
                content = json.loads(text) if text else {}
            except ValueError:
                content = {}
            if answer.status >= 400:
                raise Refused(
                    content.get("error")
                    or {"code": f"http_{answer.status}", "retry": answer.status >= 500}
                )
            return content


@dataclass
class Room:
    """One person's socket in one room: keeps what it was told, resumes by itself, answers by `ref`.

    `received` lists every log position in order: (epoch, seq), and (epoch, -seq) for a snapshot at seq,
    so that a test can prove that nothing was missed. Places that a busy chat left out on purpose, and said so,
    are listed as well; `left_out` counts them.
    """

    http: aiohttp.ClientSession
    origin: str
    slug: str
    ticket: str | None = None
    on_event: Callable[[Event], None] | None = None
    show: dict[str, Any] = field(default_factory=dict)
    pinned: dict[str, Any] | None = None
    items: list[dict[str, Any]] = field(default_factory=list)
    deals: dict[int, dict[str, Any]] = field(default_factory=dict)
    left: dict[int, int] = field(default_factory=dict)
    me: dict[str, Any] = field(default_factory=dict)
    requests: dict[int, int] = field(default_factory=dict)
    orders: dict[str, dict[str, Any]] = field(default_factory=dict)
    epoch: str = ""
    seq: int = 0
    received: list[tuple[str, int]] = field(default_factory=list)
    left_out: int = 0
    opened: int = 0

    def __post_init__(self) -> None:
        self.ready = asyncio.Event()
        self._refs = itertools.count(1)
        self._waiting: dict[str, asyncio.Future[dict[str, Any]]] = {}
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._stay = True

    async def stay(self) -> None:
        """Be in the room until `leave()`; comes back after every cut, with back-off and jitter."""
        failures = 0
        while self._stay:
            before = self.opened
            wait = 0.0
            with contextlib.suppress(aiohttp.ClientError, OSError, TimeoutError):
                wait = await self._visit()
            failures = 0 if self.opened > before else failures + 1
            if self._stay:
                backoff = min(8.0, 0.25 * 2**failures)
                await asyncio.sleep(wait + backoff * random.random())

    async def leave(self) -> None:
        self._stay = False
        if self._socket is not None:
            await self._socket.close()

    async def command(self, kind: str, data: dict[str, Any] | None = None) -> dict[str, Any]:
        """Send a command and wait for its reply's data. Raises `Refused`, or OSError without a connection."""
        socket = self._socket
        if socket is None or socket.closed:
            raise ConnectionResetError("not connected")
        ref = f"r{next(self._refs)}"
        answer: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._waiting[ref] = answer
        try:
            await socket.send_json({"type": kind, "ref": ref, "data": data or {}})
            return await asyncio.wait_for(answer, REPLY_TIMEOUT)
        finally:
            self._waiting.pop(ref, None)

    async def keyed(self, kind: str, data: dict[str, Any], tries: int = 4) -> dict[str, Any]:
        """A command that moves stock or money: the same key until it is answered for sure."""
        data = data | {"key": str(uuid.uuid4())}
        for attempt in itertools.count(1):
            try:
                return await self.command(kind, data)
            except Refused as refused:
                if not refused.retry or attempt >= tries:
                    raise
            except (OSError, TimeoutError):
                if attempt >= tries:
                    raise
            await asyncio.sleep(0.3 * attempt + random.random() * 0.3)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.ready.wait(), 10)
        raise AssertionError("unreachable")

    async def _visit(self) -> float:
        """One connection, until it ends. Returns the seconds that the server asks to wait."""
        protocols = ["livestore.v1"]
        if self.ticket:
            protocols.append(f"ticket.{self.ticket}")
        since = f"?since={self.epoch}:{self.seq}" if self.epoch else ""
        url = f"{self.origin.replace('http', 'ws', 1)}/ws/shows/{self.slug}/{since}"
        async with self.http.ws_connect(
            url, protocols=protocols, max_msg_size=0, timeout=aiohttp.ClientWSTimeout(ws_close=2)
        ) as socket:
            self._socket = socket
            self.opened += 1
            try:
                async for frame in socket:
                    if frame.type is aiohttp.WSMsgType.TEXT:
                        self._take(json.loads(frame.data))
            finally:
                self.ready.clear()
                self._socket = None
                for answer in self._waiting.values():
                    if not answer.done():
                        answer.set_exception(ConnectionResetError("the connection was cut"))
            code = socket.close_code or 1006
            if 4500 <= code <= 4599:
                self._stay = False
                raise Gone(str(code))
            return 0.2 if code == 1006 else 0.0

    def _take(self, frame: dict[str, Any]) -> None:
        if "ref" in frame:
            answer = self._waiting.get(frame["ref"])
            if answer is None or answer.done():
                return
            if frame["ok"]:
                answer.set_result(frame["data"])
            else:
                answer.set_exception(Refused(frame["error"]))
            return
        epoch, seq, place = frame["epoch"], self.seq, len(self.received)
        sampled = self._is_sampled(frame)
        for event in frame["events"]:
            self._apply(epoch, event)
            if self.on_event is not None:
                self.on_event(event)
        if sampled:
            self.seq = frame["through"]
            self.left_out += frame["left_out"]
            self.received[place:] = [(epoch, each) for each in range(seq + 1, self.seq + 1)]
        self.ready.set()

    def _is_sampled(self, frame: dict[str, Any]) -> bool:
        """Whether chat was left out of it, and nothing else is missing on the way to its `through`."""
        through: int | None = frame.get("through")
        if through is None or frame["epoch"] != self.epoch or through <= self.seq:
            return False
        told = sum(1 for event in frame["events"] if event.get("seq", 0) > self.seq)
        return through - self.seq <= told + int(frame["left_out"])

    def _apply(self, epoch: str, event: Event) -> None:
        kind, data = event["type"], event["data"]
        seq = event.get("seq")
        if kind == "room.snapshot":
            self.epoch, self.seq = epoch, seq or 0
            self.received.append((epoch, -self.seq))
            self.show, self.pinned, self.items = data["show"], data["pinned"], data["items"]
            self.deals = {deal["id"]: deal for deal in data["deals"]}
            self.requests = {int(number): total for number, total in data["requests"].items()}
            self._stock_of(self.pinned)
            return
        if seq is not None:
            self.epoch, self.seq = epoch, seq
            self.received.append((epoch, seq))
        match kind:
            case "show.changed":
                self.show = data["show"]
            case "item.pinned":
                self.pinned = data["item"]
                self.requests.pop(self.pinned["number"], None)
                self._stock_of(self.pinned)
            case "item.unpinned":
                self.pinned = None
            case "item.changed":
                self.items, self.pinned = data["items"], data["pinned"]
                self._stock_of(self.pinned)
            case "item.requested":
                self.requests[data["number"]] = data["total"]
            case "deal.started" | "deal.ended":
                deal = data["deal"]
                self.deals.pop(deal["id"], None)
                if deal["state"] == "running":
                    self.deals[deal["id"]] = deal
            case "stock.changed":
                self.left[data["variant"]] = data["left"] + (data.get("deal_left") or 0)
            case "me.snapshot":
                self.me = data
            case "order.updated":
                self.orders[data["order"]["order"]] = data["order"]

    def _stock_of(self, item: dict[str, Any] | None) -> None:
        for variant in (item or {}).get("variants", []):
            self.left[variant["id"]] = variant["left"] + (variant.get("deal_left") or 0)

    def price_of(self, variant: dict[str, Any]) -> int:
        """What the room says this variant costs now, in minor units."""
        for deal in self.deals.values():
            if deal["variant"] == variant["id"]:
                return int(deal["price"]["minor"])
        return int(variant["price"]["minor"])


@contextlib.asynccontextmanager
async def http_session() -> AsyncIterator[aiohttp.ClientSession]:
    """A session for many sockets of one process."""
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(
        connector=connector, timeout=aiohttp.ClientTimeout(total=30)
    ) as session:
        yield session
