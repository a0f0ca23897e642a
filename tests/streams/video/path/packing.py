"""Packaging footage in tests, and reading it back."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from fractions import Fraction

import av

from streams.video.path.packager import Packager
from streams.video.path.parts import Part, Piece
from tests.streams.video.filming import Coded, Footage, play, shot

FRAME = Fraction(1, 24)


def packaged(footage: Footage, frame: Fraction | None = None) -> list[Piece]:
    pieces: list[Piece] = []
    packager = packager_of(footage, pieces, frame)
    play(footage, packager)
    packager.close("stopped")
    return pieces


def packager_of(
    footage: Footage, pieces: list[Piece], frame: Fraction | None = None, msn: int = 7
) -> Packager:
    return Packager(
        video=footage.video,
        audio=footage.audio,
        emit=pieces.append,
        clock=lambda time: round(time * 1000),
        take=3,
        msn=msn,
        source="simulated",
        frame=frame,
    )


def parts_of(pieces: Iterable[Piece]) -> list[Part]:
    return [piece for piece in pieces if isinstance(piece, Part)]


def footage_of(times: Sequence[Fraction], keys: Iterable[int] = (0,)) -> Footage:
    """The same picture again and again: enough where nothing looks at it."""
    one = shot(0.1, audio=False)
    at = set(keys)
    frames = [
        Coded(one.frames[number not in at].data, time, time, number in at)
        for number, time in enumerate(times)
    ]
    return Footage(one.video, None, tuple(frames), ())


def demuxed(pieces: Sequence[Piece], kind: str = "video") -> list[av.Packet]:
    """Packets as PyAV's own reader of MP4 finds them."""
    data = b"".join(piece.payload for piece in pieces)
    with av.open(io.BytesIO(data)) as container:
        [stream] = [each for each in container.streams if each.type == kind]
        return [packet for packet in container.demux(stream) if packet.size]


def ends(packet: av.Packet) -> float:
    return float((packet.dts + packet.duration) * packet.time_base)
