"""A whole demo as a subprocess, for tests and benchmarks: the same start that people use."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any

from livestore.stack import records, servers, table
from livestore.stack.door import SERVER_VARIABLES
from livestore.stack.folder import DataFolder
from livestore.stack.listen import free_port


class Demo:
    """`with Demo(data=tmp_path / "data", viewers=5) as demo: ...`; it is ready inside the block.

    Leaving the block stops it as Ctrl-C does. `output` is everything the demo printed.
    """

    def __init__(
        self,
        *,
        data: Path,
        port: int | None = None,
        viewers: int = 5,
        show: bool = True,
        web: int = 2,
        options: tuple[str, ...] = (),
        ready_within: float = 90.0,
    ) -> None:
        self.data = data
        self.port = port or free_port("127.0.0.1", 18000 + os.getpid() % 2000) or 18000
        self.viewers = viewers
        self.show = show
        self.web = web
        self.options = options
        self.ready_within = ready_within
        self.folder = DataFolder(data)
        self.popen: subprocess.Popen[bytes] | None = None
        # Closed, and so removed, when the launcher is forgotten: its output outlives the process.
        self._output = tempfile.NamedTemporaryFile(  # noqa: SIM115
            prefix="livestore-demo-", suffix=".log"
        )

    def __enter__(self) -> Demo:
        self.start()
        try:
            self.wait_ready()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def output(self) -> str:
        return Path(self._output.name).read_text(errors="replace")

    @property
    def supervisor_pid(self) -> int:
        assert self.popen is not None, "the demo was not started"
        return self.popen.pid

    def start(self) -> None:
        """Start without waiting."""
        argv = [sys.executable, "manage.py", "demo", "--data", str(self.data)]
        argv += ["--port", str(self.port), "--web", str(self.web), "--viewers", str(self.viewers)]
        argv += [*([] if self.show else ["--no-show"]), *self.options]
        self.popen = subprocess.Popen(
            argv,
            cwd=table.ROOT,
            env=self._clean_environment(),
            stdin=subprocess.DEVNULL,
            stdout=self._output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=self._before_exec(),
        )

    def _before_exec(self) -> Callable[[], None] | None:
        """What the child does before it becomes the demo."""
        return None

    def wait_ready(self) -> None:
        """Return when the table was printed: web, relay and (unless `show=False`) a live show."""

        def is_up() -> bool:
            if self.popen is not None and self.popen.poll() is not None:
                raise AssertionError(f"the demo ended ({self.popen.returncode}):\n{self.output}")
            state = servers.running(self.folder)
            return bool(state and state.get("ready"))

        self.wait_for(is_up, self.ready_within, "the demo to be ready")

    def wait_for(self, condition: Callable[[], bool], seconds: float, what: str) -> None:
        """Poll a condition; AssertionError with all output when it does not come true in time."""
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end:
                raise AssertionError(f"waited {seconds:.0f} s for {what}:\n{self.output}")
            time.sleep(0.05)

    def pids(self) -> dict[str, int]:
        """Name -> pid of all that live now: postgres, valkey, web-1, web-2, relay, worker, ..."""
        return {r.name: r.pid for r in records.read_all(self.folder.pids) if r.is_running()}

    def kill(self, name: str, number: int = signal.SIGKILL) -> int:
        """Send a signal (-9 unless told) to one process by its name; returns the pid it had."""
        pid = self.pids()[name]
        os.kill(pid, number)
        return pid

    def kill_and_wait_back(self, name: str, seconds: float = 30.0) -> None:
        """Kill -9, then wait until it runs with a new pid and /readyz says yes."""
        old = self.kill(name)

        def is_back() -> bool:
            new = self.pids().get(name)
            return new is not None and new != old and table.get(f"{self.origin}/readyz")[0] == 200

        self.wait_for(is_back, seconds, f"{name} to come back")

    def kill_supervisor(self) -> None:
        """Kill -9 of the supervisor itself; the next start on the folder cleans up."""
        assert self.popen is not None
        self.popen.kill()
        self.popen.wait()

    def environment(self) -> dict[str, str]:
        """The variables for a program that uses this demo's servers."""
        state = servers.running(self.folder)
        assert state is not None, "the demo is not running"
        return servers.environment(state, self.data)

    def manage(self, *argv: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a management command against this demo; its output is in `.stdout`."""
        return subprocess.run(
            [sys.executable, "manage.py", *argv],
            cwd=table.ROOT,
            env={**self._clean_environment(), **self.environment()},
            text=True,
            capture_output=True,
            check=check,
        )

    def log(self, name: str) -> str:
        """What one process wrote since the demo was started."""
        return (self.folder.logs / f"{name}.log").read_text(errors="replace")

    def stop(self, *, seconds: float = 60.0) -> int | None:
        """Stop as SIGTERM does; returns the exit code, 0 when all went well."""
        if self.popen is None:
            return None
        if self.popen.poll() is None:
            self.popen.terminate()
        try:
            return self.popen.wait(seconds)
        except subprocess.TimeoutExpired:
            self.popen.kill()
            self.popen.wait()
            raise AssertionError(
                f"the demo did not stop in {seconds:.0f} s:\n{self.output}"
            ) from None

    def _clean_environment(self) -> dict[str, str]:
        """The tests' own servers must not leak into the demo's."""
        away = {*SERVER_VARIABLES, "LIVESTORE_MODE", "LIVESTORE_DATA", "DJANGO_SETTINGS_MODULE"}
        away |= {"ALLOWED_HOSTS", "LIVESTORE_ORIGINS", "LIVESTORE_PUBLIC_URL"}
        kept: dict[str, Any] = {k: v for k, v in os.environ.items() if k not in away}
        return {**kept, "LIVESTORE_IN_VENV": "1"}
