"""Real films for tests: H.264 by x264 and AAC, through the packager, into the store, onto the disk.

pieces = film(2)                    Init, parts, End: 160x90 at 24 frames a second, with a tone
sent("evening-edit", pieces)        into the part store, as a source's Feed does
recorded(show, pieces)              onto the disk with a closed Take row, as a take that is over
seen(pieces)                        what PyAV reads of it: times of the frames and of the sound
"""

from __future__ import annotations

import datetime as dt
import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

import av
import numpy as np
from django.conf import settings

from streams.shows.models import Show
from streams.video.models import Source, Take
from streams.video.path.feed import connect
from streams.video.path.fmp4 import AudioTrack, VideoTrack
from streams.video.path.h264 import length_prefixed, record
from streams.video.path.packager import Packager
from streams.video.path.parts import End, Init, Part, Piece
from streams.video.path.recorder import Recorder
from streams.video.path.store import Writer
from streams.video.takes import folder_of

GLOBAL_HEADER = 0x400000
BEGAN_AT = 1_790_000_000_000
"""Server milliseconds of a film's beginning, unless told."""


@dataclass(frozen=True)
class Coded:
    """One coded frame of picture or sound; times in seconds. Sound has `dts` equal to `pts`."""

    data: bytes
    pts: Fraction
    dts: Fraction
    key: bool = True


@dataclass(frozen=True)
class Footage:
    """What an encoder hands out: tracks, and frames in decoding order."""

    video: VideoTrack
    audio: AudioTrack | None
    frames: tuple[Coded, ...]
    sound: tuple[Coded, ...]


@lru_cache(maxsize=32)
def shot(
    seconds: float,
    width: int = 160,
    height: int = 90,
    fps: int = 24,
    audio: bool = True,
    *,
    rate: int = 48_000,
    b_frames: int = 0,
    times: tuple[Fraction, ...] | None = None,
    keys_every: float = 1.0,
) -> Footage:
    """Encode `seconds` of a grey that changes and a tone of 440 Hz. `times` (seconds) in place of even ones."""
    when = times or tuple(Fraction(n, fps) for n in range(round(seconds * fps)))
    video, frames = _picture(when, width, height, fps, b_frames, keys_every)
    track, sound = _tone(seconds, rate) if audio else (None, ())
    return Footage(video, track, frames, sound)


def film(
    seconds: float,
    width: int = 160,
    height: int = 90,
    fps: int = 24,
    audio: bool = True,
    *,
    take: int = 1,
    msn: int = 100,
    at: int = BEGAN_AT,
    source: str = "simulated",
    rendition: str = "source",
    reason: str = "stopped",
) -> list[Piece]:
    """One whole take: Init, parts, End. The first frame was taken at `at`."""
    pieces: list[Piece] = []
    footage = shot(seconds, width, height, fps, audio)
    packager = Packager(
        video=footage.video,
        audio=footage.audio,
        emit=pieces.append,
        clock=lambda time: at + round(time * 1000),
        take=take,
        msn=msn,
        source=source,
        rendition=rendition,
        frame=Fraction(1, fps),
    )
    play(footage, packager)
    packager.close(reason)
    return pieces


def play(footage: Footage, packager: Packager) -> None:
    """Hand picture and sound to a packager in the order of their times, as a sender does."""
    waiting = list(footage.sound)
    for frame in footage.frames:
        while waiting and waiting[0].pts <= frame.dts:
            sound = waiting.pop(0)
            packager.audio(sound.data, pts=sound.pts)
        packager.video(frame.data, pts=frame.pts, dts=frame.dts, key=frame.key)
    for sound in waiting:
        packager.audio(sound.data, pts=sound.pts)


def sent(slug: str, pieces: Sequence[Piece], rendition: str = "source") -> None:
    """Store pieces as the show's source would."""
    client = connect(settings.VIDEO_REDIS_URL)
    try:
        writer = Writer(client, slug)
        for piece in pieces:
            assert writer.write(piece, rendition)
    finally:
        client.close()


def recorded(show: Show, pieces: Sequence[Piece]) -> Take:
    """A take on disk and its row, closed. `pieces` as of `film`."""
    [init] = [each for each in pieces if isinstance(each, Init)]
    parts = [each for each in pieces if isinstance(each, Part)]
    recorder = Recorder(folder_of(show), init.take, 1 << 40)
    for piece in pieces:
        recorder.write(piece)
    recorder.close()
    ends = [each.reason for each in pieces if isinstance(each, End)]
    return Take.objects.create(
        show=show,
        ordinal=init.take,
        source=Source(init.source),
        first_msn=init.msn,
        started_at=moment(init.at),
        ended_at=moment(parts[-1].at + round(parts[-1].duration * 1000)),
        reason=ends[-1] if ends else "lost",
        seconds=parts[-1].start + parts[-1].duration,
        bytes=recorder.bytes,
    )


