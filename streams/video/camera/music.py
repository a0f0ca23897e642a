"""What is heard: a slow chord pad with a few soft notes, and a chime when something is pinned. Made here, quiet.

The loop is as long as 750 frames of AAC, so it is coded once and its frames are sent again and again: sound costs
nothing. A chime is coded with the music below it; frames of AAC only overlap with their neighbours, so it can be put
in place of theirs.
"""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache

import av
import numpy as np
import numpy.typing as npt

from streams.video.path.fmp4 import AudioTrack
from streams.video.path.picture import GLOBAL_HEADER

RATE, FRAME = 48_000, 1024
LOOP = 750
"""Frames: 16 seconds, four chords of four."""
BITS = 96_000
LEAD = 4
"""Frames before a piece that an encoder is given to get into its stride."""
CHIME = 84
"""Frames that a chime lasts."""
# C maj7, A min7, F maj7, G 6: notes as half tones from A4.
CHORDS = ((-21, -9, -5, -2, 2), (-24, -12, -9, -5, -2), (-16, -4, 0, 3, 7), (-14, -2, 2, 5, 7))
MELODY = ((0.5, 7), (2.2, 10), (4.6, 12), (6.9, 7), (8.4, 15), (10.7, 12), (12.5, 10), (14.6, 5))
Wave = npt.NDArray[np.float32]


def _pitch(half_tones: int) -> float:
    return float(440.0 * 2 ** (half_tones / 12))


def _wrapped(whole: Wave, at: float, wave: Wave, left: float, right: float) -> None:
    """Add to the loop; what goes beyond its end goes on at its beginning."""
    places = (round(at * RATE) + np.arange(len(wave))) % whole.shape[1]
    whole[0, places] += wave * left
    whole[1, places] += wave * right


def _pad(pitch: float, seconds: float) -> Wave:
    time = np.arange(round(seconds * RATE)) / RATE
    swell = np.sin(np.pi * np.clip(time / seconds, 0, 1)) ** 1.5
    tone = sum(
        np.sin(2 * np.pi * pitch * part * detune * time) * strength
        for part, strength in ((1, 1.0), (2, 0.22), (3, 0.07))
        for detune in (0.9993, 1.0007)
    )
    return (tone * swell).astype(np.float32)


def _bell(pitch: float, seconds: float = 1.5) -> Wave:
    time = np.arange(round(seconds * RATE)) / RATE
    rise = np.clip(time / 0.006, 0, 1)
    tone = np.sin(2 * np.pi * pitch * time) + 0.3 * np.sin(2 * np.pi * pitch * 2 * time) * np.exp(
        -time * 5
    )
    end = np.clip((seconds - time) / 0.2, 0, 1)
    return (tone * rise * end * np.exp(-time * 3.2)).astype(np.float32)


@lru_cache(maxsize=1)
def loop() -> Wave:
    """Two channels of the whole loop, peak about -20 dB."""
    whole = np.zeros((2, LOOP * FRAME), np.float32)
    for number, chord in enumerate(CHORDS):
        for place, note in enumerate(chord):
            side = 0.35 + 0.3 * place / (len(chord) - 1)
            # Six seconds for each of four: one chord goes over into the next.
            _wrapped(whole, number * 4 - 1, _pad(_pitch(note), 6.0), (1 - side) * 0.02, side * 0.02)
    for at, note in MELODY:
        bell = _bell(_pitch(note), 2.2)
        for echo, strength in ((0.0, 0.022), (0.42, 0.009), (0.84, 0.004)):
            left = 0.6 if echo != 0.42 else 0.3
            _wrapped(whole, at + echo, bell, strength * left * 2, strength * (1 - left) * 2)
    return whole


@lru_cache(maxsize=1)
def chime() -> Wave:
    wave = np.zeros((2, CHIME * FRAME), np.float32)
    for at, note, strength in ((0.0, 10, 0.055), (0.11, 15, 0.06)):
        bell, begin = _bell(_pitch(note), 1.4), round((at + 0.03) * RATE)
        room = min(len(bell), wave.shape[1] - begin)
        wave[:, begin : begin + room] += bell[:room] * strength
    return wave


def _coded(wave: Wave) -> tuple[dict[int, bytes], bytes]:
    """Frames of AAC by the number of the frame of sound that they begin with, and the track's configuration."""
    encoder = av.CodecContext.create("aac", "w")
    encoder.sample_rate, encoder.layout, encoder.format = RATE, "stereo", "fltp"
    encoder.time_base, encoder.bit_rate = Fraction(1, RATE), BITS
    encoder.flags |= GLOBAL_HEADER
    encoder.open()
    packets = []
    for begin in range(0, wave.shape[1], FRAME):
        frame = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(wave[:, begin : begin + FRAME]), format="fltp", layout="stereo"
        )
        frame.sample_rate, frame.pts, frame.time_base = RATE, begin, Fraction(1, RATE)
        packets += encoder.encode(frame)
    packets += encoder.encode(None)
    found = {packet.pts // FRAME: bytes(packet) for packet in packets if packet.pts is not None}
    return found, bytes(encoder.extradata or b"")


@lru_cache(maxsize=1)
def _music() -> tuple[tuple[bytes, ...], bytes]:
    """The loop's frames, coded once for a process."""
    wave = loop()
    around = np.concatenate([wave[:, -LEAD * FRAME :], wave, wave[:, : LEAD * FRAME]], axis=1)
    coded, config = _coded(around)
    return tuple(coded[LEAD + n] for n in range(LOOP)), config


class Sound:
    """The frames of one take, by their number."""

    def __init__(self) -> None:
        self._frames, config = _music()
        self.track = AudioTrack(config, RATE, 2)
        self._instead: dict[int, bytes] = {}

    def frame(self, number: int) -> bytes:
        own = self._instead.pop(number, None)
        return self._frames[number % LOOP] if own is None else own

    def ring(self, number: int) -> None:
        """A chime from this frame on. Takes some milliseconds: for another thread."""
        places = (np.arange(-LEAD * FRAME, (CHIME + 1) * FRAME) + number * FRAME) % (LOOP * FRAME)
        wave = loop()[:, places]
        wave[:, LEAD * FRAME : (LEAD + CHIME) * FRAME] += chime()
        coded, _ = _coded(wave)
        self._instead = {number + n: coded[LEAD + n] for n in range(CHIME)}
