"""From planes to a take: x264 as cheap as it gets, music that is coded already, both on one clock."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import av
import numpy as np
from av.video.reformatter import VideoReformatter

from streams.video.camera.music import FRAME, RATE, Sound
from streams.video.camera.planes import HEIGHT, WIDTH, Planes
from streams.video.path.fmp4 import VideoTrack
from streams.video.path.h264 import length_prefixed, record
from streams.video.path.packager import Clock, Emit, Packager
from streams.video.path.picture import GLOBAL_HEADER


@dataclass(frozen=True, slots=True)
class Size:
    """What is sent. The picture is drawn at 480 x 854 and scaled if that is not wanted."""

    width: int = WIDTH
    fps: int = 24
    kbits: int = 900

    @property
    def height(self) -> int:
        return round(self.width * HEIGHT / WIDTH / 2) * 2


class Coder:
    """One take. Frames are numbered from 0; sound follows them by itself."""

    def __init__(
        self, size: Size, sound: Sound, *, emit: Emit, clock: Clock, take: int, msn: int
    ) -> None:
        self._size, self._sound = size, sound
        self._encoder = encoder = av.CodecContext.create("libx264", "w")
        encoder.width, encoder.height, encoder.pix_fmt = size.width, size.height, "yuv420p"
        encoder.time_base, encoder.framerate = Fraction(1, size.fps), Fraction(size.fps)
        encoder.flags |= GLOBAL_HEADER
        encoder.thread_count = 1
        encoder.options = {
            "preset": "ultrafast",
            "tune": "zerolatency",
            "crf": "24",
            "maxrate": f"{size.kbits}k",
            "bufsize": f"{size.kbits}k",
            "g": str(size.fps),
            "keyint_min": str(size.fps),
            "sc_threshold": "0",
            # Static tints without bands, and the edges of type smooth.
            "x264-params": "no-deblock=0:deblock=0,0:aq-mode=1:colorprim=smpte170m:transfer=smpte170m"
            ":colormatrix=smpte170m:range=tv",
        }
        encoder.open()
        self._frame = av.VideoFrame(WIDTH, HEIGHT, "yuv420p")
        self._planes = Planes(*(_writable(plane) for plane in self._frame.planes))
        self._scaler = VideoReformatter() if size.width != WIDTH else None
        self._sounded = 0
        config = record(bytes(encoder.extradata or b""))
        self._packager = Packager(
            video=VideoTrack(config, size.width, size.height),
            audio=sound.track,
            emit=emit,
            clock=clock,
            take=take,
            msn=msn,
            source="simulated",
            frame=Fraction(1, size.fps),
        )

    @property
    def planes(self) -> Planes:
        """What the next frame shows; to be written to."""
        return self._planes

    @property
    def next_sound(self) -> int:
        return self._sounded

    def send(self, number: int) -> None:
        """Frame `number`, and the sound until its end."""
        frame = self._frame
        if self._scaler is not None:
            frame = self._scaler.reformat(frame, self._size.width, self._size.height, "yuv420p")
        frame.pts, frame.time_base = number, Fraction(1, self._size.fps)
        if number:  # nothing is heard before the first frame
            self._play((number + 1) * RATE // self._size.fps)
        for packet in self._encoder.encode(frame):
            time = Fraction(number, self._size.fps)
            data = length_prefixed(bytes(packet))
            self._packager.video(data, pts=time, dts=time, key=packet.is_keyframe)

    def _play(self, until: int) -> None:
        while self._sounded * FRAME < until:
            data = self._sound.frame(self._sounded)
            self._packager.audio(data, pts=Fraction(self._sounded * FRAME, RATE))
            self._sounded += 1

    def close(self, reason: str) -> None:
        self._packager.close(reason)


def _writable(plane: Any) -> Any:
    """The plane's own memory as an array, without the padding at the end of lines."""
    return np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)[
        : plane.height, : plane.width
    ]
