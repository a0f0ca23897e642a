"""A web process that ends sends its viewers to another one, and lets go of whoever waits."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import pytest

from tests.streams.room.conftest import Stage
from tests.streams.room.server import WebProcess, listening
from tests.streams.room.visitor import Closed
from tests.streams.video.serving.conftest import Cinema
from tests.streams.video.serving.watching import Sender, init, parts


@pytest.fixture(params=["fast", "slow"])
def leaving(stage: Stage, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[WebProcess]:
    with listening() as opened, (tmp_path / "web.log").open("w+") as output:
        process = WebProcess(opened, output, fast=request.param == "fast")
        process.wait_ready()
        yield process
        process.kill()


async def test_viewers_are_sent_on_and_nobody_holds_up_the_end(
    leaving: WebProcess, stage: Stage, sender: Sender, http: aiohttp.ClientSession
) -> None:
    beginning = init()
    sender.send([beginning, *parts(beginning, 1)])
    cinema = Cinema(leaving, http)
    watchers = [await cinema.watch(stage.slug) for _ in range(20)]
    for watcher in watchers:
        await watcher.has(5)
    base = f"{leaving.origin}/media/shows/{stage.slug}/live"

    async def wait_for_a_part() -> int:
        async with http.get(f"{base}/source.m3u8?_HLS_msn=101&_HLS_part=0") as answer:
            return answer.status

    waiting = asyncio.create_task(wait_for_a_part())
    async with http.get(f"{base}/source.m3u8") as answer:
        assert answer.status == 200
    assert not waiting.done()
    ended = asyncio.create_task(asyncio.to_thread(leaving.terminate))
    closed: list[Closed] = await asyncio.gather(*(watcher.closing() for watcher in watchers))
    assert {each.code for each in closed} == {4410}
    assert all(100 <= each.reason["retry_after_ms"] <= 2000 for each in closed)
    assert len({each.reason["retry_after_ms"] for each in closed}) > 10
    assert await waiting == 503
    assert await ended == 0


async def test_who_comes_while_it_ends_is_sent_on(house: None) -> None:
    from streams.video.scene import scenes
    from streams.video.socket import video

    await scenes().drain(0.0)
    said: list[dict[str, object]] = []

    async def receive() -> dict[str, object]:
        return {"type": "websocket.connect"}

    async def send(message: dict[str, object]) -> None:
        said.append(message)

    scope = {"headers": [], "url_route": {"kwargs": {"slug": "evening-edit"}}}
    await video(scope, receive, send)
    assert [each["type"] for each in said] == ["websocket.accept", "websocket.close"]
    assert said[1]["code"] == 4410
