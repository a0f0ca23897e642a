"""manage.py: which servers a command uses, and how a start that can not work is told."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from livestore.stack import door, records, servers
from livestore.stack.errors import StackError
from livestore.stack.folder import DataFolder
from livestore.stack.table import ROOT


def manage(*argv: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """manage.py as a person runs it, without anything that the tests set."""
    away = {*door.SERVER_VARIABLES, "LIVESTORE_MODE", "LIVESTORE_DATA", "DJANGO_SETTINGS_MODULE"}
    env = {key: value for key, value in os.environ.items() if key not in away}
    return subprocess.run(
        [sys.executable, "manage.py", *argv],
        cwd=ROOT,
        env={**env, "LIVESTORE_IN_VENV": "1", **variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_the_data_folder_is_taken_out_of_any_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIVESTORE_DATA", "")
    assert door.take_data(["--count", "5", "--data", "/srv/a", "--show", "x"]) == [
        "--count",
        "5",
        "--show",
        "x",
    ]
    assert os.environ["LIVESTORE_DATA"] == "/srv/a"
    assert door.take_data(["--data=/srv/b"]) == []
    assert os.environ["LIVESTORE_DATA"] == "/srv/b"
    assert door.take_data(["--", "--data", "/srv/c"]) == ["--", "--data", "/srv/c"]
    with pytest.raises(StackError, match="needs the name of a folder"):
        door.take_data(["--data"])


def test_a_taken_port_ends_the_demo_with_2_before_anything_is_started(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen(1)
        port = other.getsockname()[1]
        said = manage("demo", "--data", str(tmp_path / "data"), "--port", str(port))
    assert said.returncode == 2
    assert f"port {port} is already in use" in said.stdout
    assert "add --port" in said.stdout
    assert not (tmp_path / "data" / "postgres").exists()


def test_the_demo_refuses_a_folder_that_is_not_ours_also_for_a_reset(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("ten years of work")
    said = manage("demo", "--data", str(tmp_path), "--port", "0", "--reset")
    assert said.returncode == 2
    assert "not a livestore data folder" in said.stdout
    assert (tmp_path / "thesis.txt").read_text() == "ten years of work"


def test_the_demo_never_runs_in_production(tmp_path: Path) -> None:
    said = manage("demo", "--data", str(tmp_path / "d"), LIVESTORE_MODE="production")
    assert said.returncode == 2
    assert "never runs with LIVESTORE_MODE=production" in said.stdout


def test_a_missing_catalogue_is_told_before_anything_is_started(tmp_path: Path) -> None:
    said = manage("demo", "--data", str(tmp_path / "d"), "--catalog", str(tmp_path / "none.csv"))
    assert said.returncode == 2
    assert "there is no file" in said.stdout
    assert not (tmp_path / "d").exists()


def test_a_second_demo_on_the_same_folder_is_refused_with_the_address_of_the_first(
    folder: DataFolder,
) -> None:
    state = {"pid": os.getpid(), "started": records.start_ticks(os.getpid())}
    state |= {"boot": records.boot_id(), "origin": "http://127.0.0.1:8123"}
    folder.write_state(state)
    said = manage("demo", "--data", str(folder.path), "--port", "0")
    assert said.returncode == 2
    assert "already running" in said.stdout
    assert "http://127.0.0.1:8123" in said.stdout


def test_the_servers_of_a_running_demo_are_found_by_its_data_folder(folder: DataFolder) -> None:
    state = {"pid": os.getpid(), "started": records.start_ticks(os.getpid())}
    state |= {"boot": records.boot_id(), "mode": "demo", "secret_key": "x y"}
    state |= {"database_url": "postgresql://livestore@/livestore", "redis_url": "unix:///v?db=0"}
    folder.write_state(state)
    said = manage("servers", "--data", str(folder.path))
    assert said.returncode == 0
    lines = said.stdout.splitlines()
    assert "export DATABASE_URL=postgresql://livestore@/livestore" in lines
    assert "export SECRET_KEY='x y'" in lines
    # The same file after a reboot, or with the pid of somebody else, names nobody.
    folder.write_state({**state, "boot": "an earlier one"})
    assert servers.running(folder) is None
    folder.write_state({**state, "started": 1})
    assert servers.running(folder) is None
    gone = manage("servers", "--data", str(folder.path))
    assert gone.returncode == 1
    assert "python3 manage.py demo" in gone.stderr


def test_a_command_gets_servers_of_its_own_and_leaves_none_behind(tmp_path: Path) -> None:
    data = tmp_path / "data"
    program = (
        "import os, json; from pathlib import Path; from livestore.stack import servers, records; "
        "from livestore.stack.folder import DataFolder; import psycopg, redis\n"
        f"data = Path({str(data)!r})\n"
        "with servers.for_a_command(data) as env:\n"
        "    with psycopg.connect(env['DATABASE_URL']) as c: one = c.execute('SELECT 1').fetchone()[0]\n"
        "    pong = redis.Redis.from_url(env['REDIS_URL']).ping()\n"
        "    pids = [r.pid for r in records.read_all(DataFolder(data).pids)]\n"
        "    print(json.dumps([one, pong, pids, env['REDIS_URL']]))\n"
    )
    away = set(door.SERVER_VARIABLES)
    said = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env={key: value for key, value in os.environ.items() if key not in away},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    one, pong, pids, redis_url = json.loads(said)
    assert (one, pong, len(pids)) == (1, True, 2)
    assert not any(records.start_ticks(pid) for pid in pids)
    assert not Path(redis_url.removeprefix("unix://").split("?")[0]).parent.exists()
    assert servers.running(DataFolder(data)) is None


def test_a_command_on_an_empty_database_says_in_a_sentence_what_to_do(tmp_path: Path) -> None:
    data = str(tmp_path / "data")
    said = manage("tickets", "--data", data, "--show", "evening-edit", "--count", "1")
    assert said.returncode == 1
    assert f"the database of {data} has no tables yet" in said.stderr
    assert "--data" in said.stderr
    assert "Traceback" not in said.stderr
