"""Pages buy through the process's batcher: it has its own thread and connection, so tests really commit."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from shop.checkout.batcher import close_process_batcher


@pytest.fixture(autouse=True)
def fresh_batcher() -> Iterator[None]:
    """No thread of one test keeps a connection to a database that the next one empties."""
    yield
    close_process_batcher()
