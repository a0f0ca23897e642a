"""The worker steps back for rooms and buyers, and nobody else is made to."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

AUTOGROUP = Path("/proc/self/autogroup")
SAY = """
import os
from pathlib import Path
from livestore.celery import step_back
step_back()
print(os.nice(0), Path('/proc/self/autogroup').read_text().split()[-1])
"""


def grouped() -> bool:
    """Whether this process is grouped by session: within a CPU cgroup of its own it is not, and the file is empty."""
    return AUTOGROUP.exists() and bool(AUTOGROUP.read_text().strip())


pytestmark = pytest.mark.skipif(not grouped(), reason="processes are not grouped by session here")


def said(*, own_session: bool) -> list[int]:
    done = subprocess.run(
        [sys.executable, "-c", SAY],
        start_new_session=own_session,
        capture_output=True,
        text=True,
        check=True,
    )
    return [int(word) for word in done.stdout.split()]


def test_the_whole_session_of_a_worker_steps_back() -> None:
    """Niceness alone counts within the worker's own session, where nobody else is."""
    assert said(own_session=True) == [os.nice(0) + 5, 5]


def test_a_worker_in_somebodys_terminal_leaves_the_terminal_alone() -> None:
    before = AUTOGROUP.read_text().split()[-1]
    assert said(own_session=False) == [os.nice(0) + 5, int(before)]
    assert AUTOGROUP.read_text().split()[-1] == before
