"""This process as the system sees it: its name, processor time, memory, open files, pauses and lag."""

from __future__ import annotations

import asyncio
import gc
import os
import re
import resource
import socket
import time
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from prometheus_client import Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

from livestore.base.metrics import REGISTRY

_host = re.sub(r"[^A-Za-z0-9.-]", "-", socket.gethostname())
_role = "python"


def take_role(role: str) -> None:
    """Say what this process is; LIVESTORE_PROCESS (`web-2`), which tells one from the other, goes before."""
    global _role
    _role = re.sub(r"[^A-Za-z0-9_.-]", "-", os.environ.get("LIVESTORE_PROCESS") or role)[:40]


def name() -> str:
    """`role:host:pid`"""
    return f"{_role}:{_host}:{os.getpid()}"


def open_files() -> int:
    """How many descriptors are open. Linux from 6.2 on says it without a list of 20,000 names."""
    with suppress(OSError):
        return os.stat("/proc/self/fd").st_size or len(os.listdir("/proc/self/fd"))
    return 0


def memory() -> int:
    """Resident bytes; where /proc is missing, the most there ever were."""
    with suppress(OSError), open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * resource.getpagesize()
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


class Pauses:
    """How long the garbage collector has stopped everything.

    Plain numbers, no figure with a lock: a collection may begin inside of any line, also one that holds that lock.
    """

    def __init__(self) -> None:
        self.total = 0.0
        self.longest = 0.0
        self.full = 0
        self._began = 0.0

    def __call__(self, phase: str, info: dict[str, Any]) -> None:
        if phase == "start":
            self._began = time.perf_counter()
            return
        took = time.perf_counter() - self._began
        self.total += took
        self.longest = max(self.longest, took)
        self.full += info["generation"] == 2


class LoopLag:
    """How late the event loop does what it was asked to do at a certain time. Four looks a second."""

    EVERY = 0.25
    KEPT = 40
    """Looks that are remembered: 10 s."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._late: deque[float] = deque([0.0], maxlen=self.KEPT)
        self._due = loop.time() + self.EVERY
        self._timer: asyncio.Handle = loop.call_at(self._due, self._look)

    def _look(self) -> None:
        now = self._loop.time()
        self._late.append(now - self._due)
        self._due = now + self.EVERY
        self._timer = self._loop.call_at(self._due, self._look)

    def worst(self) -> float:
        """Seconds, of the last 10 s; also of a look that has not happened yet. From any thread."""
        return max(0.0, *self._late.copy(), self._loop.time() - self._due)

    def stop(self) -> None:
        self._timer.cancel()


class Figures:
    """The collector of what stands above."""

    def __init__(self) -> None:
        self.pauses = Pauses()
        self.lag: LoopLag | None = None
        gc.callbacks.append(self.pauses)

    def collect(self) -> Iterator[Metric]:
        times = os.times()
        yield _counter("process_cpu_seconds", "Processor time.", times.user + times.system)
        yield _gauge("process_resident_memory_bytes", "Memory in RAM.", memory())
        yield _gauge("process_open_fds", "Open files; each socket is one.", open_files())
        limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        yield _gauge("process_max_fds", "How many files may be open.", limit)
        pauses = self.pauses
        yield _counter("livestore_gc_pause_seconds", "Time in garbage collections.", pauses.total)
        yield _gauge("livestore_gc_pause_max_seconds", "The longest one so far.", pauses.longest)
        yield _counter("livestore_gc_full_collections", "Collections of everything.", pauses.full)
        if self.lag is not None:
            worst = self.lag.worst()
            yield _gauge("livestore_loop_lag_max_seconds", "Latest start in 10 s.", worst)


def _counter(name: str, text: str, value: float) -> Metric:
    return CounterMetricFamily(name, text, value)


def _gauge(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(name, text, value)


figures = Figures()
REGISTRY.register(figures)
