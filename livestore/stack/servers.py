"""PostgreSQL and Valkey for whoever needs them: the demo, one command, the tests.

`DATABASE_URL` and `REDIS_URL` win over the embedded servers, each for itself.
"""

from __future__ import annotations

import fcntl
import os
import signal
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from livestore.stack import records
from livestore.stack.console import Console
from livestore.stack.errors import StackError
from livestore.stack.folder import DataFolder
from livestore.stack.postgres import Postgres, members
from livestore.stack.process import raise_file_limit
from livestore.stack.supervisor import Child, Supervisor
from livestore.stack.valkey import Valkey


class Servers:
    """The two servers of one data folder, run by `supervisor`. The folder must be locked."""

    def __init__(self, folder: DataFolder, supervisor: Supervisor, *, durable: bool = True) -> None:
        self.folder = folder
        self.supervisor = supervisor
        self.durable = durable
        self.database_url = os.environ.get("DATABASE_URL", "")
        self.redis_url = os.environ.get("REDIS_URL", "")
        self.embedded = not (self.database_url and self.redis_url)

    def start(self, console: Console | None = None) -> None:
        """Start what is not named by the environment, both at once, and wait until they answer."""
        sockets = self.folder.make_sockets() if self.embedded else None
        names: list[str] = []
        postgres: Postgres | None = None
        if not self.redis_url:
            assert sockets is not None
            valkey = Valkey(self.folder.path / "valkey", sockets)
            self.supervisor.start(valkey.process())
            self.redis_url = valkey.url
            names.append("valkey")
        elif console:
            console.line("  Valkey: the one that REDIS_URL names")
        if not self.database_url:
            assert sockets is not None
            postgres = Postgres(self.folder.path / "postgres", sockets, durable=self.durable)
            postgres.initialise(self.folder.logs / "initdb.log")
            self.supervisor.start(postgres.process())
            self.database_url = postgres.url
            names.append("postgres")
        elif console:
            console.line("  PostgreSQL: the one that DATABASE_URL names")

        def tell(child: Child, seconds: float) -> None:
            if console:
                console.done(child.process.label, seconds)

        self.supervisor.wait_ready(names, tell)
        if postgres:
            postgres.create_database()

    def state(self, kind: str, **more: Any) -> dict[str, Any]:
        """What `run/servers.json` says about this start."""
        return {
            "kind": kind,
            "pid": os.getpid(),
            "started": records.start_ticks(os.getpid()),
            "boot": records.boot_id(),
            "database_url": self.database_url,
            "redis_url": self.redis_url,
            "secret_key": os.environ.get("SECRET_KEY") or self.folder.secret(),
            **more,
        }


def running(folder: DataFolder) -> dict[str, Any] | None:
    """The state of the servers that run on this folder now, or None."""
    state = folder.read_state()
    if state is None or state.get("boot") != records.boot_id():
        return None
    return state if records.start_ticks(int(state["pid"])) == state["started"] else None


def clean_up(folder: DataFolder) -> list[str]:
    """After a start that was killed: stop what is left over, remove its sockets. Returns names.

    Call it while holding the folder's lock.
    """
    for pid in members(folder.path / "postgres"):
        with suppress(OSError):
            os.kill(
                pid, signal.SIGCONT
            )  # one suspended backend would keep the whole server waiting
    stopped = records.stop_leftovers(folder.pids)
    folder.remove_sockets()
    folder.clear_state()
    return stopped


def environment(state: Mapping[str, Any], folder: Path) -> dict[str, str]:
    """The variables that settings read, for a process that uses these servers."""
    found = {
        "LIVESTORE_MODE": str(state.get("mode", "demo")),
        "DATABASE_URL": str(state["database_url"]),
        "REDIS_URL": str(state["redis_url"]),
        "SECRET_KEY": str(state["secret_key"]),
        "LIVESTORE_DATA": str(folder),
    }
    for key, name in (
        ("allowed_hosts", "ALLOWED_HOSTS"),
        ("origins", "LIVESTORE_ORIGINS"),
        ("origin", "LIVESTORE_PUBLIC_URL"),
        ("internal_url", "LIVESTORE_INTERNAL_URL"),
    ):
        if state.get(key):
            found[name] = str(state[key])
    return found


@contextmanager
def for_a_command(path: Path) -> Iterator[dict[str, str]]:
    """The environment for one management command: of a running demo, else of servers of its own.

    Servers started here stop at the end, but not before other commands that joined them are done.
    """
    folder = DataFolder(path)
    folder.open()
    with (folder.run / "users").open("a") as users:
        if not folder.lock():
            state = _join(folder, users.fileno())
            yield environment(state, path)
            return
        clean_up(folder)
        raise_file_limit()
        supervisor = Supervisor(folder, say=lambda line: None)
        servers = Servers(folder, supervisor)
        try:
            servers.start()
            state = servers.state("command")
            folder.write_state(state)
            yield environment(state, path)
        finally:
            fcntl.flock(users.fileno(), fcntl.LOCK_EX)
            folder.clear_state()
            supervisor.stop_all()
            folder.remove_sockets()
            folder.unlock()


def _join(folder: DataFolder, users: int) -> dict[str, Any]:
    """Somebody else holds the folder: use their servers, waiting while those are starting."""
    fcntl.flock(users, fcntl.LOCK_SH)
    end = time.monotonic() + 60
    while time.monotonic() < end:
        if state := running(folder):
            return state
        time.sleep(0.1)
    raise StackError(
        f"another command holds {folder.path} but its servers did not come up. "
        "Stop it, or name another data folder with --data."
    )
