"""A still of what is on air, for lists and for players that have not begun: one keyframe, decoded and made small."""

from __future__ import annotations

import io
import logging
import time
from pathlib import Path

import av
import av.error

from streams.video.path.fmp4 import VIDEO
from streams.video.path.fragments import config, runs
from streams.video.path.parts import Init, Part

logger = logging.getLogger(__name__)

EVERY = 10.0
"""Seconds between two stills; a still of 480 lines costs 10 ms of CPU."""
WIDTH = 854
"""Pixels, at most."""
QUALITY = 78
MOST_PIXELS = 1920 * 1088


def still_file(folder: Path, ordinal: int) -> Path:
    """The last still of a take, beside its recording."""
    return folder / f"{ordinal}.jpg"


def jpeg(init: Init, part: Part) -> bytes:
    """The first frame of an independent part. Raises ValueError when it can not be decoded."""
    if not part.independent or init.width * init.height > MOST_PIXELS:
        raise ValueError("no keyframe that we make stills of")
    [sample] = next(run for run in runs(part.payload) if run.track == VIDEO).samples[:1]
    decoder = av.CodecContext.create("h264", "r")
    assert isinstance(decoder, av.VideoCodecContext)
    decoder.extradata, decoder.thread_count = config(init.payload), 1
    try:
        frames = [*decoder.decode(av.Packet(sample.data)), *decoder.decode(None)]
    except av.error.FFmpegError as error:
        raise ValueError("the keyframe is damaged") from error
    if not frames:
        raise ValueError("no picture came out")
    shrink = min(1.0, WIDTH / frames[0].width)
    size = [max(2, round(side * shrink)) for side in (frames[0].width, frames[0].height)]
    out = io.BytesIO()
    image = frames[0].to_image(width=size[0], height=size[1])  # type: ignore[no-untyped-call]
    image.save(out, "JPEG", quality=QUALITY)
    return out.getvalue()


class Stills:
    """Looks at what a take sends, and makes a still every EVERY seconds when `due` is asked."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._init: Init | None = None
        self._part: Part | None = None
        self._next = 0.0
        self._failed = False

    def see(self, piece: object) -> None:
        """From the thread that emits: only remembers."""
        if isinstance(piece, Init):
            self._init, self._part = piece, None
        elif isinstance(piece, Part) and piece.independent:
            self._part = piece

    def due(self, *, last: bool = False) -> bytes | None:
        """A new still, on the disk already, when it is time for one. Never raises: a take goes on without."""
        init, part = self._init, self._part
        if self._failed or init is None or part is None:
            return None
        if time.monotonic() < self._next and not last:
            return None
        self._part, self._next = None, time.monotonic() + EVERY
        try:
            still = jpeg(init, part)
        except (ValueError, MemoryError, StopIteration):
            logger.warning("no stills of this take")
            self._failed = True
            return None
        self._keep(still)
        return still

    def _keep(self, still: bytes) -> None:
        new = self._file.with_suffix(".new")
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            new.write_bytes(still)
            new.replace(self._file)
        except OSError:
            logger.debug("the still could not be kept")
