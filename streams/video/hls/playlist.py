"""Playlists as text. Pure functions of what a window holds."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from streams.video.hls.timeline import PARTS_LISTED, TARGET, Entry, Gap, Segment
from streams.video.path.parts import Init, Part, Place

VERSION: Final = 9
HOLD_BACK_PARTS: Final = 4
"""How far from the end a player stays, in parts: the draft asks for three or more (4.4.3.8). The fourth is the way to
the viewer: with three, a player far away waits for every single part."""
STEP: Final = 100_000
"""Bits a second to which a bandwidth is rounded up."""


@dataclass(frozen=True, slots=True)
class Report:
    """How far another rendition is."""

    rendition: str
    place: Place


@dataclass(frozen=True, slots=True)
class Variant:
    init: Init
    peak: int
    """Bits a second of the heaviest segment."""
    mean: int


def media(
    listed: Sequence[Entry],
    *,
    rendition: str,
    init: Init,
    reports: Iterable[Report] = (),
    ended: bool = False,
) -> str:
    """The playlist of one rendition: `listed` is not empty, `init` is that of its newest take."""
    parts = [part for entry in listed if isinstance(entry, Segment) for part in entry.parts]
    part_target = math.ceil(max([init.part, *(part.duration for part in parts)]) * 1000) / 1000
    longest = max([TARGET, *(_rounded(each.seconds) for each in listed)])
    take = listed[0].take
    lines = [
        "#EXTM3U",
        f"#EXT-X-VERSION:{VERSION}",
        f"#EXT-X-TARGETDURATION:{longest}",
        f"#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,"
        f"PART-HOLD-BACK={part_target * HOLD_BACK_PARTS:.3f},HOLD-BACK={3 * longest:.1f}",
        f"#EXT-X-PART-INF:PART-TARGET={part_target:.3f}",
        f"#EXT-X-MEDIA-SEQUENCE:{listed[0].msn}",
        f"#EXT-X-DISCONTINUITY-SEQUENCE:{take}",
    ]
    left = sum(each.seconds for each in listed)
    mapped = 0
    for entry in listed:
        # One tag for each take, also for one that never showed anything: every process counts alike.
        lines += ["#EXT-X-DISCONTINUITY"] * (entry.take - take)
        take = entry.take
        if mapped != take:
            lines.append(f'#EXT-X-MAP:URI="{rendition}/{take}.mp4"')
            mapped = take
        left -= entry.seconds
        lines += _entry(entry, rendition, with_parts=left < PARTS_LISTED and not ended)
    if ended:
        lines.append("#EXT-X-ENDLIST")
    else:
        if (hint := hinted(listed)) is not None:
            address = f"{rendition}/{hint.msn}.{hint.index}.m4s"
            lines.append(f'#EXT-X-PRELOAD-HINT:TYPE=PART,URI="{address}"')
        lines += [
            f'#EXT-X-RENDITION-REPORT:URI="{each.rendition}.m3u8",'
            f"LAST-MSN={each.place.msn},LAST-PART={each.place.index}"
            for each in reports
        ]
    return "\n".join(lines) + "\n"


def _entry(entry: Entry, rendition: str, *, with_parts: bool) -> list[str]:
    if isinstance(entry, Gap):
        return ["#EXT-X-GAP", f"#EXTINF:{entry.seconds:.5f},", f"{rendition}/{entry.msn}.m4s"]
    lines = [f"#EXT-X-PROGRAM-DATE-TIME:{_date(entry.at)}"]
    if with_parts or not entry.whole:
        lines += [_part(part, rendition) for part in entry.parts]
    if entry.whole:
        lines += [f"#EXTINF:{entry.seconds:.5f},", f"{rendition}/{entry.msn}.m4s"]
    return lines


def _part(part: Part, rendition: str) -> str:
    address = f"{rendition}/{part.msn}.{part.index}.m4s"
    independent = ",INDEPENDENT=YES" if part.independent else ""
    return f'#EXT-X-PART:DURATION={part.duration:.5f},URI="{address}"{independent}'


def hinted(listed: Sequence[Entry]) -> Place | None:
    """Which part comes next, as far as can be told: the next one of its segment, unless that is as long as the one
    before it was. None after a take that is over: nobody knows what the next one begins with."""
    last = listed[-1]
    if not isinstance(last, Segment) or last.whole:
        return None
    before = listed[-2] if len(listed) > 1 else None
    usual = before.seconds if isinstance(before, Segment) and before.take == last.take else None
    nearly = last.seconds + last.parts[-1].duration / 2
    if usual is not None and nearly > usual:
        return Place(last.msn + 1, 0)
    return Place(last.msn, last.parts[-1].index + 1)


def multivariant(variants: Sequence[Variant], more: Iterable[str] = (), group: str = "") -> str:
    """What renditions there are. `more` are lines of other media, such as captions; `group` their SUBTITLES."""
    lines = ["#EXTM3U", f"#EXT-X-VERSION:{VERSION}", *more]
    for variant in variants:
        init = variant.init
        about = [
            f"BANDWIDTH={_steps(variant.peak)}",
            f"AVERAGE-BANDWIDTH={_steps(variant.mean)}",
            f'CODECS="{init.codecs}"',
        ]
        if init.width:
            about.append(f"RESOLUTION={init.width}x{init.height}")
        if group:
            about.append(f'SUBTITLES="{group}"')
        lines += [f"#EXT-X-STREAM-INF:{','.join(about)}", f"live/{init.rendition}.m3u8"]
    return "\n".join(lines) + "\n"


def variant(init: Init, found: Sequence[Segment]) -> Variant:
    """How heavy a rendition is, as far as it was seen."""
    seen = [each for each in found if each.whole] or list(found)
    rates = [each.size * 8 / max(each.seconds, 0.1) for each in seen]
    seconds = sum(each.seconds for each in seen)
    mean = sum(each.size for each in seen) * 8 / max(seconds, 0.1)
    return Variant(init, round(max(rates, default=0)), round(mean))


def _rounded(seconds: float) -> int:
    """To the nearest whole second, as the draft rounds (4.4.3.1)."""
    return math.floor(seconds + 0.5)


def _steps(bits: int) -> int:
    return max(1, math.ceil(bits / STEP)) * STEP


def _date(at: int) -> str:
    moment = dt.datetime.fromtimestamp(at / 1000, tz=dt.UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
