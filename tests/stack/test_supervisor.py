"""Starts in order, starts again what dies, gives up with a reason, stops in order."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from livestore.stack import records
from livestore.stack import supervisor as module
from livestore.stack.errors import Interrupted, StackError
from livestore.stack.folder import DataFolder
from livestore.stack.supervisor import Supervisor
from livestore.stack.table import ROOT
from tests.stack.conftest import stand_in

SAYS_GOODBYE = """
import signal, sys
def leave(*_):
    with open({log!r}, "a") as file:
        file.write({name!r} + "\\n")
    sys.exit(0)
signal.signal(signal.SIGTERM, leave)
print("up", flush=True)
while True:
    signal.pause()
"""


def until(supervisor: Supervisor, condition: Callable[[], object], seconds: float = 30.0) -> None:
    """Let the supervisor work until something is true."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        supervisor.tend()
        supervisor._sleep(0.02)


def kill(supervisor: Supervisor, name: str) -> int:
    """kill -9 of one child; returns the pid it had."""
    pid = supervisor.children[name].pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    return pid


def has_said_up(folder: DataFolder, name: str) -> Callable[[int], bool]:
    """A ready check: the stand-in printed that it is up since its log began."""
    return lambda pid: "up" in (folder.logs / f"{name}.log").read_text()


def test_a_killed_process_comes_back_with_a_new_pid_and_a_new_record(
    supervisor: Supervisor, folder: DataFolder, said: list[str]
) -> None:
    supervisor.start(stand_in("relay"))
    supervisor.wait_ready(["relay"])
    first = kill(supervisor, "relay")
    until(supervisor, lambda: supervisor.children["relay"].pid not in {None, first})
    until(supervisor, lambda: supervisor.children["relay"].ready)
    (record,) = records.read_all(folder.pids)
    assert record.pid == supervisor.children["relay"].pid
    assert record.is_running()
    assert said[0] == "relay was killed by SIGKILL, starting it again now"
    assert said[1] == f"relay is back (pid {record.pid})"


def test_twenty_kills_from_outside_are_no_failure(supervisor: Supervisor, said: list[str]) -> None:
    supervisor.start(stand_in("worker"))
    supervisor.wait_ready(["worker"])
    for _ in range(20):
        pid = kill(supervisor, "worker")
        until(supervisor, lambda was=pid: supervisor.children["worker"].pid not in {None, was})
        until(supervisor, lambda: supervisor.children["worker"].ready)
    assert sum("is back" in line for line in said) == 20


