"""Captions beside the live picture: the same segments under the same numbers, cut where segments end."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import m3u8
import pytest

from livestore.base import threads
from streams.models import Show
from streams.video.captions import live
from streams.video.captions.hls import rendition_line
from streams.video.hls import playlist as video
from streams.video.hls.answers import Answer
from streams.video.hls.timeline import entries, segments
from streams.video.models import Caption
from streams.video.path.parts import Piece, encode
from streams.video.window import Window
from tests import cast
from tests.streams.video.filming import moment
from tests.streams.video.serving.watching import init, now_ms, parts

SLUG = "evening-edit"


@dataclass
class Scene:
    """What the door knows of a show."""

    show: str = "live"
    slug: str = SLUG
    held: Window = field(default_factory=lambda: Window(SLUG, "source", lambda: 0.0))

    def window(self, rendition: str) -> Window:
        return self.held

    def send(self, *pieces: Piece) -> None:
        for piece in pieces:
            self.held.take(encode(piece))
        self.held.look()


@pytest.fixture
def scene() -> Scene:
    return Scene()


@pytest.fixture
def show(transactional_db: None) -> Iterator[Show]:
    yield cast.show(cast.hana(), cast.product(), live=True)
    threads.stop()


async def ask(scene: Any, rest: str, query: bytes = b"") -> Answer:
    return await live.answer(scene, rest, query)


async def text(scene: Scene, rest: str) -> str:
    answer = await ask(scene, rest)
    assert answer.status == 200, answer.body
    return answer.body.decode()


async def say(show: Show, text_: str, at: int) -> None:
    await threads.in_database(lambda: Caption.objects.create(show=show, text=text_, at=moment(at)))


async def test_the_playlist_is_the_pictures_own_with_text_in_place_of_film(scene: Scene) -> None:
    first = init(at=now_ms() - 8_000)
    second = init(take=2, msn=110, at=now_ms() - 3_000)
    scene.send(first, *parts(first, 4), second, *parts(second, 2), parts(second, 1, first=2)[0])
    found = m3u8.loads(await text(scene, "captions.m3u8"))
    listed = entries(segments(scene.held.parts(), over=False))
    picture = m3u8.loads(video.media(listed, rendition="source", init=second))
    facts = ("duration", "program_date_time", "discontinuity", "gap_tag")
    whole = [each for each in picture.segments if each.uri]
    assert [[getattr(each, fact) for fact in facts] for each in found.segments] == [
        [getattr(each, fact) for fact in facts] for each in whole
    ]
    assert [each.uri for each in found.segments] == [
        each.uri.replace("source/", "captions/").replace(".m4s", ".vtt") for each in whole
    ]
    assert found.media_sequence == picture.media_sequence
    assert found.target_duration == picture.target_duration
    assert found.discontinuity_sequence == picture.discontinuity_sequence
    assert found.server_control.can_block_reload == "YES"
    assert not found.is_endlist


async def test_a_line_is_in_every_segment_that_it_is_seen_in(scene: Scene, show: Show) -> None:
    began = now_ms() - 6_000
    beginning = init(at=began)
    scene.send(beginning, *parts(beginning, 5))
    await say(show, "Look & see <b>this</b>", began + 1_500)
    files = [await text(scene, f"captions/{100 + number}.vtt") for number in range(4)]
    head = "WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:00:00.000\n"
    words = "Look &amp; see &lt;b&gt;this&lt;/b&gt;\n"
    assert files == [
        head,
        f"{head}\n00:00:01.500 --> 00:00:02.000\n{words}",
        f"{head}\n00:00:02.000 --> 00:00:03.000\n{words}",
        f"{head}\n00:00:03.000 --> 00:00:03.500\n{words}",
    ]


async def test_times_are_those_of_the_take(scene: Scene, show: Show) -> None:
    began = now_ms() - 4_000
    first, second = init(at=began), init(take=2, msn=110, at=began + 2_000)
    scene.send(first, *parts(first, 2), second, *parts(second, 2))
    await say(show, "Hello", began + 2_500)
    assert "00:00:00.500 --> 00:00:01.000" in await text(scene, "captions/110.vtt")


async def test_what_was_said_a_moment_ago_is_in_the_next_file(scene: Scene, show: Show) -> None:
    began = now_ms() - 1_300
    beginning = init(at=began)
    scene.send(beginning, *parts(beginning, 1), parts(beginning, 1, first=1)[0])
    assert "Hello" not in await text(scene, "captions/100.vtt")
    await say(show, "Hello", began + 1_200)
    scene.send(*parts(beginning, 3))
    assert "Hello" in await text(scene, "captions/101.vtt")


async def test_many_who_ask_are_answered_by_one_look(
    scene: Scene, show: Show, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = []
    lines_of = live.lines_of
    monkeypatch.setattr(live, "lines_of", lambda *a, **k: looks.append(1) or lines_of(*a, **k))
    beginning = init(at=now_ms() - 5_000)
    scene.send(beginning, *parts(beginning, 4))
    await asyncio.gather(*(ask(scene, f"captions/{100 + n % 4}.vtt") for n in range(40)))
    assert len(looks) == 1


async def test_a_file_is_there_when_its_segment_is_whole(scene: Scene, show: Show) -> None:
    beginning = init(at=now_ms() - 1_000)
    scene.send(beginning, *parts(beginning, 1)[:2])
    for rest in ("captions/100.vtt", "captions/99.vtt", "captions/x.vtt", "captions.vtt"):
        assert (await ask(scene, rest)).status == 404, rest
    scene.send(*parts(beginning, 2))
    assert (await ask(scene, "captions/100.vtt")).status == 200


async def test_a_playlist_waits_for_the_segment_that_is_asked_for(scene: Scene) -> None:
    beginning = init(at=now_ms() - 3_000)
    scene.send(beginning, *parts(beginning, 2))
    asking = asyncio.create_task(ask(scene, "captions.m3u8", b"_HLS_msn=101"))
    await asyncio.sleep(0)  # it begins
    assert not asking.done()
    scene.send(*parts(beginning, 1, first=2))
    answer = await asyncio.wait_for(asking, 5)
    assert b"captions/101.vtt" in answer.body
    assert (await ask(scene, "captions.m3u8", b"_HLS_msn=900")).status == 400


async def test_a_show_that_is_over_ends_its_playlist(scene: Scene) -> None:
    beginning = init(at=now_ms() - 3_000)
    scene.send(beginning, *parts(beginning, 2))
    scene.show = "ended"
    found = m3u8.loads(await text(scene, "captions.m3u8"))
    assert found.is_endlist
    assert len(found.segments) == 2


def test_players_find_the_captions() -> None:
    beginning = init()
    variants = [video.variant(beginning, segments(parts(beginning, 2), over=True))]
    found = m3u8.loads(video.multivariant(variants, [rendition_line()], "captions"))
    [media] = found.media
    assert (media.type, media.uri, media.group_id) == (
        "SUBTITLES",
        "live/captions.m3u8",
        found.playlists[0].stream_info.subtitles,
    )
