"""The playlists of a replay keep the rules of HLS."""

from __future__ import annotations

from dataclasses import replace

import m3u8
import pytest

from streams.video.replay.playlist import (
    LONGEST,
    media_playlist,
    multivariant_playlist,
    stretches,
)
from streams.video.replay.timeline import Reel, Segment, Timeline, timeline

AT = 1_790_000_000_000


def reel(
    ordinal: int,
    seconds: list[float],
    *,
    at: int = AT,
    rare_keys: bool = False,
    size: int = 50_000,
) -> Reel:
    segments, start, offset = [], 0.0, 800
    for place, duration in enumerate(seconds):
        independent = not rare_keys or place % 4 == 0
        wall = at + round(start * 1000)
        segments.append(Segment(place, start, duration, offset, size, wall, independent))
        start, offset = start + duration, offset + size
    return Reel(ordinal, "avc1.42c01f,mp4a.40.2", 854, 480, 800, tuple(segments))


@pytest.fixture
def film() -> Timeline:
    return timeline([reel(1, [1.0] * 14), reel(2, [1.2] * 7, at=AT + 60_000)])


def test_the_rules_of_a_playlist_that_is_complete(film: Timeline) -> None:
    text = media_playlist(film)
    found = m3u8.loads(text)

    assert found.is_endlist
    assert found.playlist_type == "vod"
    assert found.target_duration == 6
    assert all(round(each.duration) <= found.target_duration for each in found.segments)
    assert sum(each.duration for each in found.segments) == pytest.approx(film.seconds)
    assert "EXT-X-GAP" not in text


def test_every_take_has_its_own_map_and_begins_with_a_discontinuity(film: Timeline) -> None:
    segments = m3u8.loads(media_playlist(film)).segments

    assert [each.init_section.uri for each in segments] == [
        *["../takes/1.mp4"] * 3,
        *["../takes/2.mp4"] * 2,
    ]
    assert {each.init_section.byterange for each in segments} == {"800@0"}
    assert [each.discontinuity for each in segments] == [False, False, False, True, False]
    times = [each.program_date_time for each in segments if each.program_date_time]
    assert [round(each.timestamp() * 1000) for each in (times[0], times[-1])] == [AT, AT + 60_000]


def test_byte_ranges_follow_each_other_without_a_hole(film: Timeline) -> None:
    segments = m3u8.loads(media_playlist(film)).segments

    offset = 800
    for each in segments[:3]:
        length, begin = map(int, each.byterange.split("@"))
        assert begin == offset
        offset += length
    assert offset == film.entries[0].reel.bytes


def test_a_segment_of_the_playlist_begins_with_a_keyframe() -> None:
    found = list(stretches(reel(1, [2.0] * 12, rare_keys=True)))

    assert [len(each.segments) for each in found] == [4, 4, 4]
    assert found[0].duration > LONGEST  # there is no keyframe in between
    text = media_playlist(timeline([reel(1, [2.0] * 12, rare_keys=True)]))
    assert m3u8.loads(text).target_duration == 8


def test_wall_time_is_told_again_where_the_sender_s_clock_went_its_own_way() -> None:
    even = reel(1, [1.0] * 18)
    late = [replace(each, at=each.at + 500 * (each.msn >= 9)) for each in even.segments]
    text = media_playlist(timeline([replace(even, segments=tuple(late))]))

    assert text.count("PROGRAM-DATE-TIME") == 2


def test_a_player_is_told_how_much_it_has_to_read(film: Timeline) -> None:
    found = m3u8.loads(
        multivariant_playlist(
            film,
            captions='#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="captions",NAME="English",URI="replay/captions.m3u8"',
        )
    )

    [variant] = found.playlists
    assert variant.uri == "replay/source.m3u8"
    assert variant.stream_info.bandwidth == 400_000
    assert variant.stream_info.codecs == "avc1.42c01f,mp4a.40.2"
    assert variant.stream_info.resolution == (854, 480)
    assert found.media[0].group_id == "captions"
