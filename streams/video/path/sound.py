"""The sound of a sender as AAC: passed through where it is AAC already, else Opus is coded anew."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import av

from streams.video.path.fmp4 import AudioTrack

GLOBAL_HEADER = 0x400000
RATE = 48_000
"""What Opus is decoded to."""
FRAME = 1024
"""Samples in a frame of AAC-LC."""
BITS = 64_000
"""A second, for each channel."""
TOLERANCE = Fraction(1, 25)
"""Seconds that sound may be away from its time: a recorder's times are rounded, and more than that is heard as lips
that do not fit."""
LONGEST_GAP = 5

Coded = tuple[bytes, Fraction]
"""A frame of AAC and its time in seconds."""


class Passed:
    """AAC as it came. `config` is its AudioSpecificConfig."""

    def __init__(self, context: av.AudioCodecContext) -> None:
        self.track = AudioTrack(
            bytes(context.extradata or b""), context.sample_rate, context.channels
        )

    def take(self, packet: av.Packet[Any]) -> Iterator[Coded]:
        if packet.pts is not None:
            yield bytes(packet), packet.pts * packet.time_base


class Recoded:
    """Opus to AAC, without a hole: what is missing is silence, what comes twice is left out."""

    def __init__(self, context: av.AudioCodecContext) -> None:
        self._decoder = av.CodecContext.create("opus", "r")
        self._decoder.extradata = context.extradata
        self._decoder.sample_rate = RATE
        self._decoder.layout = context.layout
        channels = min(context.channels, 2)
        self._layout = "stereo" if channels == 2 else "mono"
        self._encoder = av.CodecContext.create("aac", "w")
        self._encoder.sample_rate, self._encoder.layout = RATE, self._layout
        self._encoder.format, self._encoder.bit_rate = "fltp", channels * BITS
        self._encoder.time_base = Fraction(1, RATE)
        self._encoder.flags |= GLOBAL_HEADER
        self._encoder.options = {"aac_coder": "fast"}
        self._encoder.open()
        self.track = AudioTrack(bytes(self._encoder.extradata or b""), RATE, channels)
        self._same = av.AudioResampler(format="fltp", layout=self._layout, rate=RATE)
        self._fifo = av.AudioFifo()
        self._start: Fraction | None = None
        self._taken = 0  # samples that went into the fifo
        self._coded = 0  # and out of it

    def take(self, packet: av.Packet[Any]) -> Iterator[Coded]:
        """Raises av.error.InvalidDataError."""
        if packet.pts is None:
            return
        time = packet.pts * packet.time_base
        for decoded in self._decoder.decode(packet):
            decoded.pts = None
            for frame in self._same.resample(decoded):
                self._place(frame, time)
                time += Fraction(frame.samples, RATE)
        while (ready := self._fifo.read(FRAME)) is not None:
            assert self._start is not None
            ready.pts, ready.time_base = self._coded, Fraction(1, RATE)
            self._coded += FRAME
            for made in self._encoder.encode(ready):
                yield bytes(made), self._start + Fraction(made.pts or 0, RATE)

    def _place(self, frame: av.AudioFrame, time: Fraction) -> None:
        if self._start is None:
            self._start = time
        ahead = time - self._start - Fraction(self._taken, RATE)
        if ahead < -TOLERANCE:
            return
        if ahead > LONGEST_GAP:
            self._start += ahead  # the encoder's frames go on, only later
        elif ahead > TOLERANCE:
            self._write(self._silence(round(ahead * RATE)))
        self._write(frame)

    def _write(self, frame: av.AudioFrame) -> None:
        frame.pts, frame.sample_rate = None, RATE
        self._fifo.write(frame)
        self._taken += frame.samples

    def _silence(self, samples: int) -> av.AudioFrame:
        frame = av.AudioFrame(format="fltp", layout=self._layout, samples=samples)
        for plane in frame.planes:
            plane.update(bytes(plane.buffer_size))
        return frame
