"""Captions in HLS (RFC 8216bis), live and of a replay: playlists and files as text.

Live there is one file for each segment of the picture, under the same number. A line that goes on over several
segments is in all their files, cut at their ends: so a file never has to be taken back when the next line ends the
one before it. Of a replay there is one file for each take.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from streams.video.captions.webvtt import Cue, Line, document, shown
from streams.video.hls.timeline import TARGET, Entry, Gap, Segment
from streams.video.replay.playlist import date_time
from streams.video.replay.timeline import Reel, Timeline

GROUP = "captions"
VERSION = 9


def rendition_line(uri: str = "live/captions.m3u8") -> str:
    """For the multivariant playlist. Live it is always there: a player reads it once, and the first line may be said
    later."""
    return (
        f'#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="{GROUP}",NAME="Captions",'
        f'DEFAULT=YES,AUTOSELECT=YES,FORCED=NO,URI="{uri}"'
    )


def live_playlist(listed: Sequence[Entry], *, ended: bool) -> str:
    """Beside a playlist of the picture that lists the same; what is not whole yet is left out. There are no parts:
    a file as short as a part would hold less than a word."""
    whole = [each for each in listed if isinstance(each, Gap) or each.whole]
    longest = max([TARGET, *(math.floor(each.seconds + 0.5) for each in whole)])
    first = whole[0] if whole else listed[0]
    take = first.take
    lines = [
        "#EXTM3U",
        f"#EXT-X-VERSION:{VERSION}",
        f"#EXT-X-TARGETDURATION:{longest}",
        f"#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,HOLD-BACK={3 * longest:.1f}",
        f"#EXT-X-MEDIA-SEQUENCE:{first.msn}",
        f"#EXT-X-DISCONTINUITY-SEQUENCE:{take}",
    ]
    for entry in whole:
        lines += ["#EXT-X-DISCONTINUITY"] * (entry.take - take)
        take = entry.take
        time = f"#EXT-X-PROGRAM-DATE-TIME:{date_time(entry.at)}"
        lines.append("#EXT-X-GAP" if isinstance(entry, Gap) else time)
        lines += [f"#EXTINF:{entry.seconds:.5f},", f"captions/{entry.msn}.vtt"]
    if ended:
        lines.append("#EXT-X-ENDLIST")
    return "\n".join(lines) + "\n"


def live_file(segment: Segment, said: Sequence[Line]) -> str:
    """What is on the screen during a segment."""
    start = segment.parts[0].start
    return _between(said, segment.at, start, start + segment.seconds)


def replay_playlist(film: Timeline) -> str:
    """Addresses are relative to /media/shows/<slug>/replay/."""
    longest = max((entry.reel.seconds for entry in film.entries), default=1.0)
    lines = [
        "#EXTM3U",
        "#EXT-X-VERSION:7",
        f"#EXT-X-TARGETDURATION:{max(1, math.floor(longest + 0.5))}",
        "#EXT-X-PLAYLIST-TYPE:VOD",
        "#EXT-X-MEDIA-SEQUENCE:0",
    ]
    for place, entry in enumerate(film.entries):
        lines += ["#EXT-X-DISCONTINUITY"] if place else []
        lines += [
            f"#EXT-X-PROGRAM-DATE-TIME:{date_time(entry.reel.wall_start)}",
            f"#EXTINF:{entry.reel.seconds:.6f},",
            f"captions/{entry.reel.ordinal}.vtt",
        ]
    return "\n".join([*lines, "#EXT-X-ENDLIST"]) + "\n"


def replay_file(reel: Reel, said: Sequence[Line]) -> str:
    """What is on the screen during a take."""
    return document(take_cues(reel, said), in_step=True)


def take_cues(reel: Reel, said: Sequence[Line]) -> Iterable[Cue]:
    """The lines of a take in its media time; a line does not go on in the next take."""
    for page in shown(said):
        if page.start < reel.wall_end and page.end > reel.wall_start:
            start, end = reel.media_time(page.start), reel.media_time(page.end)
            if end > start:
                yield Cue(start, end, page.rows)


def _between(said: Sequence[Line], at: int, start: float, end: float) -> str:
    """Media times `start` to `end`, of which the first is the wall time `at`."""
    cues = []
    for page in shown(said):
        begins = max(start, start + (page.start - at) / 1000)
        ends = min(end, start + (page.end - at) / 1000)
        if ends - begins > 0.001:
            cues.append(Cue(begins, ends, page.rows))
    return document(cues, in_step=True)
