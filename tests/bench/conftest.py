"""A room that says exactly what a test wants, so that the crowd itself can be tested."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import WSMsgType, web

from bench.building import compiler

needs_cc = pytest.mark.skipif(
    compiler() is None, reason="the load generator is C and there is no compiler on this machine"
)


def logged(seq: int, kind: str = "chat.message", **data: Any) -> dict[str, Any]:
    """One event of the log."""
    return {"type": kind, "at": int(time.time() * 1000), "data": data, "seq": seq}


class FakeRoom:
    """Speaks the room's protocol; `snapshot_seq` is where its newcomers begin."""

    def __init__(self) -> None:
        self.sockets: list[web.WebSocketResponse] = []
        self.queries: list[str] = []
        self.protocols: list[list[str]] = []
        self.heard: list[dict[str, Any]] = []
        self.pongs = 0
        self.epoch = "e1"
        self.snapshot_seq = 5
        self.refuse_with = 0
        self.answer = self.yes
        self.port = 0

    async def enter(self, request: web.Request) -> web.StreamResponse:
        self.queries.append(request.query_string)
        offered = request.headers.get("Sec-WebSocket-Protocol", "")
        self.protocols.append([each.strip() for each in offered.split(",")])
        if self.refuse_with:
            return web.Response(status=self.refuse_with)
        socket = web.WebSocketResponse(protocols=("livestore.v1",), autoping=False)
        await socket.prepare(request)
        self.sockets.append(socket)
        if not request.query_string:
            await socket.send_str(self.batch(self.snapshot(self.snapshot_seq)))
        else:
            await socket.send_str(self.batch())
        async for message in socket:
            if message.type == WSMsgType.PONG:
                self.pongs += 1
            elif message.type == WSMsgType.TEXT:
                frame = json.loads(message.data)
                self.heard.append(frame)
                await self.answer(socket, frame)
        return socket

    @staticmethod
    def snapshot(seq: int) -> dict[str, Any]:
        chat = [{"seq": 2, "at": 1, "text": 'a "quoted" } text', "user": {"id": 1}}]
        return {
            "type": "room.snapshot",
            "at": 1,
            "data": {"chat": chat, "pinned": None},
            "seq": seq,
        }

    def batch(self, *events: dict[str, Any], **more: Any) -> str:
        frame = {"epoch": self.epoch, "events": list(events), **more}
        return json.dumps(frame, separators=(",", ":"))

    async def say(self, *events: dict[str, Any], **more: Any) -> None:
        """One batch to everybody."""
        for socket in self.sockets:
            if not socket.closed:
                await socket.send_str(self.batch(*events, **more))

    @staticmethod
    async def yes(socket: web.WebSocketResponse, frame: dict[str, Any]) -> None:
        answer = {"ref": frame["ref"], "ok": True, "data": {}}
        await socket.send_str(json.dumps(answer, separators=(",", ":")))

    @staticmethod
    async def no(
        socket: web.WebSocketResponse, frame: dict[str, Any], code: str, **more: Any
    ) -> None:
        error = {"code": code, "message": "No.", "retry": False, **more}
        answer = {"ref": frame["ref"], "ok": False, "error": error}
        await socket.send_str(json.dumps(answer, separators=(",", ":")))


@pytest.fixture
async def room() -> AsyncIterator[FakeRoom]:
    found = FakeRoom()
    app = web.Application()
    app.router.add_get("/room/", found.enter)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    found.port = runner.addresses[0][1]
    yield found
    await runner.cleanup()


async def until(condition: Any, seconds: float = 10.0) -> None:
    """Poll until it is true; fails when it does not come true."""
    async with asyncio.timeout(seconds):
        while True:
            value = condition()
            if await value if asyncio.iscoroutine(value) else value:
                return
            await asyncio.sleep(0.01)
