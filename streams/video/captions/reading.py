"""How a line is read: two short rows at a time, each pair long enough on the screen.

The figures are those of subtitling: 160 to 180 words a minute (BBC Subtitle Guidelines, "Timing"), which is about
15 characters a second, and at most 42 characters a row, two rows, 7 seconds (Netflix Timed Text Style Guide,
"General Requirements").
"""

from __future__ import annotations

import math
import textwrap

LONGEST = 200
"""Characters of a line as it is said."""
ROW = 42
ROWS = 2
CHARACTERS_A_SECOND = 15.0
SHORTEST_SECONDS, LONGEST_SECONDS = 2.0, 7.0
"""On the screen, of one page."""

Page = list[str]
"""The rows, one or two, that stand on the screen at one time."""


def pages(text: str) -> list[Page]:
    """A line as its pages, one after the other, with rows of about the same length: no word stands alone."""
    count = math.ceil(len(_wrapped(text, ROW)) / ROWS)
    if len(text) <= ROW:
        return [[text]]
    for width in range(math.ceil(len(text) / (ROWS * count)), ROW + 1):
        rows = _wrapped(text, width)
        if len(rows) <= ROWS * count:
            break
    return [rows[start : start + ROWS] for start in range(0, len(rows), ROWS)]


def _wrapped(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, width, break_on_hyphens=False)


def seconds_of(page: Page) -> float:
    """How long one page stays."""
    wanted = sum(map(len, page)) / CHARACTERS_A_SECOND
    return round(min(LONGEST_SECONDS, max(SHORTEST_SECONDS, wanted)), 1)


def seconds_for(text: str) -> float:
    """How long a line stays, all its pages together."""
    return round(sum(seconds_of(page) for page in pages(text)), 1)


def shortened(text: str) -> str:
    """At most LONGEST characters, cut between words."""
    return textwrap.shorten(text, LONGEST, placeholder=" …") if len(text) > LONGEST else text
