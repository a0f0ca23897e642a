"""What the remux child is told on its standard input: messages with a length, of data and of control.

The first line is the TakeOrder, the second the container ("webm" or "flv"). Then messages: a letter, four bytes of
length, eight of the time at which it came (`time.monotonic`, which all processes of a machine share), and the bytes.
The data of all messages is one stream, which libav reads as a file.
"""

from __future__ import annotations

import json
import os
import select
import struct
import time
from collections.abc import Callable

HEAD = struct.Struct(">cId")
DATA, CONTROL = b"d", b"c"
LARGEST = 256 * 1024
"""Bytes of one message."""
MOST_UNREAD = 6 * 1024 * 1024
"""Bytes of stream within which a frame has to come. A length that a stream claims costs memory only as its bytes
come, so this also bounds what a claim of gigabytes can cost."""
SILENCE = 15.0
"""Seconds without a byte after which the sender is gone."""
LOOK_EVERY = 0.5


class TooMuch(Exception):
    """Very many bytes came, and no frame was among them."""


def message(kind: bytes, payload: bytes | memoryview) -> bytes:
    return HEAD.pack(kind, len(payload), time.monotonic()) + payload


def stop_order(reason: str) -> bytes:
    return message(CONTROL, json.dumps({"stop": reason}).encode())


class Intake:
    """Standard input as a file for libav, without seek. `reason` says why it came to its end.

    `ended` is asked twice a second while nothing comes, and between two messages; its answer ends the stream.
    """

    def __init__(self, descriptor: int, ended: Callable[[], str | None]) -> None:
        self._descriptor = descriptor
        self._ended = ended
        self._raw = bytearray()
        self._data = memoryview(b"")
        self._unread = 0
        self.reason: str | None = None
        self.came = time.monotonic()
        """When the bytes that libav reads now have come."""

    def line(self) -> str:
        """One of the lines before the messages. Empty at the end."""
        while (end := self._raw.find(b"\n")) < 0:
            if len(self._raw) > LARGEST or not self._more():
                return ""
        line = self._raw[:end].decode()
        del self._raw[: end + 1]
        return line

    def read(self, size: int) -> bytes:
        """At most `size` bytes, as soon as there are any; none at the end. Raises TooMuch."""
        if not self._data:
            self._data = memoryview(self._next())
        piece = bytes(self._data[:size])
        self._data = self._data[size:]
        self._unread += len(piece)
        if self._unread > MOST_UNREAD:
            raise TooMuch
        return piece

    def frame_came(self) -> None:
        self._unread = 0

    def _next(self) -> bytes:
        """The next message of data."""
        while self.reason is None:
            self.reason = self._ended()
            found = None if self.reason else self._message()
            if found is None:
                continue
            kind, self.came, payload = found
            if kind == DATA and payload:
                return payload
            if kind == CONTROL:
                self.reason = json.loads(payload).get("stop")
        return b""

    def _message(self) -> tuple[bytes, float, bytes] | None:
        while len(self._raw) < HEAD.size:
            if not self._more():
                return None
        kind, length, came = HEAD.unpack_from(self._raw)
        if length > LARGEST:
            raise ValueError("a message that no parent sends")
        while len(self._raw) < HEAD.size + length:
            if not self._more():
                return None
        payload = bytes(self._raw[HEAD.size : HEAD.size + length])
        del self._raw[: HEAD.size + length]
        return kind, came, payload

    def _more(self) -> bool:
        """Wait for bytes. False when there will be none, and `reason` says why."""
        silent_at = time.monotonic() + SILENCE
        while not select.select([self._descriptor], [], [], LOOK_EVERY)[0]:
            self.reason = self._ended()
            if self.reason is None and time.monotonic() > silent_at:
                self.reason = "lost"
            if self.reason is not None:
                return False
        try:
            data = os.read(self._descriptor, LARGEST)
        except ConnectionError:
            data = b""
        if not data:
            self.reason = "lost"
            return False
        self._raw += data
        return True
