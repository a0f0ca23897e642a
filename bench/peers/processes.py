"""A peer's server as a process: started, waited for, and stopped whatever happens."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from bench.peers.errors import NotMeasured
from livestore.stack import privilege
from livestore.stack.table import ROOT

AWAY = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "DJANGO_SETTINGS_MODULE", "LIVESTORE_MODE")


def environment(**more: str) -> dict[str, str]:
    """Ours without what names our own servers and settings, and with `more`."""
    kept = {name: value for name, value in os.environ.items() if name not in AWAY}
    return {**kept, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", **more}


@contextmanager
def serving(
    argv: Sequence[str], *, env: Mapping[str, str], port: int, within: float = 30.0
) -> Iterator[int]:
    """The pid of a server that listens on 127.0.0.1:port. `NotMeasured` when it does not come up."""
    with tempfile.TemporaryFile() as output:
        server = subprocess.Popen(
            argv,
            cwd=ROOT,
            env=dict(env),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            # It ends with us, also when we are killed.
            preexec_fn=privilege.before_exec(privilege.Way.DIRECT, signal.SIGTERM),
        )
        try:
            end = time.monotonic() + within
            while not _answers(port):
                if server.poll() is not None or time.monotonic() > end:
                    output.seek(0)
                    last = output.read().decode(errors="replace").strip().splitlines()[-1:]
                    raise NotMeasured(f"{Path(argv[0]).name} did not come up: {''.join(last)}")
                time.sleep(0.05)
            yield server.pid
        finally:
            _stop(server)


def _answers(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


def _stop(server: subprocess.Popen[bytes]) -> None:
    """SIGTERM, then -9 to its whole session, which is the server and its own children."""
    if server.poll() is None:
        server.terminate()
        with suppress(subprocess.TimeoutExpired):
            server.wait(10)
    with suppress(ProcessLookupError):
        os.killpg(server.pid, signal.SIGKILL)
    server.wait()
