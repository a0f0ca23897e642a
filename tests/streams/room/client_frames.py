"""What a WebSocket client writes, made by hand: right frames and wrong ones."""

from __future__ import annotations

import os

from streams.room.wire import BINARY, CLOSE, PING, PONG, TEXT, unmask

__all__ = ["BINARY", "CLOSE", "PING", "PONG", "TEXT", "frame", "goodbye"]


def frame(
    opcode: int,
    payload: bytes = b"",
    *,
    final: bool = True,
    masked: bool = True,
    reserved: int = 0,
    length_bytes: int | None = None,
) -> bytes:
    """`length_bytes` (0, 2 or 8) says the length in a longer way than needed."""
    size = len(payload)
    if length_bytes is None:
        length_bytes = 0 if size <= 125 else 2 if size <= 0xFFFF else 8
    short = {0: size, 2: 126, 8: 127}[length_bytes]
    first = (0x80 if final else 0) | reserved | opcode
    head = bytes((first, (0x80 if masked else 0) | short))
    head += size.to_bytes(length_bytes) if length_bytes else b""
    if not masked:
        return head + payload
    mask = os.urandom(4)
    return head + mask + unmask(payload, mask)


def goodbye(code: int = 1000, reason: bytes = b"") -> bytes:
    return frame(CLOSE, code.to_bytes(2) + reason)
