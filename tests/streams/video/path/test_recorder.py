"""The recording: what its index names is there, and trouble with the disk never reaches the picture."""

from __future__ import annotations

import errno
import io
import os
import signal
import subprocess
import sys
from collections import namedtuple
from pathlib import Path
from typing import Any

import av
import pytest
import redis

from streams.video.path import recorder as recorders
from streams.video.path.feed import Feed
from streams.video.path.parts import Part
from streams.video.path.recorder import Recorder, film, index, lines
from tests.streams.video import filming
from tests.streams.video.path.conftest import Orders

ENDLESS = 1 << 40
PARTS = """
import sys
from pathlib import Path
from streams.video.path.parts import Init, Part
from streams.video.path.recorder import Recorder
recorder = Recorder(Path(sys.argv[1]), 1, 1 << 40)
recorder.write(Init(1, "source", "avc1", 2, 2, 1, 0.25, 4.0, 0, "rtmp", b"beginning"))
for number in range(10**9):
    payload = number.to_bytes(4, "big") * 5000
    recorder.write(Part(1, number, 0, number / 4, 0.25, 0, True, payload))
    if number == 50:
        print("running", flush=True)
"""


def whole(folder: Path, ordinal: int = 1) -> list[dict[str, Any]]:
    """The index; every line names bytes that are there, one after the other."""
    found = list(lines(folder, ordinal))
    size, at = film(folder, ordinal).stat().st_size, 0
    for line in found:
        assert line["offset"] == at
        at += line["length"]
    assert at <= size
    return found


def test_a_recording_is_a_film_and_its_index_says_where_its_parts_are(tmp_path: Path) -> None:
    pieces = filming.film(2)
    recorder = Recorder(tmp_path, 1, ENDLESS)
    for piece in pieces:
        recorder.write(piece)

    data = film(tmp_path, 1).read_bytes()
    with av.open(io.BytesIO(data)) as container:
        assert sum(1 for _ in container.decode(video=0)) == 48
    for line, piece in zip(whole(tmp_path), pieces, strict=True):
        assert data[line["offset"] : line["offset"] + line["length"]] == piece.payload
        assert line["kind"] == piece.kind
    assert recorder.bytes == len(data)
    assert recorder.trouble == ""


def test_a_recording_stops_with_a_sentence_when_its_room_is_used_up(tmp_path: Path) -> None:
    pieces = filming.film(2)
    room = sum(len(piece.payload) for piece in pieces[:4]) + 10
    recorder = Recorder(tmp_path, 1, room)

    for piece in pieces:
        recorder.write(piece)

    assert recorder.trouble == "The recording stopped: its room on the disk is used up."
    assert film(tmp_path, 1).stat().st_size <= room
    assert [line["kind"] for line in whole(tmp_path)] == ["init", "part", "part", "part"]


def test_no_recording_takes_the_last_of_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Disk = namedtuple("Disk", "f_bavail f_frsize")
    monkeypatch.setattr(os, "statvfs", lambda _: Disk(recorders.LEFT_FREE // 4096 - 1, 4096))
    recorder = Recorder(tmp_path, 1, ENDLESS)

    for piece in filming.film(1):
        recorder.write(piece)

    assert recorder.trouble == "The recording stopped: the disk is nearly full."


class FullDisk(io.BytesIO):
    """Takes some bytes, then a part of what it is given, then nothing."""

    def write(self, data: Any) -> int:
        left = 20_000 - self.tell()
        if left <= 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return super().write(data[:left])


def test_a_full_disk_stops_the_recording_and_nothing_else(
    tmp_path: Path, order: Orders, store: redis.Redis
) -> None:
    pieces = filming.film(3)
    with Feed(order()) as feed:
        feed.emit(pieces[0])
        assert feed.recorder._film is not None
        feed.recorder._film.close()
        feed.recorder._film = FullDisk(pieces[0].payload)
        feed.recorder._film.seek(0, io.SEEK_END)
        for piece in pieces[1:]:
            feed.emit(piece)

        assert feed.state()["recording"] == "The recording stopped: No space left on device."
        assert store.xlen("video:evening:source") == len(pieces)  # viewers have it all
    named = list(lines(tmp_path / "takes", 1))
    assert 0 < len(named) < len(pieces)
    assert named[-1]["offset"] + named[-1]["length"] <= 20_000


def test_a_folder_that_can_not_be_made_stops_the_recording_and_nothing_else(
    tmp_path: Path, order: Orders, store: redis.Redis
) -> None:
    (tmp_path / "takes").write_text("a file where a folder should be")
    pieces = filming.film(1)

    with Feed(order()) as feed:
        for piece in pieces:
            feed.emit(piece)
        assert feed.state()["recording"].startswith("The recording stopped: ")

    assert store.xlen("video:evening:source") == len(pieces)


def test_after_a_kill_the_index_names_only_what_is_there(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", PARTS, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    with process.stdout:
        assert process.stdout.readline() == "running\n"
        process.send_signal(signal.SIGKILL)
        process.wait()

    data = film(tmp_path, 1).read_bytes()
    init, *parts = whole(tmp_path)
    assert data[: init["length"]] == b"beginning"
    assert len(parts) > 50
    for number, line in enumerate(parts):
        kept = data[line["offset"] : line["offset"] + line["length"]]
        assert kept == number.to_bytes(4, "big") * 5000


@pytest.mark.parametrize(
    "torn", [b'{"kind":"part","off', b"\0\0\0\0\n", b"{}}\n", b'{"kind":"part"}'], ids=repr
)
def test_a_torn_line_ends_the_index(tmp_path: Path, torn: bytes) -> None:
    recorder = Recorder(tmp_path, 1, ENDLESS)
    for piece in filming.film(1)[:3]:
        recorder.write(piece)
    recorder.close()
    with index(tmp_path, 1).open("ab") as file:
        file.write(torn)

    assert [line["kind"] for line in lines(tmp_path, 1)] == ["init", "part", "part"]


def test_a_take_that_is_not_recorded_has_an_empty_index(tmp_path: Path) -> None:
    assert list(lines(tmp_path, 1)) == []


def test_what_lay_there_before_is_no_part_of_the_recording(tmp_path: Path) -> None:
    film(tmp_path, 1).write_bytes(b"of a database that was set back")
    index(tmp_path, 1).write_bytes(b'{"kind":"end"}\n')
    recorder = Recorder(tmp_path, 1, ENDLESS)
    pieces = filming.film(1)
    for piece in pieces:
        recorder.write(piece)

    assert len(whole(tmp_path)) == len(pieces)
    assert film(tmp_path, 1).stat().st_size == sum(len(piece.payload) for piece in pieces)
    assert isinstance(pieces[1], Part)
