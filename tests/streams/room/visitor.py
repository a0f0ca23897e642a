"""Somebody in a room, the same for every way in: through ASGI in this process, or through a real server."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

import aiohttp
from channels.testing import WebsocketCommunicator

Event = dict[str, Any]


class Closed(Exception):
    """The server said goodbye."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(f"{code} {reason}")
        self.code = code
        self.reason = json.loads(reason) if reason else {}


class Line(Protocol):
    async def receive(self, seconds: float) -> str: ...
    async def send(self, text: str) -> None: ...
    async def send_bytes(self, data: bytes) -> None: ...
    async def hang_up(self) -> None: ...


class AsgiLine:
    def __init__(self, communicator: WebsocketCommunicator) -> None:
        self.communicator = communicator

    async def receive(self, seconds: float) -> str:
        message = await self.communicator.receive_output(seconds)
        if message["type"] == "websocket.close":
            raise Closed(message["code"], message.get("reason") or "")
        return str(message["text"])

    async def send(self, text: str) -> None:
        await self.communicator.send_to(text_data=text)

    async def send_bytes(self, data: bytes) -> None:
        await self.communicator.send_to(bytes_data=data)

    async def hang_up(self) -> None:
        await self.communicator.disconnect()


class SocketLine:
    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket

    async def receive(self, seconds: float) -> str:
        message = await self.socket.receive(timeout=seconds)
        if message.type is aiohttp.WSMsgType.CLOSE:
            raise Closed(message.data, message.extra or "")
        if message.type in (aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.ERROR):
            raise Closed(self.socket.close_code or 1006, "")
        return str(message.data)

    async def send(self, text: str) -> None:
        await self.socket.send_str(text)

    async def send_bytes(self, data: bytes) -> None:
        await self.socket.send_bytes(data)

    async def hang_up(self) -> None:
        await self.socket.close()


@dataclass
class Visitor:
    """Remembers everything it was told, in order."""

    line: Line
    events: list[Event] = field(default_factory=list)
    frames: list[dict[str, Any]] = field(default_factory=list)
    replies: dict[str, dict[str, Any]] = field(default_factory=dict)
    epoch: str = ""
    refs: int = 0

    async def frame(self, seconds: float = 8.0) -> dict[str, Any]:
        """The next frame. Raises Closed, TimeoutError."""
        heard: dict[str, Any] = json.loads(await self.line.receive(seconds))
        self.frames.append(heard)
        if "ref" in heard:
            self.replies[heard["ref"]] = heard
        else:
            self.epoch = heard["epoch"]
            self.events += heard["events"]
        return heard

    async def until(
        self, wanted: str | Callable[[Event], bool], seconds: float = 8.0, *, after: int = 0
    ) -> Event:
        """The first event of a type, among those told already (from index `after`) or to come."""
        is_it = wanted if callable(wanted) else lambda event: event["type"] == wanted
        seen = after
        async with asyncio.timeout(seconds):
            while True:
                while seen < len(self.events):
                    if is_it(self.events[seen]):
                        return self.events[seen]
                    seen += 1
                await self.frame(seconds)

    async def command(self, kind: str, /, **data: Any) -> dict[str, Any]:
        """The reply to a command."""
        self.refs += 1
        ref = f"t{self.refs}"
        await self.line.send(json.dumps({"type": kind, "ref": ref, "data": data}))
        return await self.reply(ref)

    async def reply(self, ref: str) -> dict[str, Any]:
        while ref not in self.replies:
            await self.frame()
        return self.replies.pop(ref)

    async def closing(self, seconds: float = 8.0) -> Closed:
        """Read on until the server closes."""
        try:
            async with asyncio.timeout(seconds):
                while True:
                    await self.frame(seconds)
        except Closed as closed:
            return closed

    @property
    def seqs(self) -> list[int]:
        """Log positions as they were told; a snapshot is minus its seq."""
        return [
            -event["seq"] if event["type"] == "room.snapshot" else event["seq"]
            for event in self.events
            if "seq" in event
        ]

    def told(self, kind: str) -> list[Event]:
        return [event for event in self.events if event["type"] == kind]


def is_gap_free(seqs: list[int]) -> bool:
    """Whether each position follows the one before, or there is a snapshot between."""
    last: int | None = None
    for seq in seqs:
        if seq <= 0:
            last = -seq
        elif last is None or seq != last + 1:
            return False
        else:
            last = seq
    return True
