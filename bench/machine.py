"""The machine, and what processes use of it: CPU time by the kernel's scheduler, memory by its page counts."""

from __future__ import annotations

import os
import platform
import subprocess
import time
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from livestore.stack.table import ROOT

PAGE = os.sysconf("SC_PAGE_SIZE")
TICK = os.sysconf("SC_CLK_TCK")
PACKAGES = (
    "django",
    "channels",
    "channels-redis",
    "daphne",
    "twisted",
    "autobahn",
    "psycopg",
    "redis",
)


def describe() -> dict[str, str | int]:
    """What a figure depends on: processor, cores, memory, kernel, versions, the commit."""
    import resource

    found: dict[str, str | int] = {
        "processor": _first("/proc/cpuinfo", "model name"),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gib": round(os.sysconf("SC_PHYS_PAGES") * PAGE / 2**30),
        "kernel": platform.release(),
        "open_files": resource.getrlimit(resource.RLIMIT_NOFILE)[1],
        "python": platform.python_version(),
        "commit": _said(("git", "-C", str(ROOT), "describe", "--always", "--dirty")),
        "cc": _said(("cc", "-dumpfullversion")),
        "node": _said(("node", "--version")),
    }
    for name in PACKAGES:
        with suppress(PackageNotFoundError):
            found[name] = version(name)
    return found


def _first(path: str, key: str) -> str:
    with suppress(OSError):
        for line in Path(path).read_text().splitlines():
            if line.startswith(key):
                return line.partition(":")[2].strip()
    return "unknown"


def _said(command: tuple[str, ...]) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=10)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip()


@dataclass(frozen=True)
class Usage:
    """What some processes had used at one moment: `at` and `cpu` in nanoseconds, `rss` in bytes."""

    at: int
    cpu: Mapping[int, int] = field(default_factory=dict)
    rss: Mapping[int, int] = field(default_factory=dict)

    @property
    def memory(self) -> int:
        return sum(self.rss.values())


@dataclass(frozen=True)
class Spent:
    """Between two looks: `seconds` of wall time, `cpu` seconds; `share` is the part of one core."""

    seconds: float
    cpu: float

    @property
    def share(self) -> float:
        return self.cpu / self.seconds if self.seconds else 0.0


def look(pids: Iterable[int]) -> Usage:
    """CPU and memory of these processes and all their children, now. Who has gone is left out."""
    cpu: dict[int, int] = {}
    rss: dict[int, int] = {}
    for pid in pids:
        for each in (pid, *_descendants(pid)):
            with suppress(OSError, ValueError, IndexError):
                cpu[each] = _cpu(each)
                rss[each] = int(Path(f"/proc/{each}/statm").read_text().split()[1]) * PAGE
    return Usage(time.monotonic_ns(), cpu, rss)


def spent(before: Usage, after: Usage) -> Spent:
    """What was used between two looks at the same processes; a process that is new counts from its start."""
    used = sum(ns - before.cpu.get(pid, 0) for pid, ns in after.cpu.items())
    return Spent((after.at - before.at) / 1e9, max(0, used) / 1e9)


def _cpu(pid: int) -> int:
    """Nanoseconds on a processor, all threads; children that have ended and were waited for by ticks."""
    total = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        with suppress(OSError):  # a thread may end while we look
            total += int((task / "schedstat").read_text().split()[0])
    # After the name, which may hold spaces: the fields from `state` on; 13 and 14 are cutime and cstime.
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return total + (int(fields[13]) + int(fields[14])) * 1_000_000_000 // TICK


def _descendants(pid: int) -> list[int]:
    found: list[int] = []
    with suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                found += [int(child), *_descendants(int(child))]
    return found


def slab() -> int:
    """Bytes of the kernel's own small objects, sockets among them."""
    with suppress(OSError):
        for line in Path("/proc/meminfo").read_text().splitlines():
            if line.startswith("Slab:"):
                return int(line.split()[1]) * 1024
    return 0


def established(port: int, sources: Collection[str]) -> int:
    """Connections of a local server with clients at these IPv4 addresses that it has not closed.

    A client that never reads does not hear of a goodbye; the kernel knows that one was said.
    """
    found = 0
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        _, local, remote, state = line.split()[:4]
        address = ".".join(str(byte) for byte in bytes.fromhex(remote[:8])[::-1])
        if int(local[9:], 16) == port and state == "01" and address in sources:
            found += 1
    return found
