"""Two ways into the same rooms; what holds for one holds for the other."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from channels.layers import get_channel_layer
from channels.routing import URLRouter
from channels.testing import WebsocketCommunicator

from accounts.models import User
from accounts.tickets.services import issue_ticket
from livestore.base import threads
from shop.checkout.batcher import close_process_batcher
from streams.models import Show
from streams.room import limits
from streams.room.rooms import rooms
from streams.room.routing import websocket_urlpatterns
from tests import cast
from tests.streams.room.server import WebProcess, listening
from tests.streams.room.visitor import AsgiLine, SocketLine, Visitor

SLUGS = (f"evening-edit-{number}" for number in itertools.count(1))


@dataclass
class Stage:
    """A live show with three products, and the people around it."""

    show: Show
    hana: User
    omar: User
    mina: User
    theo: User

    @property
    def slug(self) -> str:
        return self.show.slug

    def ticket(self, user: User, slug: str | None = None) -> str:
        return issue_ticket(user=user, channel=slug or self.slug)


def set_stage() -> Stage:
    hana, omar, mina, theo = cast.hana(), cast.omar(), cast.mina(), cast.theo()
    products = [
        cast.product("silk-bonnet", shades=("Rosewood", "Ink")),
        cast.product("comb"),
        cast.product("cap"),
    ]
    show = cast.show(hana, *products, slug=next(SLUGS), live=True)
    show.moderators.add(omar)
    return Stage(show, hana, omar, mina, theo)


@pytest.fixture
def stage(transactional_db: None) -> Iterator[Stage]:
    """Rows are committed: other threads and processes see them."""
    limits.chat._buckets.clear()
    limits.requests._buckets.clear()
    yield set_stage()
    close_process_batcher()
    threads.stop()


@pytest_asyncio.fixture
async def house() -> AsyncIterator[None]:
    """Whatever this process has opened for rooms is closed again."""
    yield
    await rooms().stop()
    await asyncio.wait_for(get_channel_layer().flush(), 5)


class Door:
    """Opens sockets; closes all of them at the end."""

    def __init__(self, kind: str, web: WebProcess | None) -> None:
        self.kind = kind
        self.web = web
        self.origin = web.origin if web else "http://127.0.0.1:8000"
        self.visitors: list[Visitor] = []
        self.http: aiohttp.ClientSession | None = None

    async def open(
        self,
        slug: str,
        ticket: str | None = None,
        *,
        since: str = "",
        headers: dict[str, str] | None = None,
        protocols: list[str] | None = None,
        path: str | None = None,
    ) -> Visitor:
        if protocols is None:
            protocols = ["livestore.v1"] + ([f"ticket.{ticket}"] if ticket else [])
        path = path or f"/ws/shows/{slug}/" + (f"?since={since}" if since else "")
        line: Any
        if self.kind == "asgi":
            communicator = WebsocketCommunicator(
                URLRouter(websocket_urlpatterns),
                path,
                headers=[(k.lower().encode(), v.encode()) for k, v in (headers or {}).items()],
                subprotocols=protocols,
            )
            connected, chosen = await communicator.connect(timeout=5)
            assert connected
            line = AsgiLine(communicator)
        else:
            if self.http is None:
                self.http = aiohttp.ClientSession()
            socket = await self.http.ws_connect(
                f"{self.origin}{path}", protocols=protocols, headers=headers, max_msg_size=0
            )
            chosen = socket.protocol
            line = SocketLine(socket)
        assert chosen == ("livestore.v1" if "livestore.v1" in protocols else None)
        visitor = Visitor(line)
        self.visitors.append(visitor)
        return visitor

    async def enter(self, stage: Stage, user: User | None = None, *, since: str = "") -> Visitor:
        """Come in and read the first frame; for a known person also me.snapshot."""
        from livestore.base.threads import in_database

        ticket = await in_database(stage.ticket, user) if user else None
        visitor = await self.open(stage.slug, ticket, since=since)
        await visitor.frame()
        if user:
            await visitor.until("me.snapshot")
        return visitor

    async def close(self) -> None:
        for visitor in self.visitors:
            await visitor.line.hang_up()
        if self.http is not None:
            await self.http.close()


@contextmanager
def serving(blocker: Any, folder: Path, **options: Any) -> Iterator[WebProcess]:
    with listening() as opened, (folder / "web.log").open("w+") as log, blocker.unblock():
        process = WebProcess(opened, log, **options)
        process.wait_ready()
        yield process
        process.kill()


@pytest.fixture(scope="session")
def web(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: Any
) -> Iterator[WebProcess]:
    """One real web process for the whole run; every test has a show of its own."""
    with serving(django_db_blocker, tmp_path_factory.mktemp("web")) as process:
        yield process


@pytest.fixture(scope="session")
def slow_web(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: Any
) -> Iterator[WebProcess]:
    """One that leaves its sockets with Daphne."""
    with serving(django_db_blocker, tmp_path_factory.mktemp("slow"), fast=False) as process:
        yield process


WAYS = {"asgi": None, "daphne": "web", "slow": "slow_web"}
"""How a test comes in: straight to the application, on a line of the real server, or through Daphne all along."""


async def _door(request: pytest.FixtureRequest) -> AsyncIterator[Door]:
    server = WAYS[request.param]
    opened = Door(request.param, request.getfixturevalue(server) if server else None)
    yield opened
    await opened.close()


@pytest_asyncio.fixture(params=["asgi", "daphne"])
async def door(request: pytest.FixtureRequest, house: None) -> AsyncIterator[Door]:
    async for opened in _door(request):
        yield opened


@pytest_asyncio.fixture(params=["asgi", "daphne", "slow"])
async def every_door(request: pytest.FixtureRequest, house: None) -> AsyncIterator[Door]:
    """For what is the socket's business: bad frames, limits, closing."""
    async for opened in _door(request):
        yield opened


@pytest_asyncio.fixture(params=["daphne", "slow"])
async def server(request: pytest.FixtureRequest, house: None) -> AsyncIterator[Door]:
    """A real socket, both ways."""
    async for opened in _door(request):
        yield opened


@pytest_asyncio.fixture
async def asgi(house: None) -> AsyncIterator[Door]:
    opened = Door("asgi", None)
    yield opened
    await opened.close()


@pytest_asyncio.fixture
async def daphne(web: WebProcess, house: None) -> AsyncIterator[Door]:
    opened = Door("daphne", web)
    yield opened
    await opened.close()
