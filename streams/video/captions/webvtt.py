"""WebVTT (W3C): lines as cues. Two of them are never on the screen together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from streams.video.captions.reading import Page, pages, seconds_of

BRIEFEST = 0.3
"""Seconds; what the next line takes away sooner is left out."""
IN_STEP = "X-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:00:00.000"
"""Times of the cues are media times of the picture (RFC 8216, 3.5): a take's begin at 0, as its cues' do."""


@dataclass(frozen=True, slots=True)
class Line:
    """What was said, at a wall time in server milliseconds."""

    at: int
    text: str


@dataclass(frozen=True, slots=True)
class Shown:
    """One page on the screen, from one wall time to another."""

    start: int
    end: int
    rows: Page


@dataclass(frozen=True, slots=True)
class Cue:
    """Times in seconds of the file's own timeline."""

    start: float
    end: float
    rows: Page


def shown(lines: Sequence[Line]) -> Iterator[Shown]:
    """The pages of all lines, in order; a line stays until it has been read, or until the next one is said."""
    ordered = sorted(lines, key=lambda line: line.at)
    followed = pairwise([*ordered, None])
    for line, following in followed:
        assert line is not None
        start = line.at
        for page in pages(line.text):
            wanted = start + round(seconds_of(page) * 1000)
            end = wanted if following is None else min(wanted, following.at)
            if end - start >= BRIEFEST * 1000:
                yield Shown(start, end, page)
            start = wanted


def document(cues: Iterable[Cue], *, in_step: bool = False) -> str:
    """A whole file. `in_step`: a segment of HLS, whose times are those of the picture."""
    blocks = [f"WEBVTT\n{IN_STEP}" if in_step else "WEBVTT"]
    for cue in cues:
        rows = "\n".join(map(escaped, cue.rows))
        blocks.append(f"{timestamp(cue.start)} --> {timestamp(cue.end)}\n{rows}")
    return "\n\n".join(blocks) + "\n"


def escaped(text: str) -> str:
    """No tag, no entity and no arrow: what people wrote stays text."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def timestamp(seconds: float) -> str:
    """`00:01:02.500`."""
    milliseconds = max(0, round(seconds * 1000))
    minutes, rest = divmod(milliseconds, 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{rest // 1000:02}.{rest % 1000:03}"
