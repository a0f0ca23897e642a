"""The player in Chromium with real films: H.264 and AAC through the packager."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from streams.video.path.parts import Part
from tests.streams.video.filming import BEGAN_AT, film
from tests.streams.video.player.conftest import as_text, script


@pytest.mark.parametrize("audio", [True, False], ids=["the same tracks", "without sound"])
def test_a_new_take_goes_on_where_the_last_one_ended(in_page: Any, audio: bool) -> None:
    first = film(2.5, reason="switched")
    second = film(1, 192, 108, audio=audio, take=2, msn=500, at=BEGAN_AT + 60_000)
    told = in_page(script("plays"), [as_text(first), as_text(second)])
    assert 0.85 < told["rate"] < 1.12
    assert 0.85 < told["wallRate"] < 1.12
    assert told["sound"] > 0
    assert told["sizes"] == [160, 192]
    assert told["lowest"] >= told["atEnd"]
    assert told["blank"] == []
    assert BEGAN_AT <= told["wall"] <= told["silent"] <= BEGAN_AT + 2_500
    assert BEGAN_AT + 60_000 <= told["later"] <= BEGAN_AT + 61_000
    assert told["states"][-1] in ("live", "gone")
    assert "gone" in told["states"]
    assert told["muted"]
    assert told["sockets"] == 1
    assert told["left"] == 0


def test_what_is_missing_is_no_hole_and_what_comes_twice_is_left_out(in_page: Any) -> None:
    pieces = film(5)
    init, parts = pieces[0], [each for each in pieces if isinstance(each, Part)]
    first = [each for each in parts if each.start < 1]
    third = [each for each in parts if 2 <= each.start < 3]
    rest = [each for each in parts if 2 <= each.start < 4]
    again = {
        "fresh": len(first) + len(third),
        "pieces": as_text([init, *rest]),
        "total": len(first) + len(rest),
    }
    told = in_page(script("holes"), [as_text([init, *first, *third]), again])
    assert told["before"]["ranges"] == told["ranges"] == 1
    assert told["before"]["length"] == pytest.approx(2, abs=0.1)
    assert told["length"] == pytest.approx(3, abs=0.1)
    assert told["parts"] == len(first) + len(rest)


def test_what_can_not_be_read_is_no_end_of_the_picture(in_page: Any) -> None:
    pieces = film(3)
    broken = [
        each if n != 3 else replace(each, payload=b"\0\0\0\1moof" * 40)
        for n, each in enumerate(pieces)
    ]
    told = in_page(script("broken"), [as_text(broken[:5]), as_text(pieces)])
    assert told["sockets"] == 2
    assert told["later"] > told["before"]
    assert told["held"]  # the last picture, while the video had none
    assert not told["holds"]
    assert told["error"] is None


@pytest.mark.parametrize(
    ("code", "why", "sockets"),
    [(None, "unreachable", 4), (4408, "too_slow", 2), (4503, "refused", 1)],
)
def test_the_socket_gives_up_when_another_way_is_better(
    in_page: Any, code: int | None, why: str, sockets: int
) -> None:
    assert in_page(script("falls_back"), code) == {"lost": [why], "sockets": sockets}


def test_nothing_begins_with_sound_and_who_wanted_it_is_asked_for_a_tap(in_page: Any) -> None:
    newcomer, tapped, back, muted, after = in_page(script("sound"))
    assert newcomer == [False, False]
    assert tapped == [True, False]
    assert back == [False, True]
    assert muted == [False, False]
    assert after == [False, False]
