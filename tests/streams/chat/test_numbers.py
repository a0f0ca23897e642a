"""Which number a chat line asks for."""

from __future__ import annotations

import pytest

from streams.chat.numbers import WORDS, asked_number


@pytest.mark.parametrize(
    ("line", "number"),
    [
        ("number seven", 7),
        ("Number Seven please!", 7),
        ("Nummer 7", 7),
        ("can we see nummer sieben?", 7),
        ("#7", 7),
        ("# 12 pls", 12),
        ("nr. 7", 7),
        ("Nr 7", 7),
        ("Nr.7!", 7),
        ("no. 3", 3),
        ("No.15", 15),
        ("№ 4", 4),
        ("item 9?", 9),
        ("Artikel 9", 9),
        ("number twenty", 20),
        ("number twenty-one", 21),
        ("number twenty one", 21),
        ("number thirty five pairs", 35),
        ("Nummer zwölf bitte", 12),
        ("Nummer fünf", 5),
        ("Nummer einundzwanzig", 21),
        ("Nummer siebenunddreißig", 37),
        ("numero 8", 8),
        ("number: 5", 5),
        ("number ７", 7),
        ("show number four again", 4),
        ("number 10.", 10),
        ("NUMBER 2 AND NUMBER 3", 2),
    ],
)
def test_a_line_asks_for_a_number(line: str, number: int) -> None:
    assert asked_number(line) == number


@pytest.mark.parametrize(
    "line",
    [
        "",
        "7",
        "size 38 please",
        "I take two",
        "no one knows",
        "no 5 is not my size",
        "number",
        "numbers are hard",
        "the number of shades is great",
        "what a number!",
        "phonenumber 7",
        "only 12.99?",
        "number 12345",
        "number 0",
        "#7up",
        "C#7",
        "&#7;",
        "number 3.5",
        "hashtag #summer",
        "item",
    ],
)
def test_a_line_that_asks_for_none(line: str) -> None:
    assert asked_number(line) is None


def test_words_go_to_ninety_nine_in_both_languages() -> None:
    assert set(range(1, 100)) <= {value for word, value in WORDS.items() if word.isascii()}
    assert WORDS["neunundneunzig"] == WORDS["ninetynine"] == 99
