"""The peers' own packages, pinned, in a folder of their own: never among ours."""

from __future__ import annotations

import fcntl
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from bench.building import workshop
from bench.peers.errors import NotMeasured

PINS = Path(__file__).with_name("requirements.txt")
STAMP = "livestore-stamp"
PATIENCE = 600.0


def python(say: Callable[[str], None] = lambda line: None) -> Path:
    """The interpreter that has django-oscar and gunicorn; installed from PyPI the first time.

    `NotMeasured` with a sentence when they can not be installed.
    """
    folder = workshop() / "oscar"
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        program = folder / "bin" / "python"
        stamp = folder / STAMP
        if stamp.exists() and stamp.read_text() == PINS.read_text() and program.exists():
            return program
        say("installing the peers' packages (once, about half a minute)")
        shutil.rmtree(folder, ignore_errors=True)
        _run([sys.executable, "-m", "venv", str(folder)])
        _run([str(program), "-m", "pip", "install", "--quiet", "-r", str(PINS)])
        stamp.write_text(PINS.read_text())
        return program


def _run(argv: list[str]) -> None:
    try:
        done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        raise NotMeasured("installing the peers' packages took too long.") from None
    if done.returncode != 0:
        last = (done.stderr or done.stdout).strip().splitlines()[-1:] or ["no reason given"]
        raise NotMeasured(f"the peers' packages could not be installed: {last[0]}")
