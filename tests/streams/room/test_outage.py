"""Valkey dies and comes back under a real web server and a real relay, which are not started again."""

from __future__ import annotations

import asyncio
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import redis
from django.conf import settings

from livestore.base.environment import valkey_database, with_valkey_database
from livestore.base.threads import in_database
from livestore.health import RELAY_BEAT
from livestore.stack.valkey import Valkey
from streams.shows import services as shows
from tests.streams.room.conftest import Stage
from tests.streams.room.server import WebProcess, listening, relay_process
from tests.streams.room.visitor import SocketLine, Visitor, is_gap_free


class OwnValkey:
    """A server of this test's own, that may be killed."""

    def __init__(self, folder: Path) -> None:
        self.valkey = Valkey(folder, folder)
        # Of the same number as the usual one: tests that run side by side give theirs to every process they start.
        self.url = with_valkey_database(self.valkey.url, valkey_database(settings.REDIS_URL))
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen(
            self.valkey.process().argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        with redis.Redis.from_url(self.url) as client:
            for _ in range(200):
                try:
                    client.ping()
                    return
                except redis.RedisError:
                    if self.process.poll() is not None:
                        break
                    time.sleep(0.02)  # until the socket is there
        raise AssertionError("Valkey did not start")

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


@pytest.fixture
def own_valkey() -> Iterator[OwnValkey]:
    folder = Path(tempfile.mkdtemp(prefix="lv", dir="/tmp"))  # a socket's path is short
    server = OwnValkey(folder)
    yield server
    server.kill()
    shutil.rmtree(folder)


@pytest.fixture
def platform(
    own_valkey: OwnValkey, stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[WebProcess]:
    """A web process and a relay on that Valkey."""
    monkeypatch.setattr("django.conf.settings.REDIS_URL", own_valkey.url)
    with listening() as opened, (tmp_path / "log").open("w+") as output:
        web = WebProcess(opened, output)
        relay: subprocess.Popen[bytes] = relay_process(output)
        web.wait_ready()
        with redis.Redis.from_url(own_valkey.url) as client:
            end = time.monotonic() + 60
            while not client.exists(RELAY_BEAT) and time.monotonic() < end:
                time.sleep(0.05)
            assert client.exists(RELAY_BEAT), "the relay has not begun"
        yield web
        web.kill()
        relay.send_signal(signal.SIGTERM)
        relay.wait(20)


async def test_a_killed_valkey_costs_nobody_their_socket_or_an_event(
    platform: WebProcess, own_valkey: OwnValkey, stage: Stage
) -> None:
    async with aiohttp.ClientSession() as http:

        async def come_in(user: Any) -> Visitor:
            ticket = await in_database(stage.ticket, user)
            opened = await http.ws_connect(
                f"{platform.origin}/ws/shows/{stage.slug}/",
                protocols=["livestore.v1", f"ticket.{ticket}"],
            )
            visitor = Visitor(SocketLine(opened))
            await visitor.until("me.snapshot")
            return visitor

        mina, theo = await come_in(stage.mina), await come_in(stage.theo)
        assert (await mina.command("chat.send", text="Before"))["ok"]
        await theo.until("chat.message")

        own_valkey.kill()
        answer = await mina.command("chat.send", text="Anybody here?")
        assert (answer["error"]["code"], answer["error"]["retry"]) == ("busy", True)
        # The database goes on: what happens now is told when Valkey is back.
        await in_database(shows.pin, show_slug=stage.slug, by=stage.hana, number=2)
        marks = [len(mina.events), len(theo.events)]
        await asyncio.to_thread(own_valkey.start)

        for visitor, mark in zip((mina, theo), marks, strict=True):
            await visitor.until("room.snapshot", 15, after=mark)
            await visitor.until("me.snapshot", 15, after=mark)
            await visitor.until(
                lambda event: (
                    (event["data"].get("pinned") or event["data"].get("item") or {}).get("number")
                    == 2
                ),
                15,
                after=mark,
            )
            assert is_gap_free(visitor.seqs)
        assert (await mina.command("chat.send", text="After"))["ok"]
        await theo.until(lambda event: event["data"].get("text") == "After")

        # People are told directly again; who was told in the very first moment learns it all the same.
        hana = await come_in(stage.hana)
        assert (await hana.command("viewer.mute", user=stage.mina.pk))["ok"]
        await mina.until(
            lambda event: event["type"] in {"you.muted", "me.snapshot"} and event["data"]["muted"],
            15,
        )
        assert (await mina.command("chat.send", text="Hm"))["error"]["code"] == "muted"
        assert (await hana.command("viewer.ban", user=stage.theo.pk))["ok"]
        assert (await theo.closing(15)).code == 4503
        assert not theo.told("you.muted")
