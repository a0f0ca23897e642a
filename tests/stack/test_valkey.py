"""Embedded Valkey: on a socket only, and what it acknowledged a second ago survives a kill."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from livestore.stack import valkey as module
from livestore.stack.errors import StackError
from livestore.stack.folder import DataFolder
from livestore.stack.supervisor import Supervisor
from livestore.stack.valkey import Valkey


@pytest.fixture
def server(folder: DataFolder) -> Iterator[Valkey]:
    yield Valkey(folder.path / "valkey", folder.make_sockets())
    folder.remove_sockets()


def test_a_kill_loses_nothing_that_was_synced(server: Valkey, supervisor: Supervisor) -> None:
    supervisor.start(server.process())
    supervisor.wait_ready(["valkey"])
    first = supervisor.children["valkey"].pid
    assert first is not None
    with redis.Redis.from_url(server.url) as client:
        client.set("seq", 41)
        assert client.execute_command("WAITAOF", 1, 0, 5000)[0] == 1
        config = client.config_get("*")
        assert (config["port"], config["maxmemory-policy"]) == ("0", "noeviction")
    os.kill(first, signal.SIGKILL)
    end = time.monotonic() + 20
    while (
        supervisor.children["valkey"].pid in {None, first}
        or not supervisor.children["valkey"].ready
    ):
        assert time.monotonic() < end
        supervisor.tend()
        supervisor._sleep(0.02)
    with redis.Redis.from_url(server.url) as client:
        assert client.get("seq") == b"41"


def test_a_machine_without_valkey_is_told_which_variables_to_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "find_server", lambda: None)
    with pytest.raises(StackError, match=r"set DATABASE_URL .* and REDIS_URL"):
        Valkey(tmp_path, tmp_path)
