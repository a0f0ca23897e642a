"""Making a chat line harmless to the layout of everybody's screen. Markup is no danger: it is shown as text."""

from __future__ import annotations

import re
import unicodedata

MOST_MARKS = 4
"""Combining marks on one letter; more than any language stacks, fewer than it takes to bleed over lines."""

# Controls, invisible format characters (bidi overrides among them), surrogates, private use, unassigned.
UNWANTED = {"Cc", "Cf", "Cs", "Co", "Cn"}
# Needed inside emoji (joiner, variation selectors are marks) and by scripts such as Persian.
WANTED = {"\u200d", "\u200c"}
TAG_LETTERS = range(0xE0020, 0xE0080)  # the flags of England, Scotland and Wales


def clean(text: str) -> str:
    """One line: odd characters dropped, white space collapsed, marks capped. May be empty."""
    kept: list[str] = []
    marks = 0
    for letter in unicodedata.normalize("NFC", text):
        category = unicodedata.category(letter)
        if letter.isspace():
            kept.append(" ")
            marks = 0
        elif category in {"Mn", "Me"}:
            marks += 1
            if marks <= MOST_MARKS and kept:
                kept.append(letter)
        elif category not in UNWANTED or letter in WANTED or ord(letter) in TAG_LETTERS:
            kept.append(letter)
            marks = marks if letter in WANTED else 0
    joined = re.sub(r" +", " ", "".join(kept)).strip()
    return joined if any(not _invisible(letter) for letter in joined) else ""


def _invisible(letter: str) -> bool:
    return (
        letter in WANTED or letter.isspace() or unicodedata.category(letter) in {"Cf", "Mn", "Me"}
    )
