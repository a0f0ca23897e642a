"""Events as JSON text and as WebSocket bytes, each made once."""

from __future__ import annotations

import struct
import time
from collections.abc import Iterable
from functools import cached_property

import orjson

from streams.room.announcements import Written
from streams.room.protocol import Event


def now_ms() -> int:
    """Milliseconds since 1970 by this process, for events that are not facts of the database."""
    return int(time.time() * 1000)


def open_text(event: Event | Written, *, at: int, rev: int | None = None) -> bytes:
    """The event as JSON without its closing brace, so that a seq can be added without parsing it again."""
    text = b'{"type":"%b","at":%d,"data":%b' % (
        event.type.encode(),
        at or now_ms(),
        event.model_dump_json().encode(),
    )
    return text if rev is None else text + b',"rev":%d' % rev


def text_of(
    event: Event | Written, *, at: int = 0, rev: int | None = None, seq: int | None = None
) -> bytes:
    """The whole event as JSON."""
    text = open_text(event, at=at, rev=rev)
    return text + b"}" if seq is None else text + b',"seq":%d}' % seq


def tombstone(text: bytes) -> bytes:
    """A chat.message without what was said: who, when and the seq stay."""
    event = orjson.loads(text)
    if event["type"] == "chat.message":
        event["data"] |= {"text": "", "number": None, "deleted": True}
    return orjson.dumps(event)


TEXT, BINARY = b"\x81", b"\x82"
"""The first byte of a frame that is a whole message."""


def wire(payload: bytes, kind: bytes = TEXT) -> bytes:
    """A server's WebSocket frame (RFC 6455): final, not masked, not compressed."""
    size = len(payload)
    if size <= 125:
        return kind + bytes([size]) + payload
    if size <= 0xFFFF:
        return kind + b"\x7e" + struct.pack("!H", size) + payload
    return kind + b"\x7f" + struct.pack("!Q", size) + payload


class Frame:
    """One text frame; its bytes are the same for every socket that gets it."""

    events = 1
    """How many events it tells (a reply counts as one)."""
    left_out = 0

    def __init__(self, payload: bytes) -> None:
        self.payload = payload

    @cached_property
    def wire(self) -> bytes:
        return wire(self.payload)

    @cached_property
    def text(self) -> str:
        return self.payload.decode()

    def message(self) -> dict[str, str | bytes]:
        """What an ASGI server is given."""
        return {"type": "websocket.send", "text": self.text}


class BinaryFrame(Frame):
    """A frame of bytes, kept once: as they are written."""

    def __init__(self, payload: bytes) -> None:
        self._wire = wire(payload, BINARY)
        self._size = len(payload)

    @property
    def wire(self) -> bytes:
        return self._wire

    def message(self) -> dict[str, str | bytes]:
        return {"type": "websocket.send", "bytes": self._wire[-self._size :]}


class Batch(Frame):
    """Events in one frame. `lines` are (seq, text), seq 0 for events that have none.

    `left_out` chat messages of a busy room are missing from it on purpose; then it says up to which seq it
    brings its reader (`through`), so that a reader can still tell a gap.
    """

    def __init__(
        self,
        epoch: str,
        lines: Iterable[tuple[int, bytes]],
        *,
        through: int = 0,
        left_out: int = 0,
    ) -> None:
        found = [text for _, text in lines]
        self.events, self.left_out = len(found), left_out
        texts = b",".join(found)
        more = b',"through":%d,"left_out":%d' % (through, left_out) if left_out else b""
        super().__init__(b'{"epoch":"%b","events":[%b]%b}' % (epoch.encode(), texts, more))


def ok_reply(ref: str, data: dict[str, object]) -> Frame:
    return Frame(orjson.dumps({"ref": ref, "ok": True, "data": data}))


def error_reply(ref: str, error: dict[str, object]) -> Frame:
    return Frame(orjson.dumps({"ref": ref, "ok": False, "error": error}))
