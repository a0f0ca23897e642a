"""How long a request waits: `_HLS_msn` and `_HLS_part`, and parts that were hinted at (6.2.5.2, 6.2.6)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from urllib.parse import parse_qs

from streams.video.hls.timeline import TARGET
from streams.video.path.packager import PART
from streams.video.path.parts import Place

PATIENCE = 3.0 * TARGET
"""Seconds that a playlist's request waits; then 503."""
AHEAD = math.ceil(3 / PART)
"""Parts that may be asked for ahead of the newest one."""


class BadDirective(ValueError):
    """A client that asks for what can not be meant: 400."""


@dataclass(frozen=True, slots=True)
class Directive:
    """Wait for this segment to be whole or, with `part`, for that part of it or anything later."""

    msn: int
    part: int | None

    def is_met(self, newest: Place | None, *, over: bool) -> bool:
        """`over`: the newest part ends its take, and its segment."""
        if newest is None:
            return False
        if self.part is not None and newest >= Place(self.msn, self.part):
            return True
        return newest.msn > self.msn or (over and newest.msn == self.msn)

    def check(self, newest: Place | None) -> None:
        """Raises BadDirective for what is too far ahead."""
        if newest is None:
            return
        # The newest segment is being made: the last whole one is the one before it.
        if self.msn > newest.msn + 1:
            raise BadDirective("That segment is too far ahead.")
        if self.part is not None:
            first = newest.index if self.msn == newest.msn else 0
            if self.msn >= newest.msn and self.part > first + AHEAD:
                raise BadDirective("That part is too far ahead.")


def directive(query: bytes) -> Directive | None:
    """What the query asks to wait for. Raises BadDirective."""
    if b"_HLS_" not in query:
        return None
    asked = parse_qs(query.decode("latin-1"), keep_blank_values=True)
    msn, part = (asked.get(name) for name in ("_HLS_msn", "_HLS_part"))
    if msn is None:
        if part is not None:
            raise BadDirective("A part without its segment.")
        return None
    return Directive(_number(msn[0]), None if part is None else _number(part[0]))


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise BadDirective("Not a number.")
    return int(text)


def is_next(wanted: Place, newest: Place | None) -> bool:
    """Whether this part may be the one that comes next: worth waiting for."""
    return newest is not None and wanted in (
        Place(newest.msn, newest.index + 1),
        Place(newest.msn + 1, 0),
    )
