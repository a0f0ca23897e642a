"""The captions of a replay: one track on its timeline, and a rendition of HLS."""

from __future__ import annotations

from collections.abc import Iterator

import m3u8
import pytest

from livestore.base import threads
from streams.models import Show
from streams.video.models import Caption
from streams.video.replay import door
from streams.video.replay.books import Books
from tests import cast
from tests.streams.video.filming import BEGAN_AT, film, moment, recorded
from tests.streams.video.replay.test_door import ask

MEDIA = "/media/shows/evening-edit/"


@pytest.fixture(autouse=True)
def opened(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(door, "books", Books())
    yield
    threads.stop()


@pytest.fixture
def show(transactional_db: None) -> Show:
    """Over: a take of two seconds, a break of a minute, a take of two seconds."""
    made = cast.show(cast.hana(), cast.product(), live=True)
    recorded(made, film(2, reason="paused"))
    recorded(made, film(2, take=2, msn=200, at=BEGAN_AT + 62_000))
    made.started_at, made.ended_at = moment(BEGAN_AT - 1_000), moment(BEGAN_AT + 70_000)
    made.state = Show.State.ENDED
    made.save()
    return made


def say(show: Show, text: str, after: float) -> None:
    Caption.objects.create(show=show, text=text, at=moment(BEGAN_AT + round(after * 1000)))


async def text(path: str) -> str:
    answer = await ask(MEDIA + path)
    assert answer.status == 200
    return answer.body.decode()


async def test_the_track_leaves_out_what_was_said_without_a_picture(show: Show) -> None:
    await threads.in_database(lambda: say(show, "Good evening", 0.5))
    await threads.in_database(lambda: say(show, "Back in a minute", 30))
    await threads.in_database(lambda: say(show, "<i>Here</i> --> again", 62.5))
    answer = await ask(MEDIA + "captions.vtt")
    assert answer.headers["content-type"] == "text/vtt; charset=utf-8"
    head, *cues = answer.body.decode().rstrip("\n").split("\n\n")
    assert head == "WEBVTT"
    assert [cue.split("\n") for cue in cues] == [
        ["00:00:00.500 --> 00:00:02.000", "Good evening"],
        ["00:00:02.500 --> 00:00:04.000", "&lt;i&gt;Here&lt;/i&gt; --&gt; again"],
    ]


async def test_players_of_hls_have_a_file_for_each_take(show: Show) -> None:
    await threads.in_database(lambda: say(show, "Here", 62.5))
    found = m3u8.loads(await text("replay.m3u8"))
    [media] = found.media
    assert (media.type, media.uri) == ("SUBTITLES", "replay/captions.m3u8")
    assert found.playlists[0].stream_info.subtitles == media.group_id
    listed = m3u8.loads(await text(media.uri))
    picture = m3u8.loads(await text("replay/source.m3u8"))
    assert listed.is_endlist
    assert [each.discontinuity for each in listed.segments] == [False, True]
    assert sum(s.duration for s in listed.segments) == pytest.approx(
        sum(s.duration for s in picture.segments), abs=0.01
    )
    files = [await text(f"replay/{each.uri}") for each in listed.segments]
    assert all("X-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:00:00.000" in each for each in files)
    assert "Here" not in files[0]
    assert "00:00:00.500 --> 00:00:02.000\nHere" in files[1]


async def test_a_replay_in_which_nothing_was_said_has_no_track(show: Show) -> None:
    assert "SUBTITLES" not in await text("replay.m3u8")
    for path in ("captions.vtt", "replay/captions.m3u8", "replay/captions/1.vtt"):
        assert (await ask(MEDIA + path)).status == 404