def test_a_process_that_keeps_dying_is_named_with_its_last_lines(
    supervisor: Supervisor, said: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BACK_OFF", (0.0, 0.01, 0.02, 0.03, 0.04))
    broken = tmp_path / "broken"
    program = (
        f"import os, sys, signal\nif os.path.exists({str(broken)!r}): sys.exit('no such table')\n"
        "print('up', flush=True); signal.pause()"
    )
    supervisor.start(stand_in("relay", program))
    supervisor.wait_ready(["relay"])
    broken.touch()
    kill(supervisor, "relay")
    with pytest.raises(StackError, match="relay died 5 times in a row") as given_up:
        until(supervisor, lambda: False)
    assert "no such table" in str(given_up.value)
    assert [line.split("again ")[1] for line in said if "exit code 1" in line] == [
        "in 0.0 s",
        "in 0.0 s",
        "in 0.0 s",
        "in 0.0 s",
    ]


def test_the_wait_between_starts_grows() -> None:
    assert list(module.BACK_OFF) == sorted(module.BACK_OFF)
    assert module.BACK_OFF[0] == 0
    assert len(module.BACK_OFF) >= module.GIVE_UP_AFTER


def test_a_start_that_fails_says_which_part_and_why(supervisor: Supervisor) -> None:
    supervisor.start(
        stand_in("web-1", "import sys; sys.exit('the templates are gone')", settles=9.0)
    )
    with pytest.raises(StackError, match="web-1 died 2 times in a row") as failed:
        supervisor.wait_ready(["web-1"])
    assert "the templates are gone" in str(failed.value)


def test_a_start_that_hangs_is_told(supervisor: Supervisor) -> None:
    never = stand_in("beat", ready=lambda pid: False, ready_timeout=0.2)
    supervisor.start(never)
    with pytest.raises(StackError, match="beat was not ready in time"):
        supervisor.wait_ready(["beat"])


def test_apps_wait_for_their_server_and_are_not_blamed_for_its_absence(
    supervisor: Supervisor, folder: DataFolder
) -> None:
    gate = folder.path / "gate"
    gate.touch()
    server = stand_in("postgres", server=True, ready=lambda pid: gate.exists())
    supervisor.start(server)
    supervisor.start(stand_in("relay"))
    supervisor.wait_ready(["postgres", "relay"])
    gate.unlink()
    kill(supervisor, "postgres")
    until(supervisor, lambda: supervisor.children["postgres"].restarts)
    kill(supervisor, "relay")
    until(supervisor, lambda: supervisor.children["relay"].start_at is not None)
    for _ in range(10):
        supervisor.tend()
    assert supervisor.children["relay"].pid is None
    gate.touch()
    until(supervisor, lambda: supervisor.children["relay"].ready)
    assert supervisor.children["relay"].quick_deaths == 0


def test_everything_stops_in_its_order(supervisor: Supervisor, folder: DataFolder) -> None:
    log = folder.path / "goodbyes"
    order = {"postgres": 70, "mock_show": 10, "web-1": 40, "valkey": 60, "relay": 50, "beat": 20}
    for name, stop_order in order.items():
        program = SAYS_GOODBYE.format(log=str(log), name=name)
        ready = has_said_up(folder, name)
        supervisor.start(stand_in(name, program, stop_order=stop_order, ready=ready))
    supervisor.wait_ready(order)
    pids = [record.pid for record in records.read_all(folder.pids)]
    assert len(pids) == 6
    supervisor.stop_all()
    expected = ["mock_show", "beat", "web-1", "relay", "valkey", "postgres"]
    assert log.read_text().split() == expected
    assert not any(records.start_ticks(pid) for pid in pids)
    assert list(records.read_all(folder.pids)) == []


def test_a_process_that_does_not_stop_is_killed_and_told(
    supervisor: Supervisor, folder: DataFolder, said: list[str]
) -> None:
    deaf = (
        "import signal; signal.signal(15, signal.SIG_IGN); print('up', flush=True); signal.pause()"
    )
    ready = has_said_up(folder, "web-1")
    supervisor.start(stand_in("web-1", deaf, stop_timeout=0.2, ready=ready))
    supervisor.wait_ready(["web-1"])
    supervisor.stop_all()
    assert said == ["web-1 did not stop and was killed"]


def test_a_second_ctrl_c_hurries_the_apps_but_never_the_servers(
    supervisor: Supervisor, folder: DataFolder, said: list[str]
) -> None:
    deaf = (
        "import signal; signal.signal(15, signal.SIG_IGN); print('up', flush=True); signal.pause()"
    )
    slow = (
        "import signal, sys, time\n"
        "signal.signal(15, lambda *_: (time.sleep(0.5), print('flushed', flush=True), sys.exit(0)))\n"
        "print('up', flush=True)\nwhile True: signal.pause()"
    )
    supervisor.start(stand_in("web-1", deaf, stop_timeout=60, ready=has_said_up(folder, "web-1")))
    supervisor.start(
        stand_in("valkey", slow, stop_order=60, server=True, ready=has_said_up(folder, "valkey"))
    )
    supervisor.wait_ready(["web-1", "valkey"])
    supervisor.interrupts = 2
    supervisor.stop_all()
    assert said == ["web-1 did not stop and was killed"]
    assert "flushed" in (folder.logs / "valkey.log").read_text()


def test_sigterm_ends_the_watching_and_a_start_in_progress(supervisor: Supervisor) -> None:
    supervisor.listen()
    try:
        supervisor.start(stand_in("beat", ready=lambda pid: False))
        os.kill(os.getpid(), signal.SIGTERM)
        with pytest.raises(Interrupted):
            supervisor.wait_ready(["beat"])
        supervisor.run()  # returns at once: somebody wants to stop
    finally:
        supervisor.unlisten()


def test_a_step_that_runs_once_is_waited_for_and_its_failure_is_told(
    supervisor: Supervisor,
) -> None:
    supervisor.run_once(stand_in("prepare", "print('nothing to do')"))
    assert supervisor.children == {}
    with pytest.raises(StackError, match="prepare ended with exit code 1") as failed:
        supervisor.run_once(stand_in("prepare", "import sys; sys.exit('no such file')"))
    assert "no such file" in str(failed.value)


PARENT = """
import signal, sys
from pathlib import Path
from livestore.stack.folder import DataFolder
from livestore.stack.process import Process
from livestore.stack.supervisor import Supervisor
folder = DataFolder(Path(sys.argv[1]))
folder.open()
supervisor = Supervisor(folder, print)
argv = (sys.executable, "-S", "-c", "import signal; signal.pause()")
supervisor.start(Process(name="relay", argv=argv, stop_order=10, settles=0.1))
supervisor.wait_ready(["relay"])
print(supervisor.children["relay"].pid, flush=True)
signal.pause()
"""


def test_children_go_when_the_supervisor_is_killed(tmp_path: Path) -> None:
    """kill -9 of the parent: the kernel tells the child, because we asked it to."""
    argv = [sys.executable, "-c", PARENT, str(tmp_path / "data")]
    with subprocess.Popen(argv, cwd=ROOT, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        ticks = records.start_ticks(pid)
        assert ticks
        parent.kill()
    end = time.monotonic() + 10
    while records.start_ticks(pid) == ticks:
        assert time.monotonic() < end, "the child outlived its supervisor"
        time.sleep(0.01)
