"""Starts the process table in order, watches it, starts again what dies, stops it in order.

One thread. SIGCHLD, SIGINT and SIGTERM only wake the loop; everything else happens in it.
"""

from __future__ import annotations

import os
import select
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from types import FrameType

from livestore.stack import records
from livestore.stack.errors import Interrupted, StackError
from livestore.stack.folder import DataFolder, last_lines, rotate
from livestore.stack.process import Process, spawn

BACK_OFF = (0.0, 0.5, 1.0, 2.0, 4.0)
"""Seconds to wait before the n-th start in a row of a process that died before it was ready."""
GIVE_UP_AFTER = 5
GIVE_UP_AT_START = 2
LIVED = 10.0
"""A process that ends by itself within this many seconds died at once, ready or not."""


@dataclass
class Child:
    """A row of the table and what became of it."""

    process: Process
    popen: subprocess.Popen[bytes] | None = None
    since: float = 0.0
    ready: bool = False
    was_up: bool = False
    quick_deaths: int = 0
    start_at: float | None = None
    restarts: int = 0

    @property
    def pid(self) -> int | None:
        return self.popen.pid if self.popen else None


class Supervisor:
    """Owns the children of one data folder. `say` gets the lines for people."""

    def __init__(self, folder: DataFolder, say: Callable[[str], None]) -> None:
        self.folder = folder
        self.say = say
        self.children: dict[str, Child] = {}
        self.interrupts = 0
        self._old: list[tuple[int, object]] = []
        self._wake_r, self._wake_w = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)

    # -- signals ----------------------------------------------------------------------------------

    def listen(self) -> None:
        """Take over SIGINT, SIGTERM and SIGHUP: the first stops in order, a second one hurries."""
        signal.set_wakeup_fd(self._wake_w, warn_on_full_buffer=False)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if number == signal.SIGHUP and signal.getsignal(number) is signal.SIG_IGN:
                continue  # started with nohup: a closed terminal shall not stop it
            self._old.append((number, signal.signal(number, self._interrupted)))
        self._old.append((signal.SIGCHLD, signal.signal(signal.SIGCHLD, lambda *_: None)))

    def unlisten(self) -> None:
        signal.set_wakeup_fd(-1)
        for number, handler in self._old:
            signal.signal(number, handler)  # type: ignore[arg-type]
        self._old.clear()

    def _interrupted(self, number: int, frame: FrameType | None) -> None:
        self.interrupts += 1

    def _sleep(self, seconds: float) -> None:
        """Wait, but not longer than to the next signal or death of a child."""
        ready, _, _ = select.select([self._wake_r], [], [], max(0.0, seconds))
        if ready:
            with suppress(BlockingIOError):
                os.read(self._wake_r, 4096)

    # -- starting ---------------------------------------------------------------------------------

    def start(self, process: Process) -> None:
        """Start a process; its log begins empty, earlier ones are kept beside it."""
        rotate(self.folder.logs / f"{process.name}.log")
        self.children[process.name] = child = Child(process)
        self._spawn(child)

    def _spawn(self, child: Child) -> None:
        process = child.process
        if process.before:
            process.before()
        child.start_at = None
        child.ready = False
        child.popen = spawn(process, self.folder.logs / f"{process.name}.log")
        child.since = time.monotonic()
        record = records.describe(
            process.name,
            child.popen.pid,
            stop_signal=process.stop_signal,
            stop_order=process.stop_order,
            stop_timeout=process.stop_timeout,
        )
        records.write(self.folder.pids, record)

    def wait_ready(
        self, names: Iterable[str], done: Callable[[Child, float], None] | None = None
    ) -> None:
        """Wait until all are ready. Raises StackError with the last lines, or Interrupted."""
        waiting = [self.children[name] for name in names]
        began = time.monotonic()
        while waiting:
            self._check_interrupt()
            self.tend()
            for child in list(waiting):
                if child.ready:
                    waiting.remove(child)
                    if done:
                        done(child, time.monotonic() - began)
                elif time.monotonic() - began > child.process.ready_timeout:
                    raise self._failure(child, "was not ready in time")
            if waiting:
                self._sleep(0.03)

    def run_once(self, process: Process) -> None:
        """Run a process that ends by itself. Raises StackError when it fails, or Interrupted."""
        self.start(process)
        child = self.children[process.name]
        assert child.popen is not None
        while (code := child.popen.poll()) is None:
            if self.interrupts:
                self._end([child])
                raise Interrupted
            self._tend_others(child)
            self._sleep(0.1)
        del self.children[process.name]
        records.remove(self.folder.pids, process.name)
        if code != 0:
            raise self._failure(child, f"ended with exit code {code}")

    def _tend_others(self, but: Child) -> None:
        for child in list(self.children.values()):
            if child is not but:
                self._tend_one(child)

    def _check_interrupt(self) -> None:
        if self.interrupts:
            raise Interrupted

    # -- watching ---------------------------------------------------------------------------------

    def run(self) -> None:
        """Watch until asked to stop. Raises StackError when a process can not be kept alive."""
        while not self.interrupts:
            self.tend()
            busy = any(not c.ready or c.start_at is not None for c in self.children.values())
            self._sleep(0.1 if busy else 5.0)

    def tend(self) -> None:
        """One look at every child: reap, start again when due, ask whether it is ready."""
        for child in list(self.children.values()):
            self._tend_one(child)

    def _tend_one(self, child: Child) -> None:
        now = time.monotonic()
        if child.popen is not None and (code := child.popen.poll()) is not None:
            self._died(child, code, now)
        if child.start_at is not None:
            if now >= child.start_at and (child.process.server or self._servers_ready()):
                child.restarts += 1
                self._spawn(child)
        elif not child.ready and child.pid is not None:
            check = child.process.ready
            child.ready = check(child.pid) if check else now - child.since > child.process.settles
            if child.ready:
                child.was_up = True
                if child.restarts:
                    self.say(f"{child.process.label} is back (pid {child.pid})")

    def _died(self, child: Child, code: int, now: float) -> None:
        """Poll has reaped it, which PostgreSQL needs before the next start; note it and plan that."""
        was_ready, child.popen, child.ready = child.ready, None, False
        records.remove(self.folder.pids, child.process.name)
        # Whoever is killed from outside has not failed; whoever leaves soon after the start has.
        if was_ready and (code in (-signal.SIGKILL, -signal.SIGTERM) or now - child.since > LIVED):
            child.quick_deaths = 0
        elif child.process.server or self._servers_ready():
            child.quick_deaths += 1  # an app that fails while its database is away has not failed
        limit = GIVE_UP_AFTER if child.was_up else GIVE_UP_AT_START
        if child.quick_deaths >= limit:
            raise self._failure(child, f"died {limit} times in a row")
        wait = BACK_OFF[min(child.quick_deaths, len(BACK_OFF) - 1)]
        child.start_at = now + wait
        how = f"was killed by {_signal_name(-code)}" if code < 0 else f"ended with exit code {code}"
        again = f"in {wait:.1f} s" if wait else "now"
        self.say(f"{child.process.label} {how}, starting it again {again}")

    def _servers_ready(self) -> bool:
        return all(c.ready for c in self.children.values() if c.process.server)

    def _failure(self, child: Child, what: str) -> StackError:
        log = self.folder.logs / f"{child.process.name}.log"
        lines = [f"    {line}" for line in last_lines(log)] or ["    (it wrote nothing)"]
        return StackError(
            "\n".join([f"{child.process.label} {what}. Its last lines ({log}):", *lines])
        )

    # -- stopping ---------------------------------------------------------------------------------

    def stop_all(self, tell: Callable[[str], None] | None = None) -> None:
        """Stop everything in stop order; each group is gone before the next is asked to go."""
        orders = sorted({c.process.stop_order for c in self.children.values()})
        for order in orders:
            group = [c for c in self.children.values() if c.process.stop_order == order]
            if tell and any(c.popen for c in group):
                tell(", ".join(c.process.label for c in group))
            self._end(group)
            for child in group:
                self.children.pop(child.process.name, None)

    def _end(self, group: Sequence[Child]) -> None:
        """Signal, wait, and kill what does not go; a second Ctrl-C shortens the wait for apps."""
        alive = [c for c in group if c.popen is not None and c.popen.poll() is None]
        for child in alive:
            assert child.popen is not None
            child.popen.send_signal(child.process.stop_signal)
            child.popen.send_signal(signal.SIGCONT)  # a suspended process would not hear the first
        began = time.monotonic()
        while alive:
            alive = [c for c in alive if c.popen is not None and c.popen.poll() is None]
            for child in alive:
                # The servers write their data while stopping: they are never hurried.
                impatient = self.interrupts > 1 and not child.process.server
                if impatient or time.monotonic() - began > child.process.stop_timeout:
                    self._kill(child)
            if alive:
                self._sleep(0.05)
        for child in group:
            records.remove(self.folder.pids, child.process.name)

    def _kill(self, child: Child) -> None:
        assert child.popen is not None
        self.say(f"{child.process.label} did not stop and was killed")
        with suppress(ProcessLookupError):
            os.killpg(child.popen.pid, signal.SIGKILL)
        child.popen.wait()


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
