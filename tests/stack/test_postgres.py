"""Embedded PostgreSQL: starts as root and as anybody, survives kills and strange lock files."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from livestore.stack import postgres as module
from livestore.stack import privilege
from livestore.stack.errors import StackError
from livestore.stack.folder import DataFolder
from livestore.stack.postgres import Postgres, members
from livestore.stack.privilege import Way
from livestore.stack.process import spawn
from livestore.stack.supervisor import Supervisor

WAYS = [Way.NAMESPACE, Way.SETUID] if os.geteuid() == 0 else [Way.NAMESPACE]
if privilege.choose() is Way.DIRECT:  # a user with a name; initdb refuses one without
    WAYS.append(Way.DIRECT)


@pytest.fixture
def sockets(folder: DataFolder) -> Iterator[Path]:
    yield folder.make_sockets()
    folder.remove_sockets()


@pytest.fixture
def cluster(folder: DataFolder, sockets: Path) -> Postgres:
    made = Postgres(folder.path / "postgres", sockets, durable=False)
    made.initialise(folder.logs / "initdb.log")
    return made


def start(supervisor: Supervisor, cluster: Postgres) -> int:
    supervisor.start(cluster.process())
    supervisor.wait_ready(["postgres"])
    cluster.create_database()
    pid = supervisor.children["postgres"].pid
    assert pid is not None
    return pid


@pytest.mark.parametrize("way", WAYS)
def test_it_runs_below_a_closed_home_and_no_permission_is_changed(
    way: Way, folder: DataFolder, sockets: Path, supervisor: Supervisor, tmp_path: Path
) -> None:
    if way is not Way.DIRECT and not privilege._works(
        privilege.enter_namespace if way is Way.NAMESPACE else privilege.become_nobody
    ):
        pytest.skip("this machine forbids that way; the other one is tested")
    tmp_path.chmod(0o700)
    before = {p: p.stat() for p in (tmp_path, *tmp_path.parents)}
    cluster = Postgres(folder.path / "postgres", sockets, durable=False, way=way)
    assert cluster.initialise(folder.logs / "initdb.log")
    start(supervisor, cluster)
    with psycopg.connect(cluster.url) as connection:
        assert connection.execute("SELECT current_database()").fetchone() == ("livestore",)
    supervisor.stop_all()
    assert not cluster.initialise(folder.logs / "initdb.log")
    for path, was in before.items():
        now = path.stat()
        assert (now.st_mode, now.st_uid, now.st_gid) == (was.st_mode, was.st_uid, was.st_gid), path


def test_a_killed_server_comes_back_with_all_that_was_committed(
    cluster: Postgres, supervisor: Supervisor
) -> None:
    cluster.durable = True
    first = start(supervisor, cluster)
    with psycopg.connect(cluster.url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
    os.kill(first, signal.SIGKILL)
    end = time.monotonic() + 30
    while (
        supervisor.children["postgres"].pid in {None, first}
        or not supervisor.children["postgres"].ready
    ):
        assert time.monotonic() < end
        supervisor.tend()
        supervisor._sleep(0.02)
    with psycopg.connect(cluster.url) as connection:
        assert connection.execute("SELECT number FROM kept").fetchone() == (7,)


def test_a_stale_pid_file_that_names_a_living_stranger_does_not_stop_the_start(
    cluster: Postgres, supervisor: Supervisor
) -> None:
    with subprocess.Popen(["sleep", "60"]) as stranger:
        stale = f"{stranger.pid}\n{cluster.data}\n1700000000\n5432\n{cluster.sockets}\n\n  1234 1\n"
        (cluster.data / "postmaster.pid").write_text(stale + "ready\n")
        cluster.socket.with_name(".s.PGSQL.5432.lock").write_text(stale)
        assert not cluster.is_ready(os.getpid())
        start(supervisor, cluster)
        assert stranger.poll() is None
        stranger.kill()


def test_a_server_nobody_recorded_is_stopped_cleanly_before_the_next_start(
    cluster: Postgres, supervisor: Supervisor, tmp_path: Path
) -> None:
    log = tmp_path / "unrecorded.log"
    with spawn(cluster.process(), log) as unrecorded:
        end = time.monotonic() + 20
        while not cluster.is_ready(unrecorded.pid):
            assert time.monotonic() < end
            time.sleep(0.02)
        assert unrecorded.pid in set(members(cluster.data))
        # It is our child here and must be reaped while the other side waits for it to go.
        cleaning = threading.Thread(target=cluster.clear_stale)
        cleaning.start()
        unrecorded.wait(20)
        cleaning.join(20)
    assert "database system is shut down" in log.read_text()
    assert list(members(cluster.data)) == []
    start(supervisor, cluster)


def test_an_interrupted_first_start_is_done_again(folder: DataFolder, sockets: Path) -> None:
    half = folder.path / "postgres.half"
    half.mkdir()
    (half / "PG_VERSION").write_text("18")
    cluster = Postgres(folder.path / "postgres", sockets, durable=False)
    assert cluster.initialise(folder.logs / "initdb.log")
    assert not half.exists()
    assert (cluster.data / "global" / "pg_control").exists()


def test_data_of_another_major_version_is_named(folder: DataFolder, sockets: Path) -> None:
    (folder.path / "postgres").mkdir()
    (folder.path / "postgres" / "PG_VERSION").write_text("11\n")
    with pytest.raises(StackError, match="made by PostgreSQL 11, this is 18"):
        Postgres(folder.path / "postgres", sockets).initialise(folder.logs / "initdb.log")


def test_a_machine_without_postgresql_is_told_which_variables_to_set(
    folder: DataFolder, sockets: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "find_binaries", lambda: None)
    with pytest.raises(StackError, match=r"set DATABASE_URL .* and REDIS_URL"):
        Postgres(folder.path / "postgres", sockets)
