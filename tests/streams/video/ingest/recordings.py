"""Recordings as browsers and RTMP senders make them, by PyAV: small, and of any codec."""

from __future__ import annotations

import io
from fractions import Fraction
from functools import lru_cache
from typing import Any

import av
import numpy as np

MILLISECONDS = Fraction(1, 1000)
GLOBAL_HEADER = 0x400000


class Sink(io.BytesIO):
    """A muxer that can not go back writes what a live stream is."""

    def seekable(self) -> bool:
        return False


@lru_cache(maxsize=32)
def recording(
    seconds: float = 2.0,
    *,
    container: str = "webm",
    video: str | None = "libx264",
    audio: str | None = "libopus",
    size: tuple[int, int] = (160, 90),
    fps: int = 24,
) -> bytes:
    """A grey that changes, with a keyframe each second, and a tone of 440 Hz."""
    sink = Sink()
    options = {"live": "1", "cluster_time_limit": "1000"} if container == "webm" else {}
    # The muxer of WebM proper does not know H.264, which browsers put in there all the same.
    name = "matroska" if container == "webm" else container
    with av.open(sink, "w", format=name, options={**options, "flush_packets": "1"}) as opened:
        tracks: list[tuple[Any, list[Any]]] = []
        if video:
            tracks.append(_picture(opened, video, size, fps, seconds))
        if audio:
            tracks.append(_sound(opened, audio, seconds))
        packets = [packet for stream, frames in tracks for packet in _coded(stream, frames)]
        for packet in sorted(packets, key=lambda each: float(each.dts * each.time_base)):
            opened.mux(packet)
    return sink.getvalue()


def _coded(stream: Any, frames: list[Any]) -> list[Any]:
    return [packet for frame in [*frames, None] for packet in stream.encode(frame)]


def _picture(
    opened: Any, codec: str, size: tuple[int, int], fps: int, seconds: float
) -> tuple[Any, list[av.VideoFrame]]:
    stream = opened.add_stream(codec, rate=fps)
    stream.width, stream.height = size
    stream.pix_fmt = "yuv420p"
    stream.codec_context.time_base = MILLISECONDS
    stream.codec_context.gop_size = fps
    stream.codec_context.thread_count = 1
    if codec == "libx264":
        stream.options = {"preset": "ultrafast", "tune": "zerolatency"}
    elif codec.startswith("libvpx"):
        stream.options = {"deadline": "realtime", "cpu-used": "8", "lag-in-frames": "0"}
    frames = []
    for number in range(round(seconds * fps)):
        grey = np.full((size[1] * 3 // 2, size[0]), 128, np.uint8)
        grey[: size[1]] = 20 + number * 2 % 200
        frame = av.VideoFrame.from_ndarray(grey, format="yuv420p")
        frame.pts, frame.time_base = round(number * 1000 / fps), MILLISECONDS
        frames.append(frame)
    return stream, frames


def _sound(opened: Any, codec: str, seconds: float) -> tuple[Any, list[av.AudioFrame]]:
    stream = opened.add_stream(codec, rate=48_000)
    stream.layout = "stereo"
    samples = 1024 if codec == "aac" else 960
    frames = []
    for begin in range(0, round(seconds * 48_000) - samples + 1, samples):
        wave = np.sin((np.arange(samples) + begin) * (2 * np.pi * 440 / 48_000)) * 0.2
        both = np.stack([wave, wave]).astype(np.float32)
        if codec == "libopus":
            both = both.T.reshape(1, -1)
        kind = "flt" if codec == "libopus" else "fltp"
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(both), format=kind, layout="stereo")
        frame.sample_rate, frame.pts, frame.time_base = 48_000, begin, Fraction(1, 48_000)
        frames.append(frame)
    return stream, frames
