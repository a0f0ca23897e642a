"""The simulated people speak in whole sentences about what is on air, and never twice the same."""

from __future__ import annotations

import re
from typing import Any

import pytest

from rehearsal.sentences import Sentences, Subject


def item(**changes: Any) -> dict[str, Any]:
    return {
        "number": 7,
        "title": "Rosewater Velvet Lipstick",
        "vendor": "Aurelle",
        "attributes": {"finish": "soft matt", "made_for": "long evenings"},
        "variants": [{"options": [{"name": "Shade", "value": "Rosewood"}]}],
        "price_from": {"minor": 1299, "currency": "EUR"},
        "left": 12,
    } | changes


FULL = Subject.of(item(), 12)
BARE = Subject.of(item(attributes={}, variants=[], vendor=""), 3)


@pytest.mark.parametrize("subject", [FULL, BARE], ids=["own facts", "title and price only"])
@pytest.mark.parametrize("mood", ["greet", "chat", "deal", "bought", "request"])
def test_a_viewer_speaks_in_whole_sentences(subject: Subject, mood: str) -> None:
    words = Sentences(seed=5)
    for _ in range(30):
        line = words.viewer(subject, mood)
        if line is None:
            break
        assert line[0].isupper() or line[0] in "#0123456789"
        assert line[-1] in ".!?"
        assert "{" not in line
        assert len(line) <= 300


@pytest.mark.parametrize("subject", [FULL, BARE], ids=["own facts", "title and price only"])
def test_the_host_has_something_to_say_at_every_moment(subject: Subject) -> None:
    words = Sentences(seed=5)
    for moment in ("welcome", "open", "fact", "price", "deal", "answer", "close"):
        line = words.host(subject, moment, units=5, deal_price="9 EUR", next=4, name="Mina")
        assert line is not None
        assert "{" not in line


def test_no_line_comes_twice_in_ten_minutes_and_may_come_again_later() -> None:
    now = [0.0]
    words = Sentences(seed=1, clock=lambda: now[0])
    said: list[str] = []
    while (line := words.viewer(BARE, "bought")) is not None:
        said.append(re.sub(r"\W+", " ", line).lower())
        now[0] += 1
        assert len(said) < 500
    assert len(said) == len(set(said))
    now[0] += 601
    assert words.viewer(BARE, "bought") is not None


def test_thirty_people_do_not_run_out_of_words_in_ten_minutes() -> None:
    words = Sentences(seed=2, clock=lambda: 0.0)
    assert all(words.viewer(FULL, "chat") for _ in range(600))


def test_the_words_come_from_the_product() -> None:
    words = Sentences(seed=3)
    lines = " ".join(filter(None, (words.viewer(FULL, "chat") for _ in range(80))))
    for own in ("soft matt", "Rosewood", "velvet lipstick", "12.99 EUR"):
        assert own in lines


def test_the_same_seed_says_the_same() -> None:
    one, other = Sentences(seed=9), Sentences(seed=9)
    assert [one.viewer(FULL) for _ in range(20)] == [other.viewer(FULL) for _ in range(20)]


def test_nobody_speaks_of_facts_and_choices_that_a_product_does_not_have() -> None:
    words = Sentences(seed=4)
    lines = [words.host(BARE, "fact") for _ in range(40)]
    lines += [words.viewer(BARE, "bought") for _ in range(40)]
    lines += [words.viewer(BARE, "chat") for _ in range(80)]
    said = " ".join(filter(None, lines)).lower()
    assert "look:" not in said
    assert "version:" not in said
    assert "as version" not in said
    assert f"start with {BARE.short}" not in said
    assert f"in {BARE.short} it looks" not in said


def test_numbered_facts_and_whole_sentences_of_a_catalogue_are_not_read_out() -> None:
    attributes = {
        "detail_2": "Full grain leather",
        "fits": "Julie is 5'8 and wears a small",
        "size": "Open: 16 x 11",
    }
    assert Subject.of(item(attributes=attributes), 1).facts == (("detail", "Full grain leather"),)
