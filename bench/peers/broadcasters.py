"""Peers that send every line of their stdin to everybody: the C floor, Node's `ws` and Socket.IO."""

from __future__ import annotations

import asyncio
import json
import shutil
from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from bench.building import built, workshop
from bench.crowd import Mode
from bench.peers.errors import NotMeasured
from bench.peers.peer import message

EACH = 19_000
"""Viewers of one process: 20,000 files may be open."""
NODE = Path(__file__).with_name("node")


class Broadcaster(ABC):
    """Base of the three; `command` says what to run. One process for each 19,000 viewers, on its own port."""

    name = ""
    about = ""
    most = 1_000_000
    mode: Mode = "text"
    protocol = ""
    headers: Sequence[str] = ()
    path = "/"
    kind = "message"
    others = 0

    def __init__(self) -> None:
        self.ports: Sequence[int] = ()
        self._processes: list[asyncio.subprocess.Process] = []
        self._sent = 0

    @abstractmethod
    async def command(self) -> list[str]:
        """The program that is one broadcaster."""

    def folder(self) -> Path | None:
        """Where it is run."""
        return None

    async def start(self, viewers: int) -> None:
        command = await self.command()
        ports = []
        for _ in range(-(-viewers // EACH)):
            process = await asyncio.create_subprocess_exec(
                *command,
                cwd=self.folder(),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                start_new_session=True,  # a Ctrl-C reaches only us; it ends when its stdin does
            )
            self._processes.append(process)
            assert process.stdout is not None
            try:
                ports.append(int(await asyncio.wait_for(process.stdout.readline(), 30)))
            except (ValueError, TimeoutError):
                raise NotMeasured(f"{self.name} did not start") from None
        self.ports = ports

    def pids(self) -> list[int]:
        return [process.pid for process in self._processes]

    def behind(self) -> list[int]:
        return []

    async def publish(self) -> None:
        line = message().encode() + b"\n"
        self._sent += 1
        for process in self._processes:
            assert process.stdin is not None
            process.stdin.write(line)

    async def accepted(self) -> int:
        sent, self._sent = self._sent, 0
        return sent

    async def stop(self) -> None:
        for process in self._processes:
            if process.stdin is not None:
                process.stdin.close()
        for process in self._processes:
            with suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), 5)
            if process.returncode is None:
                process.kill()
                await process.wait()
        self._processes.clear()


class Floor(Broadcaster):
    """bench/native/floor.c."""

    name = "floor"
    about = (
        "plain C, one send() a viewer; no login, log, order, resume, limits or slow-reader budget"
    )

    async def command(self) -> list[str]:
        return [str(await asyncio.to_thread(built, "floor"))]


class Ws(Broadcaster):
    """Node's `ws`."""

    name = "ws"
    about = "Node, ws 8.23.0, send() in a loop; no login, log, order across processes or resume"
    script = "ws.js"

    def folder(self) -> Path:
        return workshop() / "node"

    async def command(self) -> list[str]:
        return [await installed_node(), str(self.folder() / self.script)]


class SocketIo(Ws):
    """Socket.IO on Node."""

    name = "socket.io"
    about = "Node, Socket.IO 4.8.4, io.emit(); no login, log or resume; its own ping every 25 s"
    script = "socketio.js"
    mode: Mode = "socketio"
    path = "/socket.io/?EIO=4&transport=websocket"


async def installed_node() -> str:
    """The path of Node, with the packages of the peers installed. Raises NotMeasured."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        raise NotMeasured(
            "Node and npm are not here; install them to compare with ws and socket.io"
        )
    folder = workshop() / "node"
    folder.mkdir(exist_ok=True)
    wanted = (NODE / "package.json").read_text()
    for script in ("ws.js", "socketio.js"):
        shutil.copyfile(NODE / script, folder / script)
    versions = json.loads(wanted)["dependencies"]
    if all(_version(folder, name) == version for name, version in versions.items()):
        return node
    (folder / "package.json").write_text(wanted)
    process = await asyncio.create_subprocess_exec(
        *(npm, "install", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"),
        cwd=folder,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        said, _ = await asyncio.wait_for(process.communicate(), 180)
    except TimeoutError:
        process.kill()
        raise NotMeasured("npm did not install ws and socket.io within three minutes") from None
    if process.returncode != 0:
        last = said.decode(errors="replace").strip().splitlines()[-1:]
        raise NotMeasured(f"npm could not install ws and socket.io: {''.join(last)[:200]}")
    return node


def _version(folder: Path, name: str) -> str:
    try:
        text = (folder / "node_modules" / name / "package.json").read_text()
    except OSError:
        return ""
    return str(json.loads(text)["version"])
