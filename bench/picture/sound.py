"""Whether picture and sound of a recording stay together: a white square and a tone that begin at the same moment."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from statistics import median

import av
import numpy as np

SQUARE = (slice(540, 700), slice(160, 320))
"""Rows and columns of a 480x854 picture that are inside the flashing square (sender.js)."""
NEAR = 0.4
"""Seconds within which a flash and a tone belong together."""


@dataclass(frozen=True, slots=True)
class Drift:
    """`offset` is how much later than the picture the sound begins, `drift` how much that changes; in milliseconds.

    Both are medians over a tenth of the recording, so that a single frame's rounding (33 ms) does not count as drift.
    """

    pairs: int
    offset: float
    drift: float
    seconds: float


def drift_of(film: Path) -> Drift | None:
    """None when there are fewer than ten pairs of a flash and a tone."""
    flashes, seconds = _flashes(film)
    tones = _tones(film)
    pairs = [
        (tone - flash) * 1000
        for flash in flashes
        for tone in [min(tones, key=lambda at: abs(at - flash), default=None)]
        if tone is not None and abs(tone - flash) < NEAR
    ]
    if len(pairs) < 10:
        return None
    share = max(3, len(pairs) // 10)
    groups = [median(pairs[at : at + share]) for at in range(0, len(pairs) - share + 1, share)]
    return Drift(len(pairs), median(pairs), max(groups) - min(groups), seconds)


def _flashes(film: Path) -> tuple[list[float], float]:
    found: list[float] = []
    lit, last = True, 0.0
    with av.open(str(film)) as container:
        for frame in container.decode(video=0):
            light = frame.to_ndarray(format="gray8")
            rows, columns = (
                slice(each.start * size // full, each.stop * size // full)
                for each, size, full in zip(SQUARE, light.shape, (854, 480), strict=True)
            )
            bright = bool(light[rows, columns].mean() > 140)
            last = float(frame.time or 0.0)
            if bright and not lit:
                found.append(last)
            lit = bright
    return found, last


def _tones(film: Path) -> list[float]:
    found: list[float] = []
    loud = True
    with av.open(str(film)) as container:
        for frame in container.decode(audio=0):
            samples = np.abs(frame.to_ndarray().astype(np.float32)).max(axis=0)
            start = float(frame.time or 0.0)
            # In steps of 2 ms: the beginning of a tone is sharper than a frame of sound (21 ms).
            step = max(1, frame.sample_rate // 500)
            for at in range(0, len(samples) - step + 1, step):
                now = bool(samples[at : at + step].max() > 0.2)
                if now and not loud:
                    found.append(start + at / frame.sample_rate)
                loud = now
    return found
