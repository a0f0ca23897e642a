"""A live show with a stream key, the door of this process, and a tape in place of the decoding child."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio

from accounts.models import User
from livestore.base import threads
from livestore.base.threads import in_database
from shop.checkout.batcher import close_process_batcher
from streams.models import Show
from streams.shows import services
from streams.video import keys
from streams.video.path.orders import TakeOrder
from streams.video.rtmp import connection, sender, telling
from streams.video.rtmp.server import Server, open_door
from tests import cast
from tests.streams.video.rtmp.calling import PATIENCE, Caller

SLUG = "evening-edit"


@dataclass
class Stage:
    """The show, who runs it, and its key."""

    show: Show
    hana: User
    key: str

    async def do(self, act: Callable[..., Any], **more: Any) -> Any:
        """A service as the host."""
        return await in_database(act, show_slug=SLUG, by=self.hana, **more)


@pytest.fixture
def stage(transactional_db: None) -> Iterator[Stage]:
    """Rows are committed: other threads and processes see them. The show is announced, not live."""
    hana = cast.hana()
    show = cast.show(hana, cast.product("bonnet"), slug=SLUG)
    yield Stage(show, hana, keys.make_key(show_slug=SLUG, by=hana))
    close_process_batcher()
    threads.stop()


@pytest.fixture
def live(stage: Stage) -> Stage:
    services.start(show_slug=SLUG, by=stage.hana)
    return stage


@dataclass
class Door:
    """A running server, looking at its shows every few hundredths of a second."""

    server: Server
    port: int
    callers: list[Caller]

    async def dial(self, *, greet: bool = True) -> Caller:
        caller = await Caller.dial(self.port, greet=greet)
        self.callers.append(caller)
        return caller

    @property
    def url(self) -> str:
        return f"rtmp://127.0.0.1:{self.port}/live"


@pytest_asyncio.fixture
async def door(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Door]:
    monkeypatch.setattr(connection, "LOOK_EVERY", 0.03)
    server, listening = Server(), open_door("127.0.0.1", 0)
    running = asyncio.create_task(server.run(listening))
    opened = Door(server, listening.getsockname()[1], [])
    yield opened
    for caller in opened.callers:
        await caller.close()
    server.stop()
    await asyncio.wait_for(running, PATIENCE)


class Tape:
    """Stands for the child: keeps what it is fed."""

    all: list[Tape]

    def __init__(self, order: TakeOrder) -> None:
        self.order = order
        self.data = b""
        self.ended = ""
        self._notes: asyncio.Queue[dict[str, Any] | None] = asyncio.Queue()

    @classmethod
    async def start(cls, order: TakeOrder, container: str) -> Tape:
        assert container == "flv"
        tape = cls(order)
        cls.all.append(tape)
        return tape

    async def feed(self, data: bytes) -> None:
        self.data += data

    async def stop(self, reason: str) -> None:
        self.ended = reason
        self._notes.put_nowait(None)

    def say(self, note: dict[str, Any] | None) -> None:
        self._notes.put_nowait(note)

    @property
    async def notes(self) -> AsyncIterator[dict[str, Any]]:
        while (note := await self._notes.get()) is not None:
            yield note


@pytest.fixture
def tapes(monkeypatch: pytest.MonkeyPatch) -> list[Tape]:
    """Every tape that was begun."""
    Tape.all = []
    monkeypatch.setattr(sender, "Child", Tape)
    return Tape.all


async def until(true: Callable[[], Any], what: str = "") -> Any:
    """Wait until something holds; the event is another task's, there is nothing to wait on."""
    async with asyncio.timeout(PATIENCE):
        while not (found := true()):
            await asyncio.sleep(0.005)
    return found


async def told(state: str, message: str = "") -> str:
    """What the studio reads, as soon as it is this state with a message that begins so."""
    async with asyncio.timeout(PATIENCE):
        while True:
            said = await asyncio.to_thread(telling.told, SLUG)
            if said and said["state"] == state and said["message"].startswith(message):
                return str(said["message"])
            await asyncio.sleep(0.005)
