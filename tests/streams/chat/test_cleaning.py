"""Chat lines that can not hurt anybody's screen."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.chat.cleaning import MOST_MARKS, clean


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("  Hello   there \n\n you ", "Hello there you"),
        ("tab\there", "tab here"),
        ("a\u202eb\u2066c\u200ed\u061c", "abcd"),
        ("nul\x00 bell\x07 del\x7f", "nul bell del"),
        ("zero\u200bwidth\ufeff", "zerowidth"),
        ("👩‍👩‍👧 and ❤️", "👩‍👩‍👧 and ❤️"),
        ("👍🏽", "👍🏽"),
        ("e\u0301", "é"),
        ("میخواهم\u200cش", "میخواهم\u200cش"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("\u202e\u200b\x00", ""),
        ("\u200d\u200d", ""),
        ("\u0301\u0301", ""),
        ("   ", ""),
        ("\ud800", ""),
        ("🏴󠁧󠁢󠁥󠁮󠁧󠁿", "🏴󠁧󠁢󠁥󠁮󠁧󠁿"),
    ],
)
def test_a_line_is_cleaned(said: str, shown: str) -> None:
    assert clean(said) == shown


def test_ten_thousand_marks_become_a_few() -> None:
    assert len(clean("Z" + "\u0335" * 10_000)) <= 1 + MOST_MARKS


@given(st.text(max_size=300))
def test_cleaning_twice_changes_nothing_and_never_adds_lines(said: str) -> None:
    once = clean(said)
    assert clean(once) == once
    assert "\n" not in once
    assert "\u202e" not in once
    once.encode()
