"""Programs in the room: a host and buyers over the public API and socket, without a browser."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import uuid
from collections.abc import AsyncIterator, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from livestore.stack.launch import Demo
from rehearsal.doors import Api, Room, http_session

T = TypeVar("T")


def run(act: Coroutine[Any, Any, T]) -> T:
    """Run it in a loop of its own, in a thread: Playwright keeps this thread's loop for itself."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, act).result()


def token_of(demo: Demo, username: str = "host") -> str:
    return demo.manage("api_token", username).stdout.split()[-1]


def tickets(demo: Demo, slug: str, count: int) -> list[str]:
    return demo.manage("tickets", "--show", slug, "--count", str(count)).stdout.split()


async def live_show(api: Api, *products: int, title: str = "A test of the room") -> str:
    """A new show with these products as numbers 1, 2, 3 ..., already live."""
    show = await api.call("POST", "/shows", {"title": title}, key=str(uuid.uuid4()))
    slug = str(show["slug"])
    items = [{"number": n, "product": product} for n, product in enumerate(products, start=1)]
    await api.call("PUT", f"/shows/{slug}/items", items)
    await api.call("POST", f"/shows/{slug}/commands", {"type": "show.start", "data": {}})
    return slug


@contextlib.asynccontextmanager
async def host_api(demo: Demo) -> AsyncIterator[Api]:
    async with http_session() as http:
        yield Api(http, demo.origin, token_of(demo))


@contextlib.asynccontextmanager
async def in_room(room: Room) -> AsyncIterator[Room]:
    """The socket stays open (and comes back) inside the block."""
    staying = asyncio.create_task(room.stay())
    try:
        await asyncio.wait_for(room.ready.wait(), 20)
        yield room
    finally:
        await room.leave()
        staying.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await staying


def holes(received: list[tuple[str, int]]) -> list[str]:
    """Places where a viewer missed something: neither the next seq nor a snapshot (a negative seq)."""
    found: list[str] = []
    for (epoch, seq), (next_epoch, next_seq) in itertools.pairwise(received):
        if next_seq <= 0:
            continue
        if next_epoch != epoch or next_seq != abs(seq) + 1:
            found.append(f"{epoch}:{seq} was followed by {next_epoch}:{next_seq}")
    return found


def outcome_codes(outcomes: list[Any]) -> dict[str, int]:
    """How often each answer came: `ok`, or the code of the refusal."""
    counts: dict[str, int] = {}
    for outcome in outcomes:
        code = getattr(outcome, "code", type(outcome).__name__)
        code = "ok" if isinstance(outcome, dict) else code
        counts[code] = counts.get(code, 0) + 1
    return counts
