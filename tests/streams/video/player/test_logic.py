"""What needs no picture: the gate, the pace, the line of time, pieces and playlists, in Chromium."""

from __future__ import annotations

import base64
from dataclasses import asdict

import pytest

from streams.video.hls import playlist
from streams.video.hls import timeline as listed
from streams.video.path.parts import Init, Part
from tests.streams.test_the_browsers_store import Evaluate
from tests.streams.video.filming import film
from tests.streams.video.player.conftest import as_text, script


def shown(number: int, left: int = 9, price: int = 1000, deals: int = 0) -> dict[str, int]:
    return {"number": number, "left": left, "price": price, "deals": deals}


def test_what_is_shown_comes_with_the_picture_and_what_is_final_at_once(
    in_chromium: Evaluate,
) -> None:
    told = in_chromium(script("gate"), {"late": 2000, "instant": False})
    assert told["first"] == shown(1)
    assert told["store"] == 2  # the store is of now
    assert told["pinned"] == told["first"]
    assert told["soldOut"] == shown(1, left=0)
    assert told["almost"] == shown(1, left=0)
    assert told["reached"] == shown(2)
    assert told["deal"] == shown(2)
    assert told["dealInStore"] == 800  # what is paid
    assert told["dealReached"] == shown(2, price=800, deals=1)
    assert told["dealEnded"] == shown(2)
    assert told["two"] == told["frozen"] == shown(2)
    assert told["latest"] is None  # never more than five seconds late
    assert told["without"]["number"] == 1
    assert told["waiting"] == 0


def test_whoever_wants_it_instantly_gets_it_instantly(in_chromium: Evaluate) -> None:
    told = in_chromium(script("gate"), {"late": 2000, "instant": True})
    assert told["pinned"] == shown(2)
    assert told["deal"] == shown(2, price=800, deals=1)
    assert told["two"] is None


def test_a_late_player_catches_up_gently_and_stays_a_part_behind(in_chromium: Evaluate) -> None:
    told = in_chromium(script("pace"), {"delays": [0.0, 0.01, 0.02], "behind": 1.2, "seconds": 40})
    assert told["jumps"] == 0
    assert told["stalls"] == 0
    assert 1 < told["fastest"] <= 1.08
    assert told["slowest"] >= 0.96
    assert 0.03 < told["least"] < 0.2
    assert told["ahead"] < 0.5


def test_jitter_keeps_more_to_spare(in_chromium: Evaluate) -> None:
    told = in_chromium(
        script("pace"), {"delays": [0.0, 0.0, 0.3, 0.05], "behind": 0.3, "seconds": 60}
    )
    assert told["stalls"] <= 3
    assert told["least"] > 0.02  # also before the part that is 0.3 s late
    assert told["most"] > 0.3


def test_far_behind_it_jumps(in_chromium: Evaluate) -> None:
    told = in_chromium(script("pace"), {"delays": [0.0], "behind": 5, "seconds": 5})
    assert told["jumps"] == 1
    assert told["ahead"] < 0.6


def test_pieces_and_playlists_are_read_as_they_were_written(in_chromium: Evaluate) -> None:
    pieces = film(2)
    init, parts = pieces[0], [each for each in pieces if isinstance(each, Part)]
    assert isinstance(init, Init)
    segments = listed.segments(parts, over=False)
    text = playlist.media(segments, rendition="source", init=init)
    told = in_chromium(script("reads"), {"pieces": as_text(pieces), "text": text})
    for piece, read in zip(pieces, told["pieces"], strict=True):
        plain = asdict(piece) | {
            "kind": piece.kind,
            "payload": base64.b64encode(piece.payload).decode(),
        }
        assert read == plain
    assert told["init"]["codecs"] == init.codecs
    assert (told["init"]["width"], told["init"]["height"]) == (init.width, init.height)
    starts = [start / told["init"]["scale"] for start in told["starts"]]
    assert starts == pytest.approx([part.start for part in parts], abs=1e-4)
    named = told["playlist"]["parts"]
    assert [(each["msn"], each["index"]) for each in named] == [
        (part.msn, part.index) for part in parts
    ]
    assert [each["independent"] for each in named] == [part.independent for part in parts]
    assert [each["at"] for each in named] == pytest.approx([part.at for part in parts], abs=2)
    assert {each["map"] for each in named} == {"http://store.test/media/shows/a/live/source/1.mp4"}


def test_the_quickest_answer_knows_the_servers_clock_best(in_chromium: Evaluate) -> None:
    assert in_chromium(script("clock"), None) == [None, 4000, 4600, 4010, 4010, 10_010]
