"""Coded frames in, parts out: cut by time, a segment at a keyframe, each part sent as soon as its end is known.

A part holds the picture of at most PART seconds and the sound that has come by then; sound that comes late travels
with the next part, where its own times put it right. Segments begin at the first keyframe after SEGMENT seconds.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable
from fractions import Fraction

from streams.video.path.fmp4 import (
    AUDIO,
    VIDEO,
    VIDEO_SCALE,
    AudioTrack,
    Run,
    Sample,
    VideoTrack,
    fragment,
    init_segment,
)
from streams.video.path.parts import End, Init, Part, Piece

logger = logging.getLogger(__name__)

PART = 0.25
"""Seconds of picture in a part, at most (unless a single frame lasts longer)."""
SEGMENT = 1.0
"""Seconds after which the next keyframe begins a segment."""
LONGEST_SEGMENT = 4.0
"""Seconds after which a segment ends without a keyframe: a sender whose keyframes are rarer still gets parts, but who
comes late waits for one."""
MOST_SOUND = 5.0
"""Seconds of sound that wait for a picture."""
LONGEST_FRAME = 10.0
"""Seconds between two frames, at most: a jump beyond that is a sender's broken clock."""

Emit = Callable[[Piece], None]
Clock = Callable[[float], int]
"""Server milliseconds of a media time in seconds."""


class BrokenTimes(ValueError):
    """The sender's timestamps run backwards or jump: the take can not go on."""


class Packager:
    """One take of one rendition. Times that come in: `pts`, `dts` as fractions of a second on one clock."""

    def __init__(
        self,
        *,
        video: VideoTrack,
        audio: AudioTrack | None,
        emit: Emit,
        clock: Clock,
        take: int,
        msn: int,
        source: str,
        rendition: str = "source",
        frame: Fraction | None = None,
    ) -> None:
        """`frame` is the length of every frame in seconds where it never changes; then no part waits for the frame
        that follows it."""
        self.video_track, self.audio_track = video, audio
        self._emit, self._clock = emit, clock
        self._take, self._msn, self._index = take, msn, 0
        self._source, self._rendition = source, rendition
        self._frame = None if frame is None else round(frame * VIDEO_SCALE)
        self._base: Fraction | None = None
        self._samples: list[Sample] = []
        self._start = 0  # of the part, in ticks
        self._segment_start = 0
        self._pending: tuple[bytes, int, int, bool] | None = (
            None  # a frame whose end is not known yet
        )
        self._usual = VIDEO_SCALE // 30
        self._last_dts = -1
        self._sound: deque[tuple[bytes, int]] = deque()
        self._sound_at = 0  # where the sound went on, in its ticks
        self._sequence = 0
        self._limit = round(PART * VIDEO_SCALE)
        self.closed = False

    # -- in ---------------------------------------------------------------------------------------

    def video(self, data: bytes, *, pts: Fraction, dts: Fraction, key: bool) -> None:
        """A frame, in decoding order. Frames before the first keyframe are left out. Raises BrokenTimes."""
        if self._base is None:
            if not key:
                return
            self._begin(min(pts, dts))
        assert self._base is not None
        time = round((dts - self._base) * VIDEO_SCALE)
        offset = round((pts - dts) * VIDEO_SCALE)
        if time <= self._last_dts:
            raise BrokenTimes("The pictures' times run backwards.")
        if time - max(self._last_dts, 0) > LONGEST_FRAME * VIDEO_SCALE:
            raise BrokenTimes("The pictures' times jump.")
        self._last_dts = time
        if self._frame is not None:
            self._cut_before(time, key)
            self._samples.append(Sample(data, self._frame, key, offset))
            if self._elapsed() + self._frame > self._limit:
                self._cut()
            return
        if self._pending is not None:
            self._settle(time)
            self._cut_before(time, key)
        self._pending = (data, time, offset, key)

    def audio(self, data: bytes, *, pts: Fraction) -> None:
        """A frame of sound."""
        if self._base is None or self.audio_track is None:
            return  # nothing to hear before there is something to see
        time = round((pts - self._base) * self.audio_track.rate)
        if time < self._sound_end():
            # What begins before the picture, or a rounding of some ticks that would overlap.
            if time < self._sound_end() - 64:
                return
            time = self._sound_end()
        self._sound.append((data, time))
        if len(self._sound) * 1024 > MOST_SOUND * self.audio_track.rate:
            self._sound.popleft()

    def close(self, reason: str) -> None:
        """Send what is left, and the end."""
        if self.closed:
            return
        self.closed = True
        if self._base is None:
            return
        if self._pending is not None:
            self._settle(self._last_dts + self._usual)
        self._cut()
        self._emit(End(take=self._take, reason=reason))

    # -- out --------------------------------------------------------------------------------------

    def _begin(self, base: Fraction) -> None:
        self._base = base
        codecs = [self.video_track.codec] + ([self.audio_track.codec] if self.audio_track else [])
        self._emit(
            Init(
                take=self._take,
                rendition=self._rendition,
                codecs=",".join(codecs),
                width=self.video_track.width,
                height=self.video_track.height,
                msn=self._msn,
                part=PART,
                segment=LONGEST_SEGMENT,
                at=self._clock(0.0),
                source=self._source,
                payload=init_segment(self.video_track, self.audio_track),
            )
        )

    def _settle(self, until: int) -> None:
        """The pending frame ends at `until`."""
        assert self._pending is not None
        data, time, offset, key = self._pending
        self._pending = None
        duration = until - time
        self._samples.append(Sample(data, duration, key, offset))
        self._usual = min(duration, self._limit)

    def _elapsed(self) -> int:
        return sum(sample.duration for sample in self._samples)

    def _cut_before(self, time: int, key: bool) -> None:
        """End the part before the frame at `time`, if it does not fit or begins a segment."""
        length = time - self._segment_start
        near = (self._frame or self._usual) // 2
        begins = key and length >= SEGMENT * VIDEO_SCALE - near
        begins = begins or length >= LONGEST_SEGMENT * VIDEO_SCALE
        full = self._samples and time + (self._frame or self._usual) - self._start > self._limit
        if begins or full:
            self._cut()
        if begins:
            self._msn, self._index, self._segment_start = self._msn + 1, 0, time
        if not self._samples:
            self._start = time

    def _cut(self) -> None:
        samples = self._samples
        if not samples:
            return
        self._samples = []
        length = sum(sample.duration for sample in samples)
        runs = [Run(VIDEO, self._start, samples)]
        sound = self._sound_of_part()
        if sound is not None:
            runs.append(sound)
        self._sequence += 1
        start = self._start / VIDEO_SCALE
        self._emit(
            Part(
                take=self._take,
                msn=self._msn,
                index=self._index,
                start=round(start, 6),
                duration=round(length / VIDEO_SCALE, 6),
                at=self._clock(start),
                independent=samples[0].sync,
                payload=fragment(self._sequence, runs),
            )
        )
        self._index += 1
        self._start += length

    def _sound_of_part(self) -> Run | None:
        if not self._sound or self.audio_track is None:
            return None
        start = self._sound[0][1]
        times = [time for _, time in self._sound]
        # Each lasts until the next; the last as long as a frame of AAC.
        ends = [*times[1:], times[-1] + 1024]
        samples = [
            Sample(data, end - time) for (data, time), end in zip(self._sound, ends, strict=True)
        ]
        self._sound.clear()
        self._sound_at = ends[-1]
        return Run(AUDIO, start, samples)

    def _sound_end(self) -> int:
        return self._sound[-1][1] + 1024 if self._sound else self._sound_at
