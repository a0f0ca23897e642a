"""The command itself, the machine it measures on, the programs it builds."""

from __future__ import annotations

import importlib
import inspect
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from bench import building, cli, machine
from bench.crowd import Crowd
from bench.peers.broadcasters import Floor
from bench.scenario import Options
from livestore.stack import door
from livestore.stack.errors import StackError
from tests.bench.conftest import needs_cc


@pytest.mark.parametrize("name", list(cli.SCENARIOS))
def test_every_scenario_can_be_run(name: str) -> None:
    assert inspect.iscoroutinefunction(importlib.import_module(f"bench.{name}").run)


def test_manage_py_knows_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        door.run(["manage.py", "bench", "--help"])
    assert left.value.code == 0
    said = capsys.readouterr().out
    assert all(name in said for name in cli.SCENARIOS)


def test_an_unknown_scenario_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        cli.main(["everything"])
    assert left.value.code == 2
    assert "everything" in capsys.readouterr().err


def test_web_processes_grow_with_the_viewers() -> None:
    assert [Options().web_for(n) for n in (100, 30_000, 57_000)] == [2, 2, 4]
    assert Options(web=1).web_for(57_000) == 1


def test_only_the_named_contestants_are_wanted() -> None:
    assert Options().wants("ws")
    assert not Options(only=("ours",)).wants("ws")


def test_cpu_of_a_process_and_its_children_is_seen() -> None:
    burn = "import time\nend = time.process_time() + 0.2\nwhile time.process_time() < end: pass\n"
    run = f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {burn!r}])\n"
    code = run + "print('done', flush=True)\ninput()"
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        before = machine.Usage(0)
        assert child.stdout is not None
        child.stdout.readline()
        after = machine.look([child.pid])
        child.communicate("\n")
    assert machine.spent(before, after).cpu >= 0.18
    assert after.memory > 1_000_000


def test_a_process_that_has_gone_is_left_out() -> None:
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    assert machine.look([child.pid]).cpu == {}
    assert os.getpid() in machine.look([os.getpid()]).cpu


def test_connections_that_a_server_still_holds_are_counted() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        clients = [
            socket.create_connection(("127.0.0.1", port), source_address=(f"127.0.9.{n}", 0))
            for n in (1, 2, 2)
        ]
        held = [server.accept()[0] for _ in clients]
        assert machine.established(port, ["127.0.9.1", "127.0.9.2"]) == 3
        held[2].close()  # its client has not noticed
        assert machine.established(port, ["127.0.9.2"]) == 1
        for each in (*clients, *held):
            each.close()


def test_a_missing_compiler_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(building, "workshop", lambda: tmp_path)
    monkeypatch.setattr(building, "compiler", lambda: None)
    building.built.cache_clear()
    with pytest.raises(StackError, match="no compiler here"):
        building.built("crowd")
    building.built.cache_clear()


@needs_cc
@pytest.mark.parametrize("program", list(building.PROGRAMS))
def test_the_programs_compile_without_a_warning(program: str, tmp_path: Path) -> None:
    sources = [str(building.NATIVE / source) for source in building.PROGRAMS[program]]
    strict = ("-Wall", "-Wextra", "-Werror", "-o", str(tmp_path / program))
    command = [str(building.compiler()), *building.FLAGS, *strict, *sources]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@needs_cc
async def test_the_floor_tells_everybody() -> None:
    floor = Floor()
    try:
        await floor.start(20)
        async with Crowd(
            port=floor.ports, path="/", count=20, mode="text", protocol="", processes=2
        ) as crowd:
            assert (await crowd.open()).ready == 20
            await floor.publish()
            await floor.publish()
            assert await crowd.reached("message", 2)
            seen = await crowd.stats()
    finally:
        await floor.stop()
    assert seen.types["message"] == 40
    assert seen.times("message").count == 40
