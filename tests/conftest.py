"""Fixtures for every test: an own, empty Valkey database and nothing left over between tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import redis
from django.conf import settings
from django.test import TransactionTestCase

from tests import emptying


@pytest.fixture(autouse=True, scope="session")
def quick_emptying() -> Iterator[None]:
    """After a test that commits the database is emptied in milliseconds."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", emptying.after_a_test)
        yield


@pytest.fixture(autouse=True)
def clean_valkey() -> None:
    """Every test begins with an empty Valkey database (the one of this test process only)."""
    with redis.Redis.from_url(settings.REDIS_URL) as valkey:
        valkey.flushdb()


@pytest.fixture(autouse=True)
def stopped_batcher() -> Iterator[None]:
    """The process's checkout thread keeps a connection: it ends with the test that started it."""
    yield
    from shop.checkout.batcher import close_process_batcher

    close_process_batcher()
