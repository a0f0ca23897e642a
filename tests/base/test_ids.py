"""Identifiers for everybody's eyes."""

from __future__ import annotations

import pytest

from livestore.base.ids import ALPHABET, public_id, public_ids


@pytest.mark.parametrize("count", [1, 7, 300])
def test_many_at_once_are_as_good_as_one_by_one(count):
    made = [*public_ids("ord", count), public_id("ord")]
    assert len(set(made)) == count + 1
    for each in made:
        prefix, letters = each.split("_")
        assert (prefix, len(letters)) == ("ord", 16)
        assert set(letters) <= set(ALPHABET)


def test_every_letter_is_drawn_about_as_often():
    drawn = "".join(each.removeprefix("ord_") for each in public_ids("ord", 5_000))
    share = len(drawn) / len(ALPHABET)
    assert all(0.8 * share < drawn.count(letter) < 1.2 * share for letter in ALPHABET)


def test_none_is_none():
    assert public_ids("ord", 0) == []
