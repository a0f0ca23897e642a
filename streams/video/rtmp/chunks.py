"""RTMP's chunk stream (Adobe's RTMP 1.0, section 5.3): bytes in, messages out, and back. No input, no output.

Nothing that a sender claims is believed with memory: a message grows by the bytes that have come, within the limit of
its kind, and all unfinished messages together within one limit.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

SET_CHUNK_SIZE, ABORT, ACK, USER_CONTROL, WINDOW_ACK, PEER_BANDWIDTH = 1, 2, 3, 4, 5, 6
AUDIO, VIDEO, DATA_AMF3, COMMAND_AMF3, DATA, COMMAND = 8, 9, 15, 17, 18, 20

LARGEST_VIDEO = 4 * 1024 * 1024
"""A keyframe of 4K at its best is smaller."""
LARGEST = 64 * 1024
"""Of everything else, and of pictures before a right key was shown."""
MOST_UNFINISHED = LARGEST_VIDEO + 256 * 1024
MOST_STREAMS = 32
"""Chunk streams of one connection; senders use four."""
CHUNK_SIZES = range(128, 0xFFFFFF + 1)
"""The specification's smallest sensible one: tinier ones only make work. And the longest message there can be."""
FIRST_CHUNK_SIZE = 128
OUR_CHUNK_SIZE = 4096
LATE = 0xFFFFFF
"""In the place of a timestamp: the real one follows in four bytes."""


class BadStream(ValueError):
    """Not RTMP, or more than anybody needs to say. The connection can not go on."""


@dataclass(frozen=True, slots=True)
class Message:
    """`timestamp` in milliseconds, modulo 2**32."""

    kind: int
    timestamp: int
    stream: int
    payload: bytes


@dataclass(slots=True)
class _Channel:
    """What one chunk stream remembers from header to header."""

    timestamp: int = 0
    step: int = 0
    """The last header's time, a delta or the first timestamp: a message without a header repeats it (5.3.1.2.4)."""
    length: int = 0
    kind: int = 0
    stream: int = 0
    extended: bool = False
    begun: bool = False
    """A message is on its way."""
    payload: bytearray = field(default_factory=bytearray)


class Chunks:
    """One direction of one connection. `largest_video` is raised once the sender is known."""

    def __init__(self) -> None:
        self.largest_video = LARGEST
        self._buffer = bytearray()
        self._size = FIRST_CHUNK_SIZE
        self._channels: dict[int, _Channel] = {}
        self._current: _Channel | None = None
        self._left = 0  # bytes of the current chunk that have not come yet
        self._unfinished = 0

    def feed(self, data: bytes) -> list[Message]:
        """The messages that end in `data`, however the bytes were cut. Raises BadStream."""
        self._buffer += data
        messages: list[Message] = []
        at = 0
        while True:
            if self._current is None:
                begun = self._header(at)
                if begun is None:
                    break
                at = begun
            channel = self._current
            assert channel is not None
            taken = min(self._left, len(self._buffer) - at)
            channel.payload += self._buffer[at : at + taken]
            at, self._left, self._unfinished = (
                at + taken,
                self._left - taken,
                self._unfinished + taken,
            )
            if self._unfinished > MOST_UNFINISHED:
                raise BadStream("Too many messages are unfinished.")
            if self._left:
                break
            self._current = None
            if len(channel.payload) == channel.length:
                message = self._finish(channel)
                if message is not None:
                    messages.append(message)
        del self._buffer[:at]
        return messages

    # -- headers ----------------------------------------------------------------------------------

    def _header(self, at: int) -> int | None:
        """Read a chunk's header; the place behind it, or None while it is not whole."""
        buffer = self._buffer
        if at >= len(buffer):
            return None
        shape, number = buffer[at] >> 6, buffer[at] & 0x3F
        at += 1
        if number < 2:
            extra = number + 1
            if at + extra > len(buffer):
                return None
            number = 64 + int.from_bytes(buffer[at : at + extra], "little")
            at += extra
        length = (11, 7, 3, 0)[shape]
        if at + length > len(buffer):
            return None
        known = self._channels.get(number)
        if known is None and shape > 1:  # a delta at the beginning counts from 0
            raise BadStream("A chunk goes on with what never began.")
        channel = known or _Channel()
        if channel.begun and shape != 3:
            raise BadStream("A message begins inside of another one.")
        head = bytes(buffer[at : at + length])
        at += length
        time = int.from_bytes(head[:3], "big") if length else channel.step
        extended = time == LATE if length else channel.extended
        if extended:
            if at + 4 > len(buffer):
                return None
            time = int.from_bytes(buffer[at : at + 4], "big")
            if length or time == channel.step:
                at += 4
            else:
                time = channel.step  # some senders leave it out where a message goes on
        if known is None:
            if len(self._channels) >= MOST_STREAMS:
                raise BadStream("There are too many chunk streams.")
            self._channels[number] = channel
        channel.extended = extended
        if length >= 7:
            channel.length, channel.kind = int.from_bytes(head[3:6], "big"), head[6]
        if length == 11:
            channel.stream = int.from_bytes(head[7:11], "little")
        if not channel.begun:
            self._begin(channel, shape, time)
        self._left = min(self._size, channel.length - len(channel.payload))
        self._current = channel
        return at

    def _begin(self, channel: _Channel, shape: int, time: int) -> None:
        limit = self.largest_video if channel.kind == VIDEO else LARGEST
        if channel.length > limit:
            raise BadStream(f"A message of {channel.length:,} bytes is too long.")
        if shape == 0:
            channel.timestamp = time
        else:
            channel.timestamp = (channel.timestamp + time) & 0xFFFFFFFF
        channel.step = time
        channel.begun = True

    def _finish(self, channel: _Channel) -> Message | None:
        payload = bytes(channel.payload)
        self._drop(channel)
        if channel.kind == SET_CHUNK_SIZE:
            size = _number(payload)
            if size not in CHUNK_SIZES:
                raise BadStream(f"Chunks of {size:,} bytes are out of bounds.")
            self._size = size
            return None
        if channel.kind == ABORT:
            aborted = self._channels.get(_number(payload))
            if aborted is not None:
                self._drop(aborted)
            return None
        return Message(channel.kind, channel.timestamp, channel.stream, payload)

    def _drop(self, channel: _Channel) -> None:
        self._unfinished -= len(channel.payload)
        channel.payload = bytearray()
        channel.begun = False


def _number(payload: bytes) -> int:
    if len(payload) < 4:
        raise BadStream("A control message is too short.")
    return int.from_bytes(payload[:4], "big")


def chunked(message: Message, *, channel: int = 3, size: int = FIRST_CHUNK_SIZE) -> bytes:
    """A message as bytes, in chunks of `size`. `channel` from 2 to 63."""
    late = message.timestamp >= LATE
    extra = struct.pack(">I", message.timestamp) if late else b""
    head = (
        bytes([channel])
        + min(message.timestamp, LATE).to_bytes(3, "big")
        + len(message.payload).to_bytes(3, "big")
        + bytes([message.kind])
        + message.stream.to_bytes(4, "little")
        + extra
    )
    pieces = [message.payload[at : at + size] for at in range(0, len(message.payload), size)]
    return head + (bytes([0xC0 | channel]) + extra).join(pieces)
