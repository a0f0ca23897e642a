"""Fixtures for every test: an own, empty Valkey database and nothing left over between tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import redis
from django.conf import settings


@pytest.fixture(autouse=True)
def clean_valkey() -> Iterator[None]:
    """Every test begins with an empty Valkey database (the one of the test environment only)."""
    with redis.Redis.from_url(settings.REDIS_URL) as valkey:
        valkey.flushdb()
    yield
