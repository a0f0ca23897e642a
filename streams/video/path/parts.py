"""What travels from a source to viewers: the beginning of a take, its parts, and its end.

A *take* is one unbroken feed of one source with one codec and size. A source that comes back, or another source, begins
the next take. Times of a take begin at 0; `at` ties them to the room's clock.
"""

from __future__ import annotations

import json
import struct
from dataclasses import asdict, dataclass
from typing import Any, ClassVar, Self

_HEAD = struct.Struct(">H")


@dataclass(frozen=True, slots=True)
class Init:
    """The beginning of a take, and what every newcomer needs first.

    take        its ordinal within the show, from 1
    rendition   "source" or "360p"
    codecs      RFC 6381, e.g. "avc1.42c01f,mp4a.40.2"
    width, height   pixels; 0 without a picture
    msn         the media sequence number of its first segment
    part        the longest part, in seconds (HLS's PART-TARGET)
    segment     the longest segment, in seconds
    at          server milliseconds of media time 0
    source      "simulated", "browser" or "rtmp"
    payload     ftyp and moov
    """

    kind: ClassVar[str] = "init"
    take: int
    rendition: str
    codecs: str
    width: int
    height: int
    msn: int
    part: float
    segment: float
    at: int
    source: str
    payload: bytes

    @property
    def mime(self) -> str:
        return f'video/mp4; codecs="{self.codecs}"'


@dataclass(frozen=True, slots=True)
class Part:
    """At most 250 ms of picture and sound.

    msn, index  its segment, and its place in it from 0
    start       media time of its first frame in seconds, from the beginning of the take
    duration    seconds
    at          server milliseconds of its first frame
    independent it begins with a keyframe; the first of a segment does, unless the sender's keyframes are rarer than
                segments are long
    payload     moof and mdat
    """

    kind: ClassVar[str] = "part"
    take: int
    msn: int
    index: int
    start: float
    duration: float
    at: int
    independent: bool
    payload: bytes


@dataclass(frozen=True, slots=True)
class End:
    """The take is over. `reason`: "stopped", "paused", "switched", "lost" or "failed"."""

    kind: ClassVar[str] = "end"
    take: int
    reason: str
    payload: bytes = b""


Piece = Init | Part | End
_KINDS: dict[str, type[Init] | type[Part] | type[End]] = {
    each.kind: each for each in (Init, Part, End)
}


def encode(piece: Piece) -> bytes:
    """Two bytes with the length of a JSON head, the head, the payload: in the store and on viewers' sockets alike."""
    fields = asdict(piece)
    payload = fields.pop("payload")
    head = json.dumps({"kind": piece.kind, **fields}, separators=(",", ":")).encode()
    return _HEAD.pack(len(head)) + head + payload


def decode(data: bytes) -> Piece:
    """Raises ValueError for what `encode` has not made."""
    try:
        [length] = _HEAD.unpack_from(data)
        head: dict[str, Any] = json.loads(data[2 : 2 + length])
        kind = _KINDS[head.pop("kind")]
        return kind(**head, payload=bytes(data[2 + length :]))
    except (struct.error, KeyError, TypeError, AttributeError) as error:
        raise ValueError("not a piece of video") from error


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A place in the sequence of all parts of a show."""

    msn: int
    index: int

    @classmethod
    def of(cls, part: Part) -> Self:
        return cls(part.msn, part.index)
