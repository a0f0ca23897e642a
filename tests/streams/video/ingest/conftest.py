"""A live show, and its host's browser at the camera's door."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from channels.routing import URLRouter
from channels.testing import WebsocketCommunicator
from django.conf import settings
from django.test import Client

from accounts.models import User
from livestore.base.threads import in_database
from streams.room.routing import websocket_urlpatterns
from tests.streams.room.conftest import house as house
from tests.streams.room.conftest import serving
from tests.streams.room.conftest import stage as stage
from tests.streams.room.server import WebProcess

ORIGIN = settings.ORIGINS[0]
H264 = "video/webm;codecs=h264,opus"


def session_of(user: User) -> str:
    client = Client()
    client.force_login(user)
    return f"sessionid={client.cookies['sessionid'].value}"


class Camera:
    """A browser on the camera socket of this process's own application."""

    def __init__(self, communicator: WebsocketCommunicator) -> None:
        self._line = communicator
        self.heard: list[dict[str, Any]] = []

    async def tell(self, **message: Any) -> None:
        await self._line.send_to(text_data=json.dumps(message))

    async def film(self, data: bytes) -> None:
        for start in range(0, len(data), 8000):
            await self._line.send_to(bytes_data=data[start : start + 8000])

    async def begin(self, *, mime: str = H264, take_over: bool = False) -> dict[str, Any]:
        """What is said to it: ready, or refused."""
        await self.tell(type="begin", mime=mime, take_over=take_over)
        return await self.until("ready", "refused")

    async def until(self, *kinds: str) -> dict[str, Any]:
        while True:
            said: dict[str, Any] = json.loads(await self._line.receive_from(timeout=10))
            self.heard.append(said)
            if said["type"] in kinds:
                return said

    async def closed(self) -> int:
        while True:
            output = await self._line.receive_output(timeout=10)
            if output["type"] == "websocket.close":
                code: int = output["code"]
                return code

    async def leave(self) -> None:
        await self._line.disconnect(timeout=10)


Enter = Callable[..., Awaitable[Camera]]


@pytest_asyncio.fixture
async def enter(house: None) -> AsyncIterator[Enter]:
    """`await enter(slug, user)`: connected and accepted, as this user or as a guest."""
    cameras: list[Camera] = []

    async def come(slug: str, user: User | None = None, *, origin: str = ORIGIN) -> Camera:
        headers = [(b"origin", origin.encode())]
        if user is not None:
            headers.append((b"cookie", (await in_database(session_of, user)).encode()))
        line = WebsocketCommunicator(
            URLRouter(websocket_urlpatterns), f"/ws/shows/{slug}/camera/", headers=headers
        )
        connected, _ = await line.connect(timeout=5)
        assert connected
        cameras.append(Camera(line))
        return cameras[-1]

    yield come
    for camera in cameras:
        await camera.leave()


@pytest.fixture
def web(stage: object, django_db_blocker: Any, tmp_path: Path) -> Iterator[WebProcess]:
    with serving(django_db_blocker, tmp_path, LIVESTORE_DATA=str(tmp_path)) as process:
        yield process
