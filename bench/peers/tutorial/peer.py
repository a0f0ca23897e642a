"""The tutorial chat as a contestant: Daphne and a Valkey of its own."""

from __future__ import annotations

import asyncio
import json
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Literal

from bench.crowd import UNSTAMPED, Crowd, Mode
from bench.held import until
from bench.peers.errors import NotMeasured
from bench.peers.peer import SIZE
from bench.peers.processes import environment
from livestore.stack import privilege
from livestore.stack.listen import free_port
from livestore.stack.table import ROOT
from livestore.stack.valkey import Valkey


class Tutorial:
    """`layer` is pubsub or core, the two channel layers of channels_redis."""

    most = 1_000
    mode: Mode = "text"
    protocol = ""
    headers: Sequence[str] = ("Origin: http://127.0.0.1",)  # its origin check wants one
    path = "/ws/chat/room/"
    kind = "message"
    others = 1

    def __init__(self, layer: Literal["pubsub", "core"] = "pubsub") -> None:
        self.name = f"tutorial-{layer}"
        self.about = (
            f"the Channels tutorial's chat on Daphne, channels_redis {layer}: a consumer and a send for each viewer; "
            f"no log, order or resume; measured with at most {self.most:,} viewers, because more take minutes"
        )
        self.layer = layer
        self._sent = 0
        self.ports: Sequence[int] = ()
        self.talker: Crowd | None = None
        self.folder = Path(tempfile.mkdtemp(prefix="livestore-tutorial-"))
        self._children: list[subprocess.Popen[bytes]] = []

    async def start(self, viewers: int) -> None:
        (self.folder / "data").mkdir()
        valkey = Valkey(self.folder / "data", self.folder)
        process = valkey.process()
        self._spawn(list(process.argv), {})
        port = free_port("127.0.0.1", 21_000) or 21_000
        listening = f"tcp:port={port}:interface=127.0.0.1:backlog=4096"
        argv = [sys.executable, "-m", "daphne", "-v", "0", "-e", listening]
        await self._until(lambda: valkey.is_ready(0), "Valkey")
        self._spawn(
            [*argv, "bench.peers.tutorial.asgi:application"],
            {
                "TUTORIAL_LAYER": self.layer,
                "TUTORIAL_VALKEY": f"unix://{valkey.socket}",
                "DJANGO_SETTINGS_MODULE": "bench.peers.tutorial.settings",
            },
        )
        self.ports = [port]
        await self._until(lambda: _listens(port), "Daphne")
        self.talker = Crowd(
            port=port, path=self.path, count=1, mode="text", protocol="", headers=self.headers
        )
        await self.talker.__aenter__()
        opened = await self.talker.open()
        if not opened.ready:
            raise NotMeasured(f"Daphne lets nobody in: {dict(opened.figures.failures)}")
        text = json.dumps({"message": UNSTAMPED + "x" * (SIZE - 40)})
        await self.talker.load([text])

    def _spawn(self, argv: list[str], more: dict[str, str]) -> None:
        self._children.append(
            subprocess.Popen(
                argv,
                cwd=ROOT,
                env=environment(**more),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
                preexec_fn=privilege.before_exec(privilege.Way.DIRECT, signal.SIGTERM),
            )
        )

    async def _until(self, ready: Callable[[], bool], what: str) -> None:
        if not await until(ready, 20):
            raise NotMeasured(f"{what} did not start")

    def pids(self) -> list[int]:
        return [child.pid for child in self._children[1:]]

    def behind(self) -> list[int]:
        return [child.pid for child in self._children[:1]]

    async def publish(self) -> None:
        assert self.talker is not None
        self._sent += 1
        self.talker.one()

    async def accepted(self) -> int:
        sent, self._sent = self._sent, 0
        return sent

    async def stop(self) -> None:
        if self.talker is not None:
            await self.talker.stop()
        for child in reversed(self._children):
            child.terminate()
        for child in self._children:
            try:
                await asyncio.to_thread(child.wait, 10)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
        self._children.clear()
        shutil.rmtree(self.folder, ignore_errors=True)


def _listens(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False
