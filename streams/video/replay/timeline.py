"""The takes of a show as one film: in order, without the time between them, which is known all the same.

Everything comes from the recorder's index files, which name only what is really on the disk. Three kinds of time:

    position    seconds from the beginning of the replay; what a seek bar shows
    media time  seconds from the beginning of a take; what is written into its film
    wall time   server milliseconds; what the events of the room carry
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import orjson

from streams.video.path import recorder


@dataclass(frozen=True, slots=True)
class Segment:
    """About a second of film, read at once. Times in seconds of the take, `at` in server milliseconds.

    offset, length  where it lies in the film, in bytes
    independent     it begins with a keyframe: a player can begin here
    """

    msn: int
    start: float
    duration: float
    offset: int
    length: int
    at: int
    independent: bool

    @property
    def end(self) -> float:
        return self.start + self.duration


@dataclass(frozen=True, slots=True)
class Reel:
    """A take on the disk: at least one segment. `head` is the length of ftyp and moov at the beginning of its film."""

    ordinal: int
    codecs: str
    width: int
    height: int
    head: int
    segments: tuple[Segment, ...]

    @property
    def start(self) -> float:
        return self.segments[0].start

    @property
    def end(self) -> float:
        return self.segments[-1].end

    @property
    def seconds(self) -> float:
        return self.end - self.start

    @property
    def bytes(self) -> int:
        return self.segments[-1].offset + self.segments[-1].length

    @property
    def wall_start(self) -> int:
        return self.segments[0].at

    @property
    def wall_end(self) -> int:
        last = self.segments[-1]
        return last.at + round(last.duration * 1000)

    def media_time(self, wall: int) -> float:
        """The media time that was filmed at this wall time; its beginning or end for a time outside."""
        place = bisect_right(self.segments, wall, key=lambda each: each.at) - 1
        segment = self.segments[max(place, 0)]
        inside = max(0.0, (wall - segment.at) / 1000)
        return segment.start + min(inside, segment.duration)


@dataclass(frozen=True, slots=True)
class Entry:
    """A reel's place in the replay: its first picture at position `offset`, after so many seconds without one."""

    reel: Reel
    offset: float
    gap_before: float

    def as_json(self) -> dict[str, Any]:
        return {
            "take": self.reel.ordinal,
            "offset": round(self.offset, 3),
            "start": round(self.reel.start, 3),
            "end": round(self.reel.end, 3),
            "wall_start": self.reel.wall_start,
            "gap_before_seconds": round(self.gap_before, 3),
        }


@dataclass(frozen=True, slots=True)
class Timeline:
    """`entries` in order. `seconds` is the length of the replay."""

    entries: tuple[Entry, ...]

    @property
    def seconds(self) -> float:
        if not self.entries:
            return 0.0
        last = self.entries[-1]
        return last.offset + last.reel.seconds

    def position(self, wall: int) -> float | None:
        """Where the replay shows what was true at this wall time: a time without a picture is the next picture's
        beginning, a time before the first one is 0. None after the last picture."""
        for entry in self.entries:
            if wall < entry.reel.wall_end:
                return entry.offset + max(0.0, entry.reel.media_time(wall) - entry.reel.start)
        return None


def timeline(reels: Iterable[Reel]) -> Timeline:
    """Reels in the order of their takes, one behind the other."""
    ordered = sorted(reels, key=lambda reel: reel.ordinal)
    entries: list[Entry] = []
    offset = 0.0
    gaps = [0.0, *((b.wall_start - a.wall_end) / 1000 for a, b in pairwise(ordered))]
    for reel, gap in zip(ordered, gaps, strict=False):
        entries.append(Entry(reel, offset, max(0.0, gap)))
        offset += reel.seconds
    return Timeline(tuple(entries))


def read_reel(folder: Path, ordinal: int) -> Reel | None:
    """A take as its index tells, or None when nothing of it can be played. What a kill cut off, an index that names
    more than the film holds included, is left out."""
    try:
        size = recorder.film(folder, ordinal).stat().st_size
        text = recorder.index(folder, ordinal).read_bytes()
    except FileNotFoundError:
        return None
    whole = (orjson.loads(line) for line in text.split(b"\n")[:-1])
    lines = [line for line in whole if line["offset"] + line["length"] <= size]
    heads = [line for line in lines if line["kind"] == "init"]
    segments = tuple(_segments(line for line in lines if line["kind"] == "part"))
    if not heads or not segments:
        return None
    head = heads[0]
    return Reel(ordinal, head["codecs"], head["width"], head["height"], head["length"], segments)


def _segments(parts: Iterable[dict[str, Any]]) -> Iterator[Segment]:
    """Parts of the same number together. What lies before the first keyframe can not be shown."""
    held: list[dict[str, Any]] = []
    for part in parts:
        if held and part["msn"] != held[0]["msn"]:
            yield _joined(held)
            held = []
        if held or part["independent"] or part["index"] == 0:
            held.append(part)
    if held:
        yield _joined(held)


def _joined(parts: list[dict[str, Any]]) -> Segment:
    first, last = parts[0], parts[-1]
    return Segment(
        msn=first["msn"],
        start=first["start"],
        duration=round(last["start"] + last["duration"] - first["start"], 6),
        offset=first["offset"],
        length=last["offset"] + last["length"] - first["offset"],
        at=first["at"],
        independent=first["independent"],
    )
