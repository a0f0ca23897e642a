"""What RFC 8216bis asks of a media playlist, and of two of them after each other. Numbers: sections of its draft 20."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from m3u8 import M3U8, loads

PLACE = re.compile(r"source/(\d+)(?:\.(\d+))?\.m4s")


@dataclass
class Listed:
    """One entry with what has to stay as it is for as long as it is listed."""

    msn: int
    uri: str | None
    seconds: float
    date: str
    chapter: int
    """Its discontinuity sequence number."""
    beginning: str
    gap: bool
    parts: list[str] = field(default_factory=list)

    @property
    def facts(self) -> tuple[object, ...]:
        return self.uri, self.seconds, self.date, self.chapter, self.beginning, self.gap


def listed(text: str) -> list[Listed]:
    """The entries of a playlist by its lines; the last one may have parts only."""
    found: list[Listed] = []
    msn = chapter = 0
    date = beginning = ""
    seconds, gap, parts = 0.0, False, []
    for line in text.splitlines():
        tag, _, value = line.partition(":")
        if tag == "#EXT-X-MEDIA-SEQUENCE":
            msn = int(value)
        elif tag == "#EXT-X-DISCONTINUITY-SEQUENCE":
            chapter = int(value)
        elif tag == "#EXT-X-DISCONTINUITY":
            chapter += 1
        elif tag == "#EXT-X-MAP":
            beginning = value
        elif tag == "#EXT-X-PROGRAM-DATE-TIME":
            date = value
        elif tag == "#EXT-X-PART":
            parts.append(line)
        elif tag == "#EXT-X-GAP":
            gap = True
        elif tag == "#EXTINF":
            seconds = float(value.rstrip(","))
        elif line and not line.startswith("#"):
            found.append(Listed(msn, line, seconds, date, chapter, beginning, gap, parts))
            msn, gap, date, parts = msn + 1, False, "", []
    if parts:
        found.append(Listed(msn, None, 0.0, date, chapter, beginning, gap, parts))
    return found


def broken(text: str) -> list[str]:
    """The rules that this playlist breaks."""
    if not text.startswith("#EXTM3U\n"):
        return ["4.1: begins with #EXTM3U"]
    found: M3U8 = loads(text)
    wrong: list[str] = []
    target = found.target_duration
    part_target = found.part_inf.part_target
    control = found.server_control
    entries = listed(text)
    if control.can_block_reload != "YES":
        wrong.append("4.4.3.8: blocking reload")
    if control.part_hold_back < 3 * part_target - 1e-6:
        wrong.append("4.4.3.8: PART-HOLD-BACK of three parts")
    if control.hold_back < 3 * target:
        wrong.append("4.4.3.8: HOLD-BACK of three targets")
    for entry in entries:
        if int(entry.seconds + 0.5) > target:
            wrong.append(f"4.4.3.1: {entry.msn} is longer than the target")
        if not entry.beginning:
            wrong.append(f"4.4.4.5: {entry.msn} has no MAP")
        if not (entry.date or entry.gap):
            wrong.append(f"{entry.msn} has no date")
        if entry.uri is not None and place(entry.uri) != (entry.msn, None):
            wrong.append(f"{entry.uri} is counted as {entry.msn}")
        wrong += _parts(entry, part_target)
    if found.is_endlist and (found.preload_hint or entries[-1].uri is None):
        wrong.append("something comes after the end")
    dates = [entry.date for entry in entries if not entry.gap]
    if dates != sorted(dates):
        wrong.append("4.4.4.6: dates run backwards")
    return wrong


def _parts(entry: Listed, target: float) -> list[str]:
    wrong, total = [], 0.0
    for number, line in enumerate(entry.parts):
        seconds = float(re.findall(r"DURATION=([\d.]+)", line)[0])
        total += seconds
        independent = "INDEPENDENT=YES" in line
        last = number == len(entry.parts) - 1
        if seconds > target + 1e-6:
            wrong.append(f"4.4.4.9: {line} is longer than the part target")
        if seconds < 0.85 * target - 1e-6 and not (last or independent):
            wrong.append(f"4.4.4.9: {line} is too short")
        if independent != (number == 0):
            wrong.append(f"{line}: only the first part of a segment is independent here")
        if place(re.findall(r'URI="([^"]+)"', line)[0]) != (entry.msn, number):
            wrong.append(f"{line} is not part {number} of {entry.msn}")
    if entry.parts and entry.uri is not None and abs(total - entry.seconds) > 0.01:
        wrong.append(f"{entry.msn} is not as long as its parts")
    return wrong


def broken_between(before: str, after: str) -> list[str]:
    """The rules that the second playlist breaks, coming after the first one (6.2.1, 6.2.2)."""
    wrong: list[str] = []
    first, second = loads(before), loads(after)
    old, new = listed(before), listed(after)
    if first.target_duration != second.target_duration:
        wrong.append("6.2.1: the target duration changed")
    if second.media_sequence < first.media_sequence:
        wrong.append("6.2.2: the sequence runs backwards")
    if (second.discontinuity_sequence or 0) < (first.discontinuity_sequence or 0):
        wrong.append("6.2.2: the discontinuities run backwards")
    known = {entry.msn: entry for entry in new}
    for entry in old:
        again = known.get(entry.msn)
        if again is None:
            if entry.msn >= second.media_sequence:
                wrong.append(f"{entry.msn} is gone from the middle or the end")
        elif entry.uri is not None and entry.facts != again.facts:
            wrong.append(f"6.2.1: {entry.msn} changed: {entry.facts} {again.facts}")
        elif entry.uri is None and again.parts[: len(entry.parts)] != entry.parts:
            if again.uri is not None and not again.parts:
                continue  # it is whole, and older than those whose parts are listed
            wrong.append(f"6.2.1: the parts of {entry.msn} changed")
    if second.media_sequence > first.media_sequence:
        left = sum(entry.seconds for entry in new)
        if left < 3 * second.target_duration - 1e-6:
            wrong.append(f"6.2.2: only {left} s are left after something was removed")
    return wrong


def place(uri: str) -> tuple[int, int | None]:
    found = PLACE.fullmatch(uri)
    assert found is not None, uri
    return int(found[1]), None if found[2] is None else int(found[2])
