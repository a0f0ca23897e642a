"""The listening socket, and the names by which this machine is reached."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from livestore.stack import listen, table
from livestore.stack.errors import StackError


def test_a_taken_port_is_named_and_a_free_one_suggested() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen(1)
        taken = other.getsockname()[1]
        with pytest.raises(StackError, match=f"port {taken} is already in use") as refused:
            listen.open_socket("127.0.0.1", taken)
        assert refused.value.exit_code == 2
        suggested = int(str(refused.value).rsplit("--port ", 1)[1].rstrip("."))
    listen.open_socket("127.0.0.1", suggested).close()


def test_a_port_can_be_used_again_at_once_after_a_stop() -> None:
    first = listen.open_socket("127.0.0.1", 0)
    port = first.getsockname()[1]
    with socket.create_connection(("127.0.0.1", port)):
        pass
    first.close()
    with listen.open_socket("127.0.0.1", port) as second:
        assert second.getsockname()[1] == port


def test_an_address_of_another_machine_is_refused_in_a_sentence() -> None:
    with pytest.raises(StackError, match=r"192\.0\.2\.1:8000 can not be used"):
        listen.open_socket("192.0.2.1", 8000)


def test_only_loopback_is_private() -> None:
    assert all(listen.is_loopback(host) for host in ("127.0.0.1", "127.9.9.9", "::1", "localhost"))
    assert not any(listen.is_loopback(host) for host in ("0.0.0.0", "192.168.1.4", "shop.example"))


def test_a_phone_may_come_by_every_address_of_this_machine() -> None:
    names = listen.reachable_names("0.0.0.0")
    assert set(listen.local_addresses()) <= set(names)
    assert {"127.0.0.1", "localhost"} <= set(names)
    assert listen.reachable_names("127.0.0.1") == ["127.0.0.1", "localhost"]


def test_a_web_process_is_ready_when_its_loop_watches_the_socket(tmp_path: Path) -> None:
    with listen.open_socket("127.0.0.1", 0) as listening:
        fd = listening.fileno()
        waits = (
            "import select, socket, sys\n"
            "print('up', flush=True); sys.stdin.readline()\n"
            f"loop = select.epoll(); copy = socket.fromfd({fd}, 2, 1); loop.register(copy, 1)\n"
            "print('watching', flush=True); sys.stdin.readline()\n"
        )
        child = subprocess.Popen(
            [sys.executable, "-c", waits],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            pass_fds=(fd,),
        )
        assert child.stdout is not None
        assert child.stdin is not None
        child.stdout.readline()
        assert not table.is_accepting(fd, child.pid)
        child.stdin.write(b"\n")
        child.stdin.flush()
        child.stdout.readline()
        assert table.is_accepting(fd, child.pid)
        child.communicate(b"\n")
