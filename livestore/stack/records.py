"""Who is running: one small JSON file per process in `run/pids`, checked before anything is killed.

A pid alone is not a name: it is reused. A record also holds the start time in clock ticks
(`/proc/<pid>/stat`, field 22) and the boot it belongs to; only when all agree is the process ours.
"""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Record:
    """One started process. `stop_order` counts up: who stops first has the lowest number."""

    name: str
    pid: int
    started: int
    boot: str
    stop_signal: int
    stop_order: int
    stop_timeout: float

    def is_running(self) -> bool:
        """True when this very process, not a later one with its pid, is alive (a zombie is not)."""
        return self.boot == boot_id() and start_ticks(self.pid) == self.started


def boot_id() -> str:
    """A name for this boot of the machine; pids and ticks mean nothing across boots."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return "unknown"


def start_ticks(pid: int) -> int | None:
    """When the process started, in clock ticks since boot; None when it is gone or a zombie."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    # The name in brackets may hold spaces and brackets itself: count from the last one.
    fields = stat.rpartition(")")[2].split()
    return None if fields[0] in "ZX" else int(fields[19])


def describe(
    name: str, pid: int, *, stop_signal: int, stop_order: int, stop_timeout: float
) -> Record:
    """The record of a process that was just started."""
    ticks = start_ticks(pid)
    return Record(name, pid, ticks or 0, boot_id(), stop_signal, stop_order, stop_timeout)


def write(folder: Path, record: Record) -> None:
    """Store atomically: a reader sees the old record or the new one, never half of it."""
    folder.mkdir(parents=True, exist_ok=True)
    half = folder / f".{record.name}.half"
    half.write_text(json.dumps(asdict(record)))
    half.replace(folder / f"{record.name}.json")


def remove(folder: Path, name: str) -> None:
    (folder / f"{name}.json").unlink(missing_ok=True)


def read_all(folder: Path) -> Iterator[Record]:
    """Every readable record; a damaged one is skipped, it names nobody."""
    for path in sorted(folder.glob("*.json")):
        with suppress(OSError, ValueError, TypeError):
            yield Record(**json.loads(path.read_text()))


def stop_leftovers(folder: Path) -> list[str]:
    """Stop what a killed supervisor left running, in stop order; returns the names of those stopped.

    Call it only while holding the data folder's lock. Processes that are not ours are left alone.
    """
    stopped = []
    for record in sorted(read_all(folder), key=lambda r: (r.stop_order, r.name)):
        if record.is_running():
            stop(record)
            stopped.append(record.name)
        remove(folder, record.name)
    return stopped


def stop(record: Record) -> None:
    """End one recorded process: its own signal first, SIGKILL to its group when it does not go."""
    with suppress(ProcessLookupError):
        os.kill(record.pid, record.stop_signal)
        os.kill(record.pid, signal.SIGCONT)  # a suspended process would never hear the first one
    if wait_gone(record, record.stop_timeout):
        return
    with suppress(ProcessLookupError):
        if os.getpgid(record.pid) == record.pid:
            os.killpg(record.pid, signal.SIGKILL)
        else:
            os.kill(record.pid, signal.SIGKILL)
    wait_gone(record, 5.0)


def wait_gone(record: Record, timeout: float) -> bool:
    """True as soon as the process is gone, False after `timeout` seconds."""
    end = time.monotonic() + timeout
    while record.is_running():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True
