"""Playlists as text, while takes come and go."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from itertools import pairwise

import m3u8
import pytest

from streams.video.hls import playlist
from streams.video.hls.blocking import BadDirective, Directive, directive
from streams.video.hls.timeline import entries, segments
from streams.video.path.packager import Packager
from streams.video.path.parts import End, Part, Piece, Place, encode
from streams.video.window import Window
from tests.streams.video.filming import film, play, shot
from tests.streams.video.serving.rules import broken, broken_between, listed
from tests.streams.video.serving.watching import init, parts

AT = 1_790_000_000_000


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def window() -> Window:
    return Window("evening-edit", "source", Clock())


def rendered(found: Window, *, ended: bool = False) -> str:
    assert found.init is not None
    listed = entries(segments(found.parts(), over=found.over or ended))
    return playlist.media(listed, rendition="source", init=found.init, ended=ended)


def growing(pieces: Sequence[Piece]) -> Iterator[str]:
    """The playlist after every piece from the first part on."""
    found = window()
    for piece in pieces:
        found.take(encode(piece))
        if found.place is not None:
            yield rendered(found)


def takes(*breaks: tuple[int, int, int]) -> list[Piece]:
    """Takes of six seconds; each break is (seconds, numbers that are passed over, ordinals that are passed over)."""
    pieces: list[Piece] = []
    take, msn, at = 1, 100, AT
    for seconds, numbers, ordinals in [(0, 0, 0), *breaks]:
        take, msn, at = take + ordinals, msn + numbers, at + seconds * 1000
        beginning = init(take, msn, at=at)
        pieces += [beginning, *parts(beginning, 6), End(take, "paused")]
        take, msn, at = take + 1, msn + 6, at + 6000
    return pieces


@pytest.mark.parametrize(
    "breaks",
    [
        pytest.param([(2, 0, 0), (2, 0, 0), (2, 0, 0)], id="numbers go on"),
        pytest.param([(3, 3, 0), (5, 4, 0), (1, 1, 0)], id="a few numbers are passed over"),
        pytest.param([(300, 300, 0), (90, 4000, 0)], id="hundreds are"),
        pytest.param([(2, 2, 1), (2, 0, 2)], id="takes that never showed anything"),
        pytest.param([(0, 30, 0)], id="numbers without time"),
    ],
)
def test_every_playlist_and_every_step_keeps_the_rules(breaks: list[tuple[int, int, int]]) -> None:
    texts = list(growing(takes(*breaks)))
    for text in texts:
        assert broken(text) == []
    for before, after in pairwise(texts):
        assert broken_between(before, after) == []
    assert len(listed(texts[-1])) >= 12


def test_a_process_that_began_later_tells_the_same_numbers() -> None:
    pieces = takes((3, 3, 0), (40, 41, 1))
    for begin in range(0, len(pieces), 7):
        early, late = window(), window()
        for piece in pieces:
            early.take(encode(piece))
        newest = [each for each in pieces[: begin + 1] if each.kind == "init"][-1]
        for piece in [newest, *pieces[begin:]]:
            late.take(encode(piece))
        if late.place is None:
            continue
        known = {entry.msn: entry for entry in listed(rendered(early))}
        for entry in listed(rendered(late)):
            if entry.msn in known:
                assert entry.facts == known[entry.msn].facts


def test_the_rules_find_what_is_wrong() -> None:
    good = list(growing(takes((3, 3, 0))))
    text = good[20]
    assert broken(text.replace("#EXTINF:1.00000", "#EXTINF:4.60000"))
    assert broken(text.replace("DURATION=0.25000", "DURATION=0.26000"))
    assert broken(text.replace("DURATION=0.25000", "DURATION=0.20000"))
    assert broken(text.replace(",INDEPENDENT=YES", ""))
    assert broken(text.replace("PART-HOLD-BACK=1.000", "PART-HOLD-BACK=0.700"))
    assert broken(text.replace("#EXT-X-MEDIA-SEQUENCE:100", "#EXT-X-MEDIA-SEQUENCE:101"))
    assert broken_between(good[20], good[19])
    assert broken_between(good[0], good[0].replace("TARGETDURATION:4", "TARGETDURATION:5"))
    assert broken_between(good[-2], good[-2].replace("DISCONTINUITY\n", "DISCONTINUITY\n" * 2, 1))


def test_keyframes_every_two_seconds_and_frames_of_any_rate_keep_the_rules() -> None:
    for fps, keys in ((30, 2.0), (25, 1.0), (60, 2.0), (24, 3.0)):
        texts = list(growing(film_with(fps, keys)))
        assert all(not broken(text) for text in texts)
        assert all(not broken_between(*each) for each in pairwise(texts))


def film_with(fps: int, keys: float) -> list[Piece]:
    pieces: list[Piece] = []
    footage = shot(9.0, fps=fps, audio=False, width=32, height=32, keys_every=keys)
    packager = Packager(
        video=footage.video,
        audio=None,
        emit=pieces.append,
        clock=lambda time: AT + round(time * 1000),
        take=1,
        msn=100,
        source="rtmp",
    )
    play(footage, packager)
    return pieces


def test_the_hint_is_the_part_that_comes_next() -> None:
    beginning = init(at=AT)
    found = window()
    found.take(encode(beginning))
    film_parts = parts(beginning, 3)
    wrong = 0
    for part, following in pairwise(film_parts):
        found.take(encode(part))
        hint = playlist.hinted(entries(segments(found.parts(), over=False)))
        wrong += hint != Place.of(following)
        assert m3u8.loads(rendered(found)).preload_hint.uri.startswith("source/")
    assert wrong == 1, "only the first end of a segment can not be foreseen"


def test_an_ended_show_has_an_end_and_no_parts() -> None:
    beginning = init(at=AT)
    found = window()
    whole: list[Piece] = [beginning, *parts(beginning, 3)]
    for piece in whole:
        found.take(encode(piece))
    text = rendered(found, ended=True)
    assert broken(text) == []
    assert text.endswith("source/102.m4s\n#EXT-X-ENDLIST\n")
    assert "#EXT-X-PART:" not in text


def test_a_stalled_frame_lengthens_the_part_target_rather_than_break_it() -> None:
    beginning = init(at=AT)
    found = window()
    stalled = Part(1, 100, 0, 0.0, 0.6, AT, True, b"x")
    for piece in (beginning, stalled):
        found.take(encode(piece))
    assert m3u8.loads(rendered(found)).part_inf.part_target == 0.6


def test_multivariant_names_every_rendition_with_its_weight() -> None:
    pieces = film(2, at=AT)
    found = window()
    for piece in pieces:
        found.take(encode(piece))
    assert found.init is not None
    made = segments(found.parts(), over=True)
    text = playlist.multivariant([playlist.variant(found.init, made)])
    [only] = m3u8.loads(text).playlists
    assert only.uri == "live/source.m3u8"
    assert only.stream_info.resolution == (160, 90)
    assert only.stream_info.codecs == found.init.codecs
    heaviest = max(each.size * 8 / each.seconds for each in made)
    assert heaviest <= only.stream_info.bandwidth < heaviest + 100_000


@pytest.mark.parametrize(
    "query",
    [
        b"_HLS_part=1",
        b"_HLS_msn=x",
        b"_HLS_msn=-1",
        b"_HLS_msn=1&_HLS_part=",
        b"_HLS_msn=" + b"9" * 30,
    ],
)
def test_directives_that_can_not_be_meant_are_refused(query: bytes) -> None:
    with pytest.raises(BadDirective):
        directive(query)


def test_directives_wait_for_what_they_name() -> None:
    newest = Place(105, 2)
    assert directive(b"v=1") is None
    assert directive(b"_HLS_msn=105&_HLS_part=3") == Directive(105, 3)
    for msn, part, met in [
        (105, 2, True),
        (105, 3, False),
        (104, 9, True),  # past its last part: the first one of the next segment
        (104, None, True),
        (105, None, False),
        (90, 0, True),
    ]:
        assert Directive(msn, part).is_met(newest, over=False) is met
    assert Directive(105, None).is_met(newest, over=True)
    assert not Directive(1, 0).is_met(None, over=False)


def test_directives_too_far_ahead_are_refused() -> None:
    newest = Place(105, 2)
    for msn, part in [(106, None), (106, 0), (105, 14), (1, None)]:
        Directive(msn, part).check(newest)
    for msn, part in [(107, None), (107, 0), (105, 15), (106, 13)]:
        with pytest.raises(BadDirective):
            Directive(msn, part).check(newest)


def test_random_feeds_keep_the_rules() -> None:
    """Parts that are lost, repeated, or cut off at any place."""
    chance = random.Random(8216)
    for _ in range(3):
        pieces = takes((2, 2, 0), (7, 9, 1))
        sent = [each for each in pieces if each.kind == "init" or chance.random() > 0.05]
        sent += [chance.choice(sent)]
        texts = list(growing(sent))
        for before, after in pairwise(texts):
            assert broken(after) == []
            assert broken_between(before, after) == []
