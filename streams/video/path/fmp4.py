"""Fragmented MP4, written box by box: what a browser's MediaSource and every HLS player take.

A muxer of a library cuts where it likes and waits for the other track before it lets go of a packet; here a part ends
exactly where the packager says, and leaves at once. Boxes as in ISO/IEC 14496-12 (`avc1`, `avcC`: 14496-15; `esds`:
14496-14).
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass

VIDEO, AUDIO = 1, 2
"""Track ids."""
VIDEO_SCALE = 90_000
"""Ticks a second of the video track."""
SYNC, NOT_SYNC = 0x02000000, 0x01010000
"""Sample flags: depends on nothing; depends on others and is no place to begin."""
MATRIX = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)


@dataclass(frozen=True, slots=True)
class VideoTrack:
    """H.264. `config` is an AVCDecoderConfigurationRecord (what `avcC` holds); sizes in pixels."""

    config: bytes
    width: int
    height: int

    @property
    def codec(self) -> str:
        """As RFC 6381 wants it: `avc1.42c01f`."""
        return f"avc1.{self.config[1:4].hex()}"


@dataclass(frozen=True, slots=True)
class AudioTrack:
    """AAC-LC. `config` is an AudioSpecificConfig, `rate` in samples a second (also the track's ticks)."""

    config: bytes
    rate: int
    channels: int

    @property
    def codec(self) -> str:
        return "mp4a.40.2"


@dataclass(frozen=True, slots=True)
class Sample:
    """One coded frame. `duration` and `offset` (presentation minus decoding) in ticks of its track."""

    data: bytes
    duration: int
    sync: bool = True
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Run:
    """Samples of one track that follow each other; `start` is the decoding time of the first, in ticks."""

    track: int
    start: int
    samples: Sequence[Sample]


def box(kind: bytes, *content: bytes) -> bytes:
    size = 8 + sum(map(len, content))
    return b"".join((struct.pack(">I4s", size, kind), *content))


def full(kind: bytes, version: int, flags: int, *content: bytes) -> bytes:
    return box(kind, struct.pack(">I", version << 24 | flags), *content)


def init_segment(video: VideoTrack | None, audio: AudioTrack | None) -> bytes:
    """`ftyp` and `moov`: the tracks, and no sample."""
    tracks = [_video_track(video)] if video else []
    tracks += [_audio_track(audio)] if audio else []
    kinds = ([VIDEO] if video else []) + ([AUDIO] if audio else [])
    extends = [full(b"trex", 0, 0, struct.pack(">5I", kind, 1, 0, 0, 0)) for kind in kinds]
    head = struct.pack(">4I2I", 0, 0, 1000, 0, 0x10000, 0x01000000)
    movie = full(b"mvhd", 0, 0, head, bytes(8), MATRIX, bytes(24), struct.pack(">I", 3))
    brands = b"iso5" + struct.pack(">I", 512) + b"iso5iso6mp41"
    return box(b"ftyp", brands) + box(b"moov", movie, *tracks, box(b"mvex", *extends))


def fragment(sequence: int, runs: Sequence[Run]) -> bytes:
    """`moof` and `mdat` with the samples of all runs, one run a track. Empty runs are left out."""
    runs = [run for run in runs if run.samples]
    # The offsets of the data stand in the head, whose length does not depend on them.
    length = len(_moof(sequence, runs, [0] * len(runs)))
    offsets, at = [], length + 8
    for run in runs:
        offsets.append(at)
        at += sum(len(sample.data) for sample in run.samples)
    data = [sample.data for run in runs for sample in run.samples]
    return _moof(sequence, runs, offsets) + box(b"mdat", *data)


def _moof(sequence: int, runs: Sequence[Run], offsets: Sequence[int]) -> bytes:
    fragments = [_traf(run, offset) for run, offset in zip(runs, offsets, strict=True)]
    return box(b"moof", full(b"mfhd", 0, 0, struct.pack(">I", sequence)), *fragments)


def _traf(run: Run, offset: int) -> bytes:
    default_base_is_moof = 0x020000
    head = full(b"tfhd", 0, default_base_is_moof, struct.pack(">I", run.track))
    time = full(b"tfdt", 1, 0, struct.pack(">Q", run.start))
    # data offset; for each sample duration, size, flags, and (version 1: signed) composition offset
    rows = b"".join(
        struct.pack(
            ">IIIi",
            sample.duration,
            len(sample.data),
            SYNC if sample.sync else NOT_SYNC,
            sample.offset,
        )
        for sample in run.samples
    )
    table = full(b"trun", 1, 0x000F01, struct.pack(">Ii", len(run.samples), offset), rows)
    return box(b"traf", head, time, table)


def _video_track(track: VideoTrack) -> bytes:
    entry = box(
        b"avc1",
        bytes(6) + struct.pack(">H", 1) + bytes(16),
        struct.pack(">HHIIIH", track.width, track.height, 0x480000, 0x480000, 0, 1),
        bytes(32) + struct.pack(">Hh", 24, -1),
        box(b"avcC", track.config),
    )
    media = full(b"vmhd", 0, 1, bytes(8))
    size = (track.width << 16, track.height << 16)
    return _track(VIDEO, VIDEO_SCALE, b"vide", media, entry, size, volume=0)


def _audio_track(track: AudioTrack) -> bytes:
    specific = _descriptor(5, track.config)
    decoder = _descriptor(4, bytes([0x40, 0x15]) + bytes(11) + specific)
    stream = _descriptor(3, struct.pack(">HB", AUDIO, 0) + decoder + _descriptor(6, b"\x02"))
    entry = box(
        b"mp4a",
        bytes(6) + struct.pack(">H", 1) + bytes(8),
        # What does not fit is left to the esds.
        struct.pack(">HHIHH", track.channels, 16, 0, track.rate if track.rate < 1 << 16 else 0, 0),
        full(b"esds", 0, 0, stream),
    )
    media = full(b"smhd", 0, 0, bytes(4))
    return _track(AUDIO, track.rate, b"soun", media, entry, (0, 0), volume=0x0100)


def _descriptor(tag: int, content: bytes) -> bytes:
    """An MPEG-4 descriptor with its length in four bytes of seven bits."""
    size = len(content)
    return (
        bytes([tag, *(size >> shift & 0x7F | 0x80 for shift in (21, 14, 7)), size & 0x7F]) + content
    )


def _track(
    number: int,
    scale: int,
    handler: bytes,
    media: bytes,
    entry: bytes,
    size: tuple[int, int],
    *,
    volume: int,
) -> bytes:
    head = struct.pack(">5I", 0, 0, number, 0, 0)
    tail = struct.pack(">8x2h2H", 0, 0, volume, 0)
    track = full(b"tkhd", 0, 7, head, tail, MATRIX, struct.pack(">2I", *size))
    times = full(b"mdhd", 0, 0, struct.pack(">4I2H", 0, 0, scale, 0, 0x55C4, 0))
    kind = full(b"hdlr", 0, 0, bytes(4) + handler + bytes(12) + b"livestore\0")
    here = box(b"dinf", full(b"dref", 0, 0, struct.pack(">I", 1), full(b"url ", 0, 1)))
    tables = box(
        b"stbl",
        full(b"stsd", 0, 0, struct.pack(">I", 1), entry),
        *(full(name, 0, 0, bytes(4)) for name in (b"stts", b"stsc", b"stco")),
        full(b"stsz", 0, 0, bytes(8)),
    )
    return box(b"trak", track, box(b"mdia", times, kind, box(b"minf", media, here, tables)))