def moment(at: int) -> dt.datetime:
    """Server milliseconds as a time."""
    return dt.datetime.fromtimestamp(at / 1000, tz=dt.UTC)


@dataclass(frozen=True)
class Seen:
    """What a reader finds: presentation times in seconds, from the beginning of the take."""

    frames: list[float]
    sound: list[tuple[float, float]]
    """(begin, end) of every decoded piece of sound."""
    brightness: list[float]
    """Of each frame, 0-255."""
    keys: list[float]
    size: tuple[int, int]


def seen(pieces: Sequence[Piece]) -> Seen:
    """Decode everything with PyAV."""
    data = b"".join(piece.payload for piece in pieces)
    frames, brightness, keys, sound = [], [], [], []
    with av.open(io.BytesIO(data)) as container:
        stream = container.streams.video[0]
        size = (stream.width, stream.height)
        for frame in container.decode(video=0):
            frames.append(float(frame.pts * frame.time_base))
            brightness.append(float(frame.to_ndarray(format="gray").mean()))
            if frame.key_frame:
                keys.append(frames[-1])
    with av.open(io.BytesIO(data)) as container:
        if container.streams.audio:
            for heard in container.decode(audio=0):
                begin = float(heard.pts * heard.time_base)
                sound.append((begin, begin + heard.samples / heard.sample_rate))
    return Seen(frames, sound, brightness, keys, size)


def _picture(
    times: Sequence[Fraction], width: int, height: int, fps: int, b_frames: int, keys_every: float
) -> tuple[VideoTrack, tuple[Coded, ...]]:
    encoder = av.CodecContext.create("libx264", "w")
    encoder.width, encoder.height, encoder.pix_fmt = width, height, "yuv420p"
    encoder.time_base, encoder.framerate = Fraction(1, 90_000), Fraction(fps)
    encoder.options = {"preset": "ultrafast", "bf": str(b_frames), "g": "1000000"}
    if not b_frames:
        encoder.options = {**encoder.options, "tune": "zerolatency"}
    encoder.flags |= GLOBAL_HEADER
    encoder.thread_count = 1
    encoder.open()
    coded: list[Coded] = []
    next_key = -math.inf
    for number, time in enumerate(times):
        grey = np.full((height * 3 // 2, width), 128, np.uint8)
        grey[:height] = 20 + number * 2 % 200
        frame = av.VideoFrame.from_ndarray(grey, format="yuv420p")
        frame.pts, frame.time_base = round(time * 90_000), Fraction(1, 90_000)
        if time >= next_key:
            frame.pict_type = av.video.frame.PictureType.I
            next_key = float(time) + keys_every - 0.5 / fps
        coded += map(_coded, encoder.encode(frame))
    coded += map(_coded, encoder.encode(None))
    return VideoTrack(record(bytes(encoder.extradata or b"")), width, height), tuple(coded)


def _coded(packet: av.Packet) -> Coded:
    base = packet.time_base
    data = length_prefixed(bytes(packet))
    return Coded(data, packet.pts * base, packet.dts * base, packet.is_keyframe)


def _tone(seconds: float, rate: int) -> tuple[AudioTrack, tuple[Coded, ...]]:
    encoder = av.CodecContext.create("aac", "w")
    encoder.sample_rate, encoder.layout, encoder.format = rate, "stereo", "fltp"
    encoder.time_base = Fraction(1, rate)
    encoder.flags |= GLOBAL_HEADER
    encoder.open()
    packets: list[av.Packet] = []
    for begin in range(0, round(seconds * rate), 1024):
        wave = np.sin((np.arange(1024) + begin) * (2 * np.pi * 440 / rate)).astype(np.float32)
        frame = av.AudioFrame.from_ndarray(
            np.stack([wave, wave]) * 0.2, format="fltp", layout="stereo"
        )
        frame.sample_rate, frame.pts, frame.time_base = rate, begin, Fraction(1, rate)
        packets += encoder.encode(frame)
    packets += encoder.encode(None)
    sound = tuple(
        Coded(bytes(each), each.pts * each.time_base, each.pts * each.time_base) for each in packets
    )
    return AudioTrack(bytes(encoder.extradata or b""), rate, 2), sound
