"""A part store of a test's own, and takes that are sent there."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redis
from django.conf import settings

from streams.video.path.feed import connect
from streams.video.path.orders import TakeOrder
from tests.streams.room.test_outage import OwnValkey

Orders = Callable[..., TakeOrder]


@pytest.fixture
def own_store() -> Iterator[OwnValkey]:
    """A Valkey that may be killed."""
    folder = Path(tempfile.mkdtemp(prefix="lv", dir="/tmp"))  # a socket's path is short
    server = OwnValkey(folder)
    yield server
    server.kill()
    shutil.rmtree(folder)


@pytest.fixture
def store() -> Iterator[redis.Redis]:
    client = connect(settings.VIDEO_REDIS_URL)
    yield client
    client.close()


@pytest.fixture
def order(tmp_path: Path) -> Orders:
    def made(**changes: object) -> TakeOrder:
        usual = {
            "redis_url": settings.VIDEO_REDIS_URL,
            "slug": "evening",
            "source": "simulated",
            "ordinal": 1,
            "msn": 100,
            "folder": str(tmp_path / "takes"),
            "budget": 1 << 30,
            "lease": "simulated:one",
        }
        return TakeOrder(**{**usual, **changes})  # type: ignore[arg-type]

    return made
