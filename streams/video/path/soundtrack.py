"""The sound of a take as one line without a hole: players hear frames of AAC one after the other, whatever their times
say, so sound that misses a while would run ahead of its picture for the rest of the take.

Frames follow each other exactly. One that is a frame away from its time is put right: silence fills what is missing,
what comes twice is left out. When no sound comes for a while, silence goes on, as a player waits for both tracks.
"""

from __future__ import annotations

from streams.video.path.fmp4 import AUDIO, AudioTrack, Run, Sample

FRAME = 1024
"""Samples in a frame of AAC-LC."""
MOST = 5.0
"""Seconds that sound may be ahead of the picture; what claims to be later than that has a broken clock."""
PATIENCE = 1.0
"""Seconds that sound may be behind the picture before silence takes its place."""
SILENCE = {1: bytes.fromhex("01182007"), 2: bytes.fromhex("211004608c1c")}
"""A frame of nothing, by the number of channels."""


class Soundtrack:
    """Times in samples from the beginning of the take."""

    def __init__(self, track: AudioTrack) -> None:
        self.track = track
        self.left_out = 0
        """Frames that came twice, too late, or from another time."""
        self._silence = SILENCE.get(track.channels)
        self._waiting: list[bytes] = []
        self._start = 0  # of the first that waits
        self._absent = False

    @property
    def end(self) -> int:
        return self._start + len(self._waiting) * FRAME

    def take(self, data: bytes, time: int, picture: float) -> None:
        """A frame; `picture` is how far the picture is, in seconds."""
        self._absent = False
        away = time - self.end
        if away <= -FRAME or time > (picture + MOST) * self.track.rate:
            self.left_out += 1
            return
        if away >= FRAME:
            self._fill(away)
        self._waiting.append(data)

    def until(self, picture: float) -> Run | None:
        """What waits, for the part that ends at `picture` seconds."""
        behind = round(picture * self.track.rate) - self.end
        if self._absent or behind > PATIENCE * self.track.rate:
            self._absent = True
            self._fill(behind)
        if not self._waiting:
            return None
        run = Run(AUDIO, self._start, [Sample(data, FRAME) for data in self._waiting])
        self._start, self._waiting = self.end, []
        return run

    def _fill(self, samples: int) -> None:
        if self._silence is not None:
            self._waiting += [self._silence] * max(0, round(samples / FRAME))
        elif not self._waiting:
            self._start += max(0, samples)  # more channels than we know a silence for
