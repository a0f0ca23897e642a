"""Real processes for tests: a web server on a socket that this process opened, and the relay."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.db import connection

from livestore.stack.table import is_accepting

ROOT = settings.ROOT


def environment(**more: str) -> dict[str, str]:
    """The environment of this process, with the test database in place of the ordinary one."""
    values: Mapping[str, Any] = connection.settings_dict
    login = quote(str(values["USER"])) + (
        f":{quote(str(values['PASSWORD']))}" if values["PASSWORD"] else ""
    )
    url = f"postgresql://{login}@/{values['NAME']}?host={values['HOST']}"
    if values["HOST"] and not str(values["HOST"]).startswith("/"):
        url = f"postgresql://{login}@{values['HOST']}:{values['PORT'] or 5432}/{values['NAME']}"
    return {
        **os.environ,
        "DATABASE_URL": url,
        "REDIS_URL": settings.REDIS_URL,
        "LIVESTORE_MODE": "test",
        "LIVESTORE_IN_VENV": "1",
        "PYTHONUNBUFFERED": "1",
        **more,
    }


def listening() -> socket.socket:
    """A listening socket on a free port of this machine, to be inherited."""
    opened = socket.socket()
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    opened.bind(("127.0.0.1", 0))
    opened.listen(1024)
    opened.setblocking(False)
    return opened


class WebProcess:
    """`python -m livestore.web` on an inherited socket. `output` is what it wrote.

    `fast` is whether rooms take their sockets over; `program` and `more` (of the environment) are for tests that
    look inside.
    """

    def __init__(
        self,
        opened: socket.socket,
        log: Any,
        *,
        fast: bool = True,
        program: str = "livestore.web",
        **more: str,
    ) -> None:
        self.port: int = opened.getsockname()[1]
        self.fd = opened.fileno()
        self.log = log
        self.process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                program,
                "--fd",
                str(opened.fileno()),
                "livestore.asgi:application",
            ],
            cwd=ROOT,
            env=environment(
                LIVESTORE_ORIGINS=self.origin, LIVESTORE_FAST_SOCKETS=str(int(fast)), **more
            ),
            pass_fds=[opened.fileno()],
            stdout=log,
            stderr=subprocess.STDOUT,
        )

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def wait_ready(self, seconds: float = 60) -> None:
        """Until it answers. Several may share one socket: then it must itself be waiting for connections."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and self.process.poll() is None:
            if not is_accepting(self.fd, self.process.pid):
                time.sleep(0.02)
                continue
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=5) as probe:
                    probe.settimeout(30)
                    probe.sendall(
                        b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
                    )
                    if b" 200 " in probe.recv(200):
                        return
            except OSError:
                pass
            time.sleep(0.05)
        self.log.seek(0)
        raise AssertionError(f"the web server did not start: {self.log.read()}")

    def terminate(self, timeout: float = 15) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout)

    def kill(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()


def relay_process(log: Any) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "manage.py", "relay"],
        cwd=ROOT,
        env=environment(),
        stdout=log,
        stderr=subprocess.STDOUT,
    )
