"""The replay as HLS (RFC 8216): a playlist that is complete from the beginning, into the films by byte ranges.

A segment of the playlist is some seconds of film that begin with a keyframe. Each take has its own EXT-X-MAP and
begins with EXT-X-DISCONTINUITY; the time between two takes is not there (no EXT-X-GAP, which would be a picture that
is missing), only EXT-X-PROGRAM-DATE-TIME jumps. So a player's position is the position of the timeline.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from streams.video.replay.timeline import Reel, Segment, Timeline

LONGEST = 6.0
"""Seconds of film in one segment of the playlist; what Apple's authoring rules recommend."""
LARGEST = 4 << 20
"""Bytes after which a segment ends earlier."""
DRIFT = 40
"""Milliseconds by which the wall time may differ from what a player counts, before the playlist says it again."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Segments that a player reads at once."""

    segments: Sequence[Segment]

    @property
    def duration(self) -> float:
        return self.segments[-1].end - self.segments[0].start

    @property
    def length(self) -> int:
        return self.segments[-1].offset + self.segments[-1].length - self.segments[0].offset


def stretches(reel: Reel) -> Iterator[Stretch]:
    """The segments of a take, joined as far as LONGEST and LARGEST allow; what does not begin with a keyframe
    belongs to what came before."""
    held: list[Segment] = []
    for segment in reel.segments:
        if held and segment.independent:
            joined = Stretch([*held, segment])
            if joined.duration > LONGEST or joined.length > LARGEST:
                yield Stretch(held)
                held = []
        held.append(segment)
    yield Stretch(held)


def media_playlist(timeline: Timeline) -> str:
    """The only rendition. Addresses are relative to /media/shows/<slug>/replay/."""
    pieces = {entry.reel.ordinal: list(stretches(entry.reel)) for entry in timeline.entries}
    durations = [each.duration for found in pieces.values() for each in found]
    lines = [
        "#EXTM3U",
        "#EXT-X-VERSION:7",
        # EXTINF rounded to the nearest whole second must not be greater (RFC 8216, 4.3.3.1).
        f"#EXT-X-TARGETDURATION:{max(1, math.floor(max(durations, default=1.0) + 0.5))}",
        "#EXT-X-PLAYLIST-TYPE:VOD",
        "#EXT-X-MEDIA-SEQUENCE:0",
        "#EXT-X-INDEPENDENT-SEGMENTS",
    ]
    for place, entry in enumerate(timeline.entries):
        if place:
            lines.append("#EXT-X-DISCONTINUITY")
        lines += _take(entry.reel, pieces[entry.reel.ordinal])
    lines.append("#EXT-X-ENDLIST")
    return "\n".join(lines) + "\n"


def _take(reel: Reel, found: Sequence[Stretch]) -> Iterator[str]:
    film = f"../takes/{reel.ordinal}.mp4"
    yield f'#EXT-X-MAP:URI="{film}",BYTERANGE="{reel.head}@0"'
    counted: float | None = None
    for each in found:
        first = each.segments[0]
        if counted is None or abs(counted - first.at) > DRIFT:
            counted = first.at
            yield f"#EXT-X-PROGRAM-DATE-TIME:{date_time(first.at)}"
        counted += each.duration * 1000
        yield f"#EXTINF:{each.duration:.6f},"
        yield f"#EXT-X-BYTERANGE:{each.length}@{first.offset}"
        yield film


def multivariant_playlist(timeline: Timeline, captions: str | None = None) -> str:
    """What a player opens first. `captions`: an EXT-X-MEDIA line of the group "captions"."""
    reels = [entry.reel for entry in timeline.entries]
    peak = max(
        (each.length * 8 / each.duration for reel in reels for each in stretches(reel)), default=1.0
    )
    total = sum(reel.bytes for reel in reels) * 8 / max(timeline.seconds, 0.001)
    codecs = dict.fromkeys(codec for reel in reels for codec in reel.codecs.split(","))
    facts = [
        f"BANDWIDTH={math.ceil(peak)}",
        f"AVERAGE-BANDWIDTH={math.ceil(min(total, peak))}",
        f'CODECS="{",".join(codecs)}"',
    ]
    largest = max(reels, key=lambda reel: reel.width, default=None)
    if largest is not None and largest.width:
        facts.append(f"RESOLUTION={largest.width}x{largest.height}")
    if captions:
        facts.append('SUBTITLES="captions"')
    lines = ["#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-INDEPENDENT-SEGMENTS"]
    if captions:
        lines.append(captions)
    lines += [f"#EXT-X-STREAM-INF:{','.join(facts)}", "replay/source.m3u8"]
    return "\n".join(lines) + "\n"


def date_time(at: int) -> str:
    """Server milliseconds as ISO 8601."""
    moment = dt.datetime.fromtimestamp(at / 1000, tz=dt.UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
