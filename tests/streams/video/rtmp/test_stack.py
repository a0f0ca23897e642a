"""The door for OBS among the processes of the demo."""

from __future__ import annotations

import argparse
import io
import socket
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from livestore.stack import demo, table
from livestore.stack.console import Console
from streams.video.rtmp.server import open_door


def a_demo(tmp_path: Path, rtmp_port: int, said: list[str]) -> demo.Demo:
    class Quiet(Console):
        def line(self, text: str = "") -> None:
            said.append(text)

    options = demo.Options(
        host="127.0.0.1",
        port=0,
        data=tmp_path,
        web=1,
        viewers=0,
        show=False,
        reset=False,
        catalog=None,
        rtmp_port=rtmp_port,
    )
    return demo.Demo(options, Quiet())


def free_port() -> int:
    with open_door("127.0.0.1", 0) as probe:
        return int(probe.getsockname()[1])


def test_the_demo_opens_it_unless_told_not_to() -> None:
    parser = argparse.ArgumentParser()
    demo.add_arguments(parser)
    assert parser.parse_args([]).rtmp_port == 1935
    assert parser.parse_args(["--rtmp-port", "0"]).rtmp_port == 0


def test_without_it_the_demo_has_no_socket(tmp_path: Path) -> None:
    said: list[str] = []
    house = a_demo(tmp_path, 0, said)
    house._open_rtmp()
    assert (house.rtmp, said, house._obs("http://127.0.0.1:8000")) == (None, [], [])


def test_the_demo_tells_where_obs_comes_in(tmp_path: Path) -> None:
    port = free_port()
    house = a_demo(tmp_path, port, [])
    house._open_rtmp()
    assert isinstance(house.rtmp, socket.socket)
    with house.rtmp:
        [(name, text)] = house._obs("http://192.168.0.7:8000")
        argv = table.rtmp(house.rtmp.fileno(), {}).argv
        assert argv[-3:] == ("rtmp", "--fd", str(house.rtmp.fileno()))
    assert (name, text.partition(",")[0]) == ("OBS", f"server rtmp://192.168.0.7:{port}/live")


def test_a_taken_port_is_told_and_the_demo_goes_on(tmp_path: Path) -> None:
    said: list[str] = []
    with open_door("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        house = a_demo(tmp_path, port, said)
        house._open_rtmp()
    assert house.rtmp is None
    assert said[0].startswith(f"  OBS can not come in: port {port} can not be used.")


def test_the_command_says_which_port_it_can_not_have() -> None:
    with open_door("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(CommandError, match=f"Port {port} of 127.0.0.1 can not be used"):
            call_command("rtmp", port=port, stdout=io.StringIO())
