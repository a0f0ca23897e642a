"""How lines are broken and how long they stay; and that nothing in them is more than text."""

from __future__ import annotations

import re

import pytest

from streams.video.captions.reading import ROW, pages, seconds_for, seconds_of, shortened
from streams.video.captions.webvtt import Cue, Line, document, shown

LONG = (
    "Good evening everybody, tonight we have twelve things that I have chosen myself over the "
    "last two months, and the first one is a silk bonnet which keeps your hair calm at night."
)
TEXTS = ["Hello", "x" * 200, LONG, "Donaudampfschifffahrtsgesellschaft " * 5, "a " * 99]


@pytest.mark.parametrize("text", TEXTS)
def test_at_most_two_short_rows_at_a_time_and_no_letter_is_lost(text: str) -> None:
    found = pages(text.strip())
    assert all(1 <= len(page) <= 2 for page in found)
    assert all(len(row) <= ROW for page in found for row in page)
    letters = "".join("".join(page) for page in found)
    assert letters.replace(" ", "") == text.replace(" ", "")


def test_pages_are_of_about_the_same_length() -> None:
    lengths = [sum(map(len, page)) for page in pages(LONG)]
    assert len(lengths) == 3
    assert max(lengths) - min(lengths) < 20


@pytest.mark.parametrize(("letters", "seconds"), [(5, 2.0), (42, 2.8), (84, 5.6)])
def test_a_page_stays_as_long_as_it_takes_to_read(letters: int, seconds: float) -> None:
    assert seconds_of(["x" * letters]) == seconds


def test_a_long_line_stays_for_all_its_pages() -> None:
    assert 11 < seconds_for(LONG) < 14


def test_what_is_too_long_is_cut_between_words() -> None:
    assert shortened("short") == "short"
    cut = shortened(LONG + " " + LONG)
    assert len(cut) <= 200
    assert cut.endswith(" …")


def test_a_line_ends_where_the_next_one_is_said() -> None:
    lines = [Line(10_000, "First"), Line(11_000, "Second"), Line(11_100, "Third")]
    assert [(each.start, each.end, each.rows) for each in shown(reversed_(lines))] == [
        (10_000, 11_000, ["First"]),
        (11_100, 13_100, ["Third"]),  # the second was gone before anybody could see it
    ]


def reversed_(lines: list[Line]) -> list[Line]:
    """In any order: by time is what counts."""
    return lines[::-1]


def test_markup_arrows_and_entities_stay_text() -> None:
    evil = ["<script>alert(1)</script>", "a --> b & c &lt;"]
    text = document([Cue(0, 2, evil)])
    head, cue = text.split("\n\n", 1)
    assert head == "WEBVTT"
    timing, *rows = cue.rstrip("\n").split("\n")
    assert timing == "00:00:00.000 --> 00:00:02.000"
    assert rows == ["&lt;script&gt;alert(1)&lt;/script&gt;", "a --&gt; b &amp; c &amp;lt;"]
    assert len(re.findall("-->", text)) == 1


def test_times_are_those_of_webvtt() -> None:
    assert "01:01:01.500 --> 100:00:00.000" in document([Cue(3661.5, 360_000, ["x"])])
