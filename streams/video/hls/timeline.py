"""Parts in a row become a playlist's entries: segments, and gaps where numbers were passed over.

A playlist counts its entries from one number on, so nothing may be missing between them. The numbers of a show's
takes jump: a take begins where nobody can have been before (takes.py). What lies between two takes is told as gaps,
which last as long as there was no picture; hardly ever more than a few of them are still in the playlist.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from streams.video.path.packager import LONGEST_SEGMENT
from streams.video.path.parts import Part

TARGET: Final = round(LONGEST_SEGMENT)
"""EXT-X-TARGETDURATION, which must not change over all takes of a show (6.2.1): no segment is longer, wherever its
keyframes are. It costs those nothing who follow the parts; a player without them begins three of these late."""
LISTED: Final = 3.0 * TARGET
"""Seconds of whole segments that a playlist never falls short of (6.2.2)."""
PARTS_LISTED: Final = float(TARGET)
"""Seconds before the end in which parts are listed; they can be had for another three targets (window.RING_SECONDS)."""
SHORTEST_GAP: Final = 0.2
"""Seconds. Segments may last longer than the second that takes are counted by, so that a short break after a long take
passes over many numbers: no more than 60 of them are ever listed."""


@dataclass(frozen=True, slots=True)
class Segment:
    """`parts` begin with index 0. One that is not whole is still being made."""

    take: int
    msn: int
    parts: tuple[Part, ...]
    whole: bool

    @property
    def at(self) -> int:
        return self.parts[0].at

    @property
    def seconds(self) -> float:
        return sum(part.duration for part in self.parts)

    @property
    def size(self) -> int:
        return sum(len(part.payload) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Gap:
    """A number without media, at the end of its take."""

    take: int
    msn: int
    at: int
    """About: where many numbers share a short break, some are earlier than what is before them."""
    seconds: float


Entry = Segment | Gap


def segments(parts: Iterable[Part], *, over: bool) -> list[Segment]:
    """What parts in their order make. The last segment is whole only when its take is `over`."""
    found = [
        Segment(take, msn, tuple(group), whole=True)
        for (take, msn), group in groupby(parts, key=lambda part: (part.take, part.msn))
    ]
    if found and not over:
        last = found[-1]
        found[-1] = Segment(last.take, last.msn, last.parts, whole=False)
    return [each for each in found if each.parts[0].index == 0]


def entries(found: Sequence[Segment]) -> list[Entry]:
    """The newest segments as a playlist lists them: LISTED seconds of whole ones, gaps included."""
    listed: list[Entry] = []
    seconds = 0.0
    after: Segment | None = None
    for segment in reversed(found):
        if after is not None:
            for gap in _gaps(segment, after):
                listed.append(gap)
                seconds += gap.seconds
                if seconds >= LISTED:
                    break
        if seconds >= LISTED:
            break
        listed.append(segment)
        seconds += segment.seconds if segment.whole else 0.0
        after = segment
        if seconds >= LISTED:
            break
    listed.reverse()
    return listed


def _gaps(before: Segment, after: Segment) -> Iterable[Gap]:
    """The numbers between two segments, the last one first."""
    count = after.msn - before.msn - 1
    if count <= 0:
        return
    end = before.at + before.seconds * 1000
    each = max(SHORTEST_GAP, min(float(TARGET), (after.at - end) / 1000 / count))
    for number in range(1, count + 1):
        yield Gap(before.take, after.msn - number, round(after.at - number * each * 1000), each)
