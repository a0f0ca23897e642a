"""The picture of a sender as H.264: copied where it is H.264 already, else VP8 and VP9 are coded anew."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import av
from av.video.frame import PictureType
from av.video.reformatter import VideoReformatter

from streams.video.path.fmp4 import VIDEO_SCALE, VideoTrack
from streams.video.path.h264 import PPS, SPS, NotH264, is_record, record, units

GLOBAL_HEADER = 0x400000
DELIMITER = 9
MOST_PIXELS = 4096 * 2304
LINES = 720 if (os.cpu_count() or 1) >= 4 else 480
"""Of the shorter side of a picture that is coded anew."""
KEY_EVERY = Fraction(1)


class Changed(Exception):
    """The picture has another size or other parameters from here on: that is another take."""


@dataclass(frozen=True, slots=True)
class Coded:
    """A frame of H.264 with lengths before its units; times in seconds."""

    data: bytes
    pts: Fraction
    dts: Fraction
    key: bool


class Copied:
    """H.264 as it came. `track` is known from the first keyframe on, or from the beginning."""

    def __init__(self, context: av.VideoCodecContext) -> None:
        self._size = (context.width, context.height)
        self.track: VideoTrack | None = None
        extradata = bytes(context.extradata or b"")
        self._with_lengths = is_record(extradata)
        if self._with_lengths and extradata[4] & 3 != 3:
            raise NotH264("The lengths of its units are short.")
        if extradata:
            self.track = VideoTrack(record(extradata), *self._size)

    def take(self, packet: av.Packet[Any]) -> Iterator[Coded]:
        """Raises NotH264, Changed."""
        if packet.pts is None:
            return
        data = bytes(packet)
        if not self._with_lengths:
            data = self._unpacked(data, packet.is_keyframe)
        if self.track is None or not data:
            return
        pts = packet.pts * packet.time_base
        dts = pts if packet.dts is None else min(pts, packet.dts * packet.time_base)
        yield Coded(data, pts, dts, packet.is_keyframe)

    def _unpacked(self, data: bytes, key: bool) -> bytes:
        """Start codes become lengths; parameter sets go into the track."""
        found = units(data)
        if key and any(unit[0] & 0x1F == SPS for unit in found):
            config = record(data)
            if self.track is None:
                self.track = VideoTrack(config, *self._size)
            elif self.track.config != config:
                raise Changed
        kept = [unit for unit in found if unit[0] & 0x1F not in (SPS, PPS, DELIMITER)]
        return b"".join(len(unit).to_bytes(4, "big") + unit for unit in kept)


class Recoded:
    """VP8 or VP9 to H.264 with a keyframe each second, as fast as x264 can."""

    def __init__(self, context: av.VideoCodecContext) -> None:
        decoder = av.CodecContext.create(context.name, "r")
        assert isinstance(decoder, av.VideoCodecContext)
        self._decoder = decoder
        self._decoder.thread_count = 1
        self._decoder.options = {"max_pixels": str(MOST_PIXELS)}
        self._from = (context.width, context.height)
        shrink = min(1.0, LINES / max(1, min(self._from)))
        self._width, self._height = (max(2, round(side * shrink / 2) * 2) for side in self._from)
        self._encoder = self._make_encoder()
        config = record(bytes(self._encoder.extradata or b""))
        self.track: VideoTrack | None = VideoTrack(config, self._width, self._height)
        self._scaler = VideoReformatter()
        self._next_key: Fraction | None = None
        self._last: int | None = None

    def take(self, packet: av.Packet[Any], *, show: bool = True) -> Iterator[Coded]:
        """`show` False: the frame is only decoded, as others need it. Raises av.error.InvalidDataError, Changed."""
        for frame in self._decoder.decode(packet):
            if frame.pts is None or not show:
                continue
            if (frame.width, frame.height) != self._from:
                raise Changed
            yield from self._encode(frame, frame.pts * packet.time_base)

    def _encode(self, frame: av.VideoFrame, time: Fraction) -> Iterator[Coded]:
        ticks = round(time * VIDEO_SCALE)
        if self._last is not None and ticks <= self._last:
            return
        self._last = ticks
        if frame.format.name != "yuv420p" or (self._width, self._height) != self._from:
            frame = self._scaler.reformat(
                frame, self._width, self._height, "yuv420p", interpolation="FAST_BILINEAR"
            )
        frame.pts, frame.time_base = ticks, Fraction(1, VIDEO_SCALE)
        frame.pict_type = PictureType.NONE
        if self._next_key is None or time >= self._next_key:
            frame.pict_type = PictureType.I
            self._next_key = time + KEY_EVERY
        for made in self._encoder.encode(frame):
            found = (unit for unit in units(bytes(made)) if unit[0] & 0x1F not in (SPS, PPS))
            data = b"".join(len(unit).to_bytes(4, "big") + unit for unit in found)
            at = Fraction(made.pts or 0, VIDEO_SCALE)
            yield Coded(data, at, at, made.is_keyframe)

    def _make_encoder(self) -> av.VideoCodecContext:
        encoder = av.CodecContext.create("libx264", "w")
        encoder.width, encoder.height, encoder.pix_fmt = self._width, self._height, "yuv420p"
        encoder.time_base, encoder.framerate = Fraction(1, VIDEO_SCALE), Fraction(30)
        encoder.thread_count = 1
        encoder.flags |= GLOBAL_HEADER
        encoder.options = {
            "preset": "ultrafast",
            "tune": "zerolatency",
            "crf": "23",
            "maxrate": "2000k",
            "bufsize": "1000k",
            "g": "100000",
            "forced-idr": "1",
        }
        encoder.open()
        return encoder
