"""Coded frames in, parts out: cut by time, a segment at a keyframe, each part sent as soon as its end is known.

A part holds the picture of at most PART seconds and the sound that has come by then; sound that comes late travels
with the next part, where its own times put it right. Segments begin at the first keyframe after SEGMENT seconds.
The picture has no holes either: each frame lasts until the next.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from fractions import Fraction

from streams.video.path.fmp4 import (
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
from streams.video.path.soundtrack import Soundtrack

PART = 0.25
"""Seconds of picture in a part, at most (unless a single frame lasts longer)."""
SEGMENT = 1.0
"""Seconds after which the next keyframe begins a segment; it may come NEARLY earlier."""
NEARLY = 0.1
LONGEST_SEGMENT = 4.0
"""Seconds after which a segment ends without a keyframe: a sender whose keyframes are rarer still gets parts, but who
comes late waits for one."""
LONGEST_FRAME = 10.0
"""Seconds between two frames, at most: a jump beyond that is a sender's broken clock."""
ROUNDED = 0.1
"""Seconds that a frame may claim to be before the last one: recorders round to milliseconds, and sort a little late."""
NUDGE = VIDEO_SCALE // 1000
EARLY = 64
"""Frames of sound that are kept until the first picture has come."""

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
        that follows it, and after a frame that was skipped the next one is shown in its place already."""
        self.video_track, self.audio_track = video, audio
        self.sound = Soundtrack(audio) if audio else None
        self._emit, self._clock = emit, clock
        self._take, self._msn, self._index = take, msn, 0
        self._source, self._rendition = source, rendition
        self._frame = None if frame is None else round(frame * VIDEO_SCALE)
        self._base: Fraction | None = None
        self._samples: list[Sample] = []
        self._start = 0  # of the part, in ticks
        self._end = 0  # of the picture so far
        self._segment_start = 0
        self._with_key = True  # the segment began with one
        # A frame whose end is not known yet: its data, when it is shown, whether it is a keyframe.
        self._pending: tuple[bytes, int, bool] | None = None
        self._usual = self._frame or VIDEO_SCALE // 30
        self._last = -1
        self._early: deque[tuple[bytes, Fraction]] = deque(maxlen=EARLY)
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
        shown = round((pts - self._base) * VIDEO_SCALE)
        if time <= self._last - ROUNDED * VIDEO_SCALE:
            raise BrokenTimes("The pictures' times run backwards.")
        longest = LONGEST_FRAME * VIDEO_SCALE
        if time - max(self._last, 0) > longest or abs(shown - time) > longest:
            raise BrokenTimes("The pictures' times jump.")
        time = time if time > self._last else self._last + NUDGE
        self._last = time
        if self._frame is not None:
            # A frame in time begins where the last one ended.
            shown = shown if shown - time else self._end
            self._add(data, time + self._frame, key, shown)
            self._cut_if_full(time + self._frame, begins=False)
            return
        if self._pending is not None:
            self._add_pending(until=time)
            self._cut_if_full(time, begins=key and self._may_begin(time))
        self._pending = (data, shown, key)

    def audio(self, data: bytes, *, pts: Fraction) -> None:
        """A frame of sound. Nothing is heard before there is something to see."""
        if self.sound is None:
            return
        if self._base is None:
            self._early.append((data, pts))
            return
        time = round((pts - self._base) * self.sound.track.rate)
        self.sound.take(data, time, max(self._last, 0) / VIDEO_SCALE)

    def close(self, reason: str) -> None:
        """Send what is left, and the end."""
        if self.closed:
            return
        self.closed = True
        if self._base is None:
            return
        if self._pending is not None:
            self._add_pending(until=self._last + self._usual)
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
        while self._early:
            data, pts = self._early.popleft()
            self.audio(data, pts=pts)

    def _add_pending(self, until: int) -> None:
        assert self._pending is not None
        data, shown, key = self._pending
        self._pending = None
        self._usual = min(until - self._end, self._limit)
        self._add(data, until, key, shown)

    def _add(self, data: bytes, until: int, key: bool, shown: int) -> None:
        """A frame that begins where the last one ended."""
        begins = self._sequence > 0 or bool(self._samples)
        begins = begins and (
            self._end - self._segment_start >= LONGEST_SEGMENT * VIDEO_SCALE
            or (key and self._may_begin(self._end))
        )
        if begins or until - self._start > self._limit:
            self._cut()
        if begins:
            self._msn, self._index = self._msn + 1, 0
            self._segment_start, self._with_key = self._end, key
        self._samples.append(Sample(data, until - self._end, key, shown - self._end))
        self._end = until

    def _may_begin(self, time: int) -> bool:
        """Whether a keyframe at `time` begins a segment: after a second, and at once where a segment has none."""
        enough = (SEGMENT - NEARLY) * VIDEO_SCALE
        return time - self._segment_start >= enough or not self._with_key

    def _cut_if_full(self, time: int, begins: bool) -> None:
        """End the part before the frame at `time`, where that will not be in it."""
        if begins or time + self._usual - self._start > self._limit:
            self._cut()

    def _cut(self) -> None:
        samples, self._samples = self._samples, []
        if not samples:
            return
        runs = [Run(VIDEO, self._start, samples)]
        sound = self.sound.until(self._end / VIDEO_SCALE) if self.sound else None
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
                duration=round((self._end - self._start) / VIDEO_SCALE, 6),
                at=self._clock(start),
                independent=samples[0].sync,
                payload=fragment(self._sequence, runs),
            )
        )
        self._index += 1
        self._start = self._end
