"""The recording of a take on disk: one file of fragmented MP4, and an index with a line for each piece.

    {folder}/{ordinal}.mp4     the Init's payload, then the payloads of all parts
    {folder}/{ordinal}.jsonl   the heads of the pieces (see parts.py) with `offset` and `length` in the file

A line is written after its bytes, so an index never names what is not there; a last line that a kill cut in two is not
a line. Both are only ever appended to.
"""

from __future__ import annotations

import errno
import json
import logging
import os
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO

from streams.video.path.parts import End, Init, Part, Piece

logger = logging.getLogger(__name__)

LEFT_FREE = 256 * 1024 * 1024
"""Bytes of the disk that no recording takes, whatever its budget: the database may live there too."""


class Stopped(Exception):
    """With the sentence for the host."""


def film(folder: Path, ordinal: int) -> Path:
    return folder / f"{ordinal}.mp4"


def index(folder: Path, ordinal: int) -> Path:
    return folder / f"{ordinal}.jsonl"


class Recorder:
    """Writes one take. `budget` in bytes: when they are used up it stops, says why in `trouble`, and breaks nothing."""

    def __init__(self, folder: Path, ordinal: int, budget: int) -> None:
        self._folder, self._ordinal, self._budget = folder, ordinal, budget
        self._film: BinaryIO | None = None
        self._index: BinaryIO | None = None
        self.bytes = 0
        self.trouble = ""

    def write(self, piece: Piece) -> None:
        """Never raises: a take goes on without its recording."""
        if self.trouble:
            return
        try:
            self._write(piece)
        except Stopped as stopped:
            self._stop(f"The recording stopped: {stopped}.")
        except OSError as error:
            self._stop(f"The recording stopped: {error.strerror or error}.")

    def _write(self, piece: Piece) -> None:
        if isinstance(piece, Init):
            self._folder.mkdir(parents=True, exist_ok=True)
            # A file of this name is what a database that was set back has left.
            self._film = film(self._folder, self._ordinal).open("wb", buffering=0)
            self._index = index(self._folder, self._ordinal).open("wb", buffering=0)
        if self._film is None or self._index is None:
            return
        if self.bytes + len(piece.payload) > self._budget:
            raise Stopped("its room on the disk is used up")
        if not isinstance(piece, Part) or piece.independent:
            disk = os.statvfs(self._folder)
            if disk.f_bavail * disk.f_frsize < LEFT_FREE:
                raise Stopped("the disk is nearly full")
        head = asdict(piece)
        del head["payload"]
        line = {"kind": piece.kind, **head, "offset": self.bytes, "length": len(piece.payload)}
        _all(self._film, piece.payload)
        self.bytes += len(piece.payload)
        _all(self._index, json.dumps(line, separators=(",", ":")).encode() + b"\n")
        if isinstance(piece, End):
            self.close()

    def _stop(self, trouble: str) -> None:
        logger.warning("%s", trouble)
        self.trouble = trouble
        try:
            self.close()
        except OSError:
            logger.debug("the files could not be closed well")

    def close(self) -> None:
        for each in (self._film, self._index):
            if each is not None:
                each.close()
        self._film = self._index = None


def _all(file: BinaryIO, data: bytes) -> None:
    """A disk that is full takes a part of it first, and only then refuses."""
    if data and file.write(data) != len(data):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def lines(folder: Path, ordinal: int) -> Iterator[dict[str, Any]]:
    """The index of a take, up to the first line that is not whole. Nothing when there is none."""
    try:
        file = index(folder, ordinal).open("rb")
    except FileNotFoundError:
        return
    with file:
        for line in file:
            if not line.endswith(b"}\n"):
                return
            try:
                yield json.loads(line)
            except ValueError:
                return
