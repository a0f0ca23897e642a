"""The same web server twice: with the thin door, and with all orders through Django."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.shop.buying import faults
from tests.streams.room.server import WebProcess, listening
from tests.thin.doors import Doors
from tests.thin.stage import Stage, set_stage


@contextmanager
def web(folder: Path, **environment: str) -> Iterator[WebProcess]:
    name = "-".join(environment.values())
    with listening() as opened, (folder / f"web-{name}.log").open("w+") as log:
        # Only while it starts: this process lives as long as all tests do, and others start web servers too.
        with pytest.MonkeyPatch.context() as patch:
            for key, value in environment.items():
                patch.setenv(key, value)
            process = WebProcess(opened, log)
        try:
            process.wait_ready()
            yield process
        finally:
            process.kill()


@contextmanager
def both(folder: Path, *, behind_tls: bool) -> Iterator[Doors]:
    tls = "1" if behind_tls else "0"
    with (
        web(folder, LIVESTORE_THIN_ORDERS="1", LIVESTORE_BEHIND_TLS=tls) as thin,
        web(folder, LIVESTORE_THIN_ORDERS="0", LIVESTORE_BEHIND_TLS=tls) as django,
    ):
        yield Doors(thin.port, django.port)


@pytest.fixture(scope="module")
def plain_doors(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Doors]:
    with (
        django_db_blocker.unblock(),
        both(tmp_path_factory.mktemp("doors"), behind_tls=False) as it,
    ):
        yield it


@pytest.fixture(scope="module")
def tls_doors(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Doors]:
    with django_db_blocker.unblock(), both(tmp_path_factory.mktemp("tls"), behind_tls=True) as it:
        yield it


@pytest.fixture
def stage(plain_doors: Doors) -> Iterator[Stage]:
    yield set_stage(plain_doors)
    assert faults() == []
