"""A process of the stack as data: what to run, how to see that it is ready, how it stops."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from livestore.stack import privilege


@dataclass(frozen=True)
class Process:
    """One row of the process table. Times are seconds."""

    name: str
    argv: tuple[str, ...]
    stop_order: int
    """Who stops first has the lowest number; equal numbers stop together."""
    ready: Callable[[int], bool] | None = None
    """Asked with the pid until it says yes; None means ready once it has lived for `settles`."""
    settles: float = 1.5
    stop_signal: signal.Signals = signal.SIGTERM
    stop_timeout: float = 10.0
    ready_timeout: float = 60.0
    env: Mapping[str, str] = field(default_factory=dict)
    pass_fds: tuple[int, ...] = ()
    cwd: Path | None = None
    before: Callable[[], None] | None = None
    """Runs in the supervisor before every start, for instance to clear a stale lock file."""
    way: privilege.Way = privilege.Way.DIRECT
    server: bool = False
    """PostgreSQL and Valkey: the others wait for them before they are started again."""
    title: str = ""
    """How people know it; the name when empty."""

    @property
    def label(self) -> str:
        return self.title or self.name


def spawn(process: Process, log: Path) -> subprocess.Popen[bytes]:
    """Start it in a session of its own (Ctrl-C reaches only us), output appended to its log."""
    with log.open("ab") as output:
        return subprocess.Popen(
            process.argv,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=process.cwd,
            env={**os.environ, **process.env},
            pass_fds=process.pass_fds,
            start_new_session=True,
            preexec_fn=privilege.before_exec(process.way, process.stop_signal),
        )


def raise_file_limit() -> None:
    """Every open socket is a file: use all that the system grants this user."""
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        # An unlimited hard limit is refused by some kernels; then the soft one stays.
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
