"""A live show, a camera that sends when a test says so, and viewers through a real web process."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from streams.room.rooms import rooms
from streams.video.scene import scenes
from tests.streams.room.conftest import Stage, serving
from tests.streams.room.conftest import stage as stage
from tests.streams.room.server import WebProcess
from tests.streams.video.serving.watching import Sender, Watcher


@pytest.fixture(scope="session")
def web(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: Any
) -> Iterator[WebProcess]:
    """One real web process for all that watch."""
    with serving(django_db_blocker, tmp_path_factory.mktemp("video")) as process:
        yield process


@pytest.fixture(scope="session")
def slow_web(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: Any
) -> Iterator[WebProcess]:
    """One that leaves its sockets with Daphne."""
    with serving(django_db_blocker, tmp_path_factory.mktemp("video"), fast=False) as process:
        yield process


@pytest.fixture
def sender(stage: Stage) -> Iterator[Sender]:
    sender = Sender(stage.slug)
    yield sender
    sender.close()


@pytest_asyncio.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest_asyncio.fixture
async def house() -> AsyncIterator[None]:
    """What this process has opened is closed again."""
    yield
    await scenes().stop()
    await rooms().stop()


class Cinema:
    """Opens sockets to one web process; closes all of them at the end."""

    def __init__(self, web: WebProcess, http: aiohttp.ClientSession) -> None:
        self.web, self.http = web, http
        self.watchers: list[Watcher] = []

    async def watch(self, slug: str, *, rendition: str = "", **more: Any) -> Watcher:
        query = f"?rendition={rendition}" if rendition else ""
        url = f"{self.web.origin}/ws/shows/{slug}/video/{query}"
        watcher = Watcher(await self.http.ws_connect(url, max_msg_size=0, **more))
        self.watchers.append(watcher)
        return watcher


@pytest_asyncio.fixture(params=["fast", "slow"])
async def cinema(
    request: pytest.FixtureRequest, http: aiohttp.ClientSession
) -> AsyncIterator[Cinema]:
    found = Cinema(request.getfixturevalue("web" if request.param == "fast" else "slow_web"), http)
    yield found
    for watcher in found.watchers:
        await watcher.socket.close()
