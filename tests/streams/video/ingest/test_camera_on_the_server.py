"""The camera's socket on a real web process: larger messages than anybody else's, and what happens when it stops."""

from __future__ import annotations

import asyncio
import json
import struct
from typing import Any

import aiohttp
import pytest

from livestore.base.threads import in_database
from livestore.handshake import LARGEST_PICTURE, UNHEARD_PICTURES, RoomProtocol, is_camera
from streams.room.protocol import CloseCode
from streams.video.models import Take
from tests.streams.room.conftest import Stage
from tests.streams.room.server import WebProcess
from tests.streams.video.ingest.conftest import H264, session_of
from tests.streams.video.ingest.recordings import recording


async def connect(
    http: aiohttp.ClientSession, web: WebProcess, stage: Stage, path: str
) -> aiohttp.ClientWebSocketResponse:
    cookie = await in_database(session_of, stage.hana)
    return await http.ws_connect(
        f"{web.origin}/ws/shows/{stage.slug}/{path}",
        protocols=["livestore.v1"],
        headers={"Cookie": cookie, "Origin": web.origin},
    )


async def heard(socket: aiohttp.ClientWebSocketResponse, kind: str) -> dict[str, Any]:
    async with asyncio.timeout(10):
        while True:
            said: dict[str, Any] = json.loads((await socket.receive()).data)
            if said["type"] == kind:
                return said


async def closed(socket: aiohttp.ClientWebSocketResponse) -> int | None:
    async with asyncio.timeout(15):
        while (await socket.receive()).type not in (
            aiohttp.WSMsgType.CLOSE,
            aiohttp.WSMsgType.CLOSED,
        ):
            pass
    return socket.close_code


async def test_the_camera_sends_more_at_once_than_anybody_else(
    stage: Stage, web: WebProcess
) -> None:
    film = recording(2.0) + bytes(LARGEST_PICTURE)
    async with aiohttp.ClientSession() as http:
        camera = await connect(http, web, stage, "camera/")
        await camera.send_str(json.dumps({"type": "begin", "mime": H264}))
        assert (await heard(camera, "ready"))["take"] == 1
        await camera.send_bytes(film[:LARGEST_PICTURE])
        await camera.send_str(json.dumps({"type": "stop"}))
        assert (await heard(camera, "stopped"))["reason"] == "stopped"
        # One byte more is too much.
        await camera.send_bytes(bytes(LARGEST_PICTURE + 1))
        assert await closed(camera) == 1009
        # A room takes what it always took.
        room = await connect(http, web, stage, "")
        await room.send_bytes(bytes(LARGEST_PICTURE))
        assert await closed(room) == CloseCode.BAD_FRAMES
    take = await in_database(Take.objects.get, show=stage.show)
    assert take.seconds > 1.5

    async with aiohttp.ClientSession() as http:
        camera = await connect(http, web, stage, "camera/")
        writer = camera._writer.transport
        # A final binary frame, masked, that claims 2 GB: its head is enough.
        writer.write(b"\x82\xff" + struct.pack(">Q", 2 << 30) + b"mask")
        assert await closed(camera) == 1009

    async with aiohttp.ClientSession() as http:
        camera = await connect(http, web, stage, "camera/")
        await camera.send_str(json.dumps({"type": "begin", "mime": H264}))
        await heard(camera, "ready")
        await camera.send_bytes(film[:30_000])
        code, status = await asyncio.gather(closed(camera), asyncio.to_thread(web.terminate))
        assert (code, status) == (CloseCode.RESTARTING, 0)
    rows = await in_database(
        lambda: list(Take.objects.filter(show=stage.show).values_list("reason", flat=True))
    )
    assert rows == ["stopped", "lost"]


class Transport:
    def __init__(self) -> None:
        self.reading = True

    def pauseProducing(self) -> None:
        self.reading = False

    def resumeProducing(self) -> None:
        self.reading = True


@pytest.mark.parametrize("films", [True, False])
def test_a_camera_that_is_not_heard_is_not_read(
    films: bool,
) -> None:
    """The queue of a camera's socket holds half a second, and TCP tells the sender to wait."""
    protocol = RoomProtocol.__new__(RoomProtocol)
    protocol._films = films
    protocol.transport = Transport()
    protocol.application_queue = asyncio.Queue()
    protocol.muted, protocol.client_addr, protocol.last_ping = False, None, 0.0
    for _ in range(UNHEARD_PICTURES + 2):
        protocol.onMessage(b"picture", True)
    assert protocol.transport.reading is not films
    while not protocol.application_queue.empty():
        protocol.application_queue.get_nowait()
        protocol.heard()
    assert protocol.transport.reading


def test_only_one_address_is_a_camera() -> None:
    assert is_camera("/ws/shows/evening-edit/camera/")
    assert not is_camera("/ws/shows/evening-edit/")
    assert not is_camera("/ws/shows/evening-edit/video/")
    assert not is_camera("/camera/")
