"""A pid is killed only when it is certainly the process that we started."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from livestore.stack import records


@pytest.fixture
def stranger() -> Iterator[subprocess.Popen[bytes]]:
    """Somebody else's process, to be left in peace."""
    process = subprocess.Popen(["sleep", "60"])
    yield process
    process.kill()
    process.wait()


def record_of(
    process: subprocess.Popen[bytes], name: str = "web-1", order: int = 10
) -> records.Record:
    return records.describe(
        name, process.pid, stop_signal=signal.SIGTERM, stop_order=order, stop_timeout=2.0
    )


def finish(child: subprocess.Popen[bytes]) -> int:
    with child:
        return child.wait(5)


def test_a_running_process_is_known_by_its_pid_start_time_and_boot(
    stranger: subprocess.Popen[bytes],
) -> None:
    record = record_of(stranger)
    assert record.is_running()
    assert not replace(record, started=record.started + 1).is_running()
    assert not replace(record, boot="another boot").is_running()


def test_a_reused_pid_is_never_killed(tmp_path: Path, stranger: subprocess.Popen[bytes]) -> None:
    theirs = record_of(stranger)
    records.write(tmp_path, replace(theirs, started=theirs.started - 500))
    assert records.stop_leftovers(tmp_path) == []
    assert stranger.poll() is None
    assert list(records.read_all(tmp_path)) == []


def test_leftovers_are_stopped_in_their_order(tmp_path: Path) -> None:
    log = tmp_path / "log"
    program = f"trap 'echo $0 >> {log}; exit 0' TERM; echo up; while :; do sleep 0.02; done"
    started = []
    for name, order in (("postgres", 70), ("relay", 50), ("web-1", 40)):
        child = subprocess.Popen(["sh", "-c", program, name], stdout=subprocess.PIPE)
        assert child.stdout is not None
        child.stdout.readline()
        records.write(tmp_path, record_of(child, name, order))
        started.append(child)
    stopped = records.stop_leftovers(tmp_path)
    assert stopped == ["web-1", "relay", "postgres"]
    assert log.read_text().split() == stopped
    for child in started:
        assert finish(child) == 0


def test_a_leftover_that_ignores_its_signal_is_killed(tmp_path: Path) -> None:
    program = "trap '' TERM; echo up; while :; do sleep 0.02; done"
    child = subprocess.Popen(["sh", "-c", program], stdout=subprocess.PIPE, start_new_session=True)
    assert child.stdout is not None
    child.stdout.readline()
    records.write(tmp_path, replace(record_of(child), stop_timeout=0.2))
    assert records.stop_leftovers(tmp_path) == ["web-1"]
    assert finish(child) == -signal.SIGKILL


def test_a_zombie_counts_as_gone() -> None:
    child = subprocess.Popen(["sleep", "60"])
    record = record_of(child)
    os.kill(child.pid, signal.SIGKILL)
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)  # dead, and not yet reaped
    assert not record.is_running()
    child.wait()


def test_a_damaged_record_names_nobody(tmp_path: Path) -> None:
    (tmp_path / "web-1.json").write_text('{"name": "web-1", "pid"')
    assert list(records.read_all(tmp_path)) == []
    assert records.stop_leftovers(tmp_path) == []
