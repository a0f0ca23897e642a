"""The small C programs of bench/native, compiled at first use and kept in the data folder."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from functools import cache
from pathlib import Path

from livestore.stack.errors import StackError
from livestore.stack.folder import DataFolder
from livestore.stack.table import ROOT

NATIVE = Path(__file__).with_name("native")
FLAGS = ("-O2", "-std=gnu11")
PROGRAMS = {
    "crowd": ("crowd.c", "sockets.c", "websocket.c", "room.c", "sending.c"),
    "floor": ("floor.c",),
    "posts": ("posts.c",),
}


def compiler() -> str | None:
    """The C compiler of this machine, None without one."""
    return shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")


def workshop() -> Path:
    """Where benchmarks keep what they build and install: `.livestore/bench`."""
    # Opened as a data folder: with other things in it and without its marker the demo would refuse it.
    DataFolder(ROOT / ".livestore").open()
    folder = ROOT / ".livestore" / "bench"
    folder.mkdir(exist_ok=True)
    return folder


@cache
def built(name: str) -> Path:
    """The compiled program; compiled when a source is new. Raises StackError with one sentence."""
    sources = [NATIVE / source for source in PROGRAMS[name]]
    digest = hashlib.sha256(" ".join(FLAGS).encode())
    for path in (*sources, *sorted(NATIVE.glob("*.h"))):
        digest.update(path.read_bytes())
    program = workshop() / f"{name}-{digest.hexdigest()[:16]}"
    if program.exists():
        return program
    found = compiler()
    if found is None:
        raise StackError(
            "the load generator is a small C program, and there is no compiler here. "
            "Install one (Debian and Ubuntu: apt install gcc libc6-dev) and try again."
        )
    half = program.with_suffix(f".{os.getpid()}")
    command = [found, *FLAGS, "-o", str(half), *map(str, sources)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise StackError(f"{name} can not be compiled:\n{done.stderr.strip()[-2000:]}")
    half.replace(program)  # two first uses at once: both are the same program
    return program
