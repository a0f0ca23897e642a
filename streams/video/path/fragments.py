"""Boxes read back, for stills and for the small rendition. Reads what fmp4.py writes, and nothing else."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from streams.video.path.fmp4 import SYNC, AudioTrack, Run, Sample

_ROW = struct.Struct(">IIIi")


def runs(payload: bytes) -> list[Run]:
    """The runs of a `moof` and `mdat` as `fmp4.fragment` made them. Raises ValueError for anything else."""
    try:
        inside = _boxes(payload, 8, _size(payload, 0))
        return [_run(payload, start, end) for kind, start, end in inside if kind == b"traf"]
    except (struct.error, KeyError) as error:
        raise ValueError("no fragment of ours") from error


def _run(payload: bytes, start: int, end: int) -> Run:
    inside = {kind: at for kind, at, _ in _boxes(payload, start, end)}
    [track] = struct.unpack_from(">I", payload, inside[b"tfhd"] + 4)
    [time] = struct.unpack_from(">Q", payload, inside[b"tfdt"] + 4)
    count, at = struct.unpack_from(">Ii", payload, inside[b"trun"] + 4)
    samples = []
    for number in range(count):
        row = _ROW.unpack_from(payload, inside[b"trun"] + 12 + number * _ROW.size)
        duration, size, flags, offset = row
        samples.append(Sample(payload[at : at + size], duration, flags == SYNC, offset))
        at += size
    return Run(track, time, samples)


def _boxes(payload: bytes, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Kind, and where its content begins and ends."""
    while start < end:
        size = _size(payload, start)
        if size < 8:
            raise ValueError("no box of ours")
        yield payload[start + 4 : start + 8], start + 8, start + size
        start += size


def _size(payload: bytes, at: int) -> int:
    [size] = struct.unpack_from(">I", payload, at)
    return size


def config(payload: bytes) -> bytes:
    """The AVCDecoderConfigurationRecord in an Init's payload; empty where there is none."""
    at = payload.find(b"avcC")
    return payload[at + 4 : at - 4 + _size(payload, at - 4)] if at > 0 else b""


def audio_track(payload: bytes) -> AudioTrack | None:
    """The sound that an Init's payload describes."""
    at = payload.find(b"mp4a", payload.find(b"stsd", payload.find(b"soun")))
    if payload.find(b"soun") < 0:
        return None
    channels, rate = struct.unpack_from(">H6xH", payload, at + 20)
    # In `esds`: its version, then three descriptors, each within the one before it, with a tag and four bytes of
    # length; the first has 3 bytes of its own, the second 13.
    specific = payload.find(b"esds", at) + 4 + 4 + 5 + 3 + 5 + 13
    size = payload[specific + 4]
    return AudioTrack(payload[specific + 5 : specific + 5 + size], rate, channels)
