"""Stand-ins: tiny processes and short-lived data folders in place of the real stack."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from livestore.stack.folder import DataFolder
from livestore.stack.process import Process
from livestore.stack.supervisor import Supervisor

FOREVER = "import signal; print('up', flush=True); signal.pause()"


@pytest.fixture(autouse=True)
def clean_valkey() -> None:
    """These tests use no shared Valkey."""


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    made = DataFolder(tmp_path / "data")
    made.open()
    assert made.lock()
    return made


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def supervisor(folder: DataFolder, said: list[str]) -> Iterator[Supervisor]:
    made = Supervisor(folder, said.append)
    yield made
    made.stop_all()


def stand_in(name: str, program: str = FOREVER, **more: object) -> Process:
    """A process of the table that runs a few lines of Python."""
    fields: dict[str, object] = {"stop_order": 10, "settles": 0.0, "stop_timeout": 5.0, **more}
    return Process(name=name, argv=(sys.executable, "-S", "-c", program), **fields)  # type: ignore[arg-type]
