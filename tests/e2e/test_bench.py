"""`manage.py bench` as people run it: it measures the whole platform, and leaves nothing behind."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from livestore.stack.door import SERVER_VARIABLES
from livestore.stack.table import ROOT

pytestmark = pytest.mark.skipif(
    shutil.which("cc") is None,
    reason="the load generator is C and there is no compiler on this machine",
)
FANOUT = ("fanout", "--viewers", "40", "--only", "ours,floor", "--runs", "1", "--seconds", "1")


@pytest.fixture
def folder() -> Iterator[Path]:
    """Everything temporary of one run; a short name, because paths of sockets end at 107 bytes."""
    path = Path(tempfile.mkdtemp(prefix="b-"))
    yield path
    shutil.rmtree(path, ignore_errors=True)


def start(folder: Path, *options: str) -> subprocess.Popen[str]:
    away = {*SERVER_VARIABLES, "LIVESTORE_MODE", "LIVESTORE_DATA", "DJANGO_SETTINGS_MODULE"}
    kept = {name: value for name, value in os.environ.items() if name not in away}
    return subprocess.Popen(
        [sys.executable, "manage.py", "bench", *FANOUT, *options],
        cwd=ROOT,
        env={**kept, "LIVESTORE_IN_VENV": "1", "TMPDIR": str(folder)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def alive(folder: Path) -> list[int]:
    """Processes that were started with this temporary folder and are not yet gone."""
    found = []
    mark = f"TMPDIR={folder}\0".encode()
    for path in Path("/proc").glob("[0-9]*"):
        try:
            if mark in (path / "environ").read_bytes() and " Z " not in _stat(path):
                found.append(int(path.name))
        except OSError:
            continue
    return found


def _stat(path: Path) -> str:
    return (path / "stat").read_text().rpartition(")")[2][:3]


def wait_for(condition: Callable[[], object], seconds: float) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_ours_and_the_floor_are_measured_in_one_call(folder: Path) -> None:
    kept = folder / "fanout.json"
    run = start(folder, "--json", str(kept), "--plot", str(folder / "fanout.svg"))
    said, _ = run.communicate(timeout=240)
    assert run.returncode in {0, 3}, said
    found = json.loads(kept.read_text())
    rows = {row["name"]: row["median"] for row in found["rows"]}
    assert list(rows) == ["ours", "floor"]
    for row in rows.values():
        assert row["viewers"] == 40
        assert row["cpu_us"] > 0
        assert 0 < row["p50"] <= row["p99"] <= row["last"] + 1
        assert (row["lost"], row["steady_lost"], row["log_faults"], row["dropped"]) == (0, 0, 0, 0)
    assert rows["ours"]["pin_lost"] == 0
    assert "One message to 40 viewers" in said
    assert (folder / "fanout.svg").read_text().startswith("<svg")
    assert not list(folder.glob("livestore-*"))
    assert not alive(folder)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_nothing_goes_on_when_it_is_stopped(folder: Path, number: signal.Signals) -> None:
    run = start(folder)
    wait_for(lambda: list(folder.glob("livestore-bench-*/data/run/pids/valkey.json")), 60)
    assert len(alive(folder)) > 1
    run.send_signal(number)
    run.communicate(timeout=90)
    assert run.returncode == (-9 if number == signal.SIGKILL else 130)
    wait_for(lambda: not alive(folder), 60)
