"""HLS through a real web process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from itertools import pairwise

import aiohttp
import av
import m3u8
import pytest
import pytest_asyncio

from livestore.base.threads import in_database
from streams.models import Restriction, Show
from streams.shows import services
from streams.video.hls import live
from streams.video.path.parts import End, Part, Piece, Place
from streams.video.scene import scenes
from tests import cast
from tests.streams.room.conftest import Stage
from tests.streams.room.server import WebProcess
from tests.streams.video.filming import film
from tests.streams.video.serving.rules import broken, broken_between, listed
from tests.streams.video.serving.test_socket import do
from tests.streams.video.serving.watching import Sender, init, now_ms, parts

Told = tuple[int, bytes, Mapping[str, str]]
"""Status, body, headers."""


class Player:
    """Asks for what lies under one show."""

    def __init__(self, web: WebProcess, slug: str, http: aiohttp.ClientSession) -> None:
        self.base = f"{web.origin}/media/shows/{slug}"
        self.http = http

    async def ask(self, path: str, method: str = "GET", **headers: str) -> Told:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        async with self.http.request(method, f"{self.base}/{path}", headers=named) as answer:
            return answer.status, await answer.read(), answer.headers

    async def text(self, path: str) -> str:
        status, body, _ = await self.ask(path)
        assert status == 200, body
        return body.decode()

    def asking(self, path: str) -> asyncio.Task[Told]:
        return asyncio.create_task(self.ask(path))


@pytest_asyncio.fixture
async def player(
    web: WebProcess, stage: Stage, http: aiohttp.ClientSession
) -> AsyncIterator[Player]:
    yield Player(web, stage.slug, http)


async def waits(task: asyncio.Task[object], player: Player) -> bool:
    """Whether it has no answer yet, after the server has answered something that was asked later."""
    await asyncio.wait({task}, timeout=0.05)
    await player.ask("live/source/0.0.m4s")
    return not task.done()


async def test_a_player_decodes_picture_and_sound_and_comes_to_the_end(
    player: Player, stage: Stage, sender: Sender, house: None
) -> None:
    sender.send(film(3.0, at=now_ms() - 3000))
    await player.text("live/source.m3u8")
    await do(services.end, stage)
    while "#EXT-X-ENDLIST" not in (text := await player.text("live/source.m3u8")):
        await asyncio.sleep(0.01)  # until the process has heard it
    assert broken(text) == []

    def play() -> tuple[list[float], float]:
        with av.open(f"{player.base}/live.m3u8", options={"live_start_index": "0"}) as opened:
            assert len(opened.streams.video) == len(opened.streams.audio) == 1
            times, heard = [], 0
            for frame in opened.decode(opened.streams.video[0], opened.streams.audio[0]):
                if isinstance(frame, av.VideoFrame):
                    times.append(float(frame.time or 0))
                elif isinstance(frame, av.AudioFrame):
                    heard += frame.samples
        return times, heard / 48_000

    times, heard = await asyncio.to_thread(play)
    assert times == pytest.approx([number / 24 for number in range(72)])
    assert heard == pytest.approx(3.0, abs=0.1)


async def test_the_first_playlist_waits_for_the_first_segment(
    player: Player, sender: Sender
) -> None:
    asked = [player.asking(path) for path in ("live.m3u8", "live/source.m3u8")]
    for each in asked:
        assert await waits(each, player)
    beginning = init()
    made = parts(beginning, 2)
    sender.send([beginning, *made[:4]])
    for each in asked:
        assert await waits(each, player)
    sender.send(made[4:5])
    for each in asked:
        status, body, headers = await each
        assert status == 200
        assert body.startswith(b"#EXTM3U")
        assert headers["Content-Type"] == "application/vnd.apple.mpegurl"
        assert headers["Access-Control-Allow-Origin"] == "*"


async def test_successive_playlists_keep_the_rules_while_takes_come_and_go(
    player: Player, sender: Sender
) -> None:
    first = init(1, 100)
    second = init(2, 109, at=first.at + 9000)
    pieces: list[Piece] = [*parts(first, 5), End(1, "lost"), second, *parts(second, 3)]
    sender.send([first, pieces[0]])
    texts = [await player.text("live/source.m3u8?_HLS_msn=100&_HLS_part=0")]
    for piece in pieces[1:]:
        sender.send([piece])
        if isinstance(piece, Part):
            path = f"live/source.m3u8?_HLS_msn={piece.msn}&_HLS_part={piece.index}"
            if piece.msn == second.msn and piece.index == 0:
                path = "live/source.m3u8?_HLS_msn=105&_HLS_part=0"  # as a player asks
            texts.append(await player.text(path))
    for text in texts:
        assert broken(text) == []
    for before, after in pairwise(texts):
        assert broken_between(before, after) == []
    entries = listed(texts[-1])
    assert [entry.gap for entry in entries] == [False] * 5 + [True] * 4 + [False] * 3
    assert {entry.chapter for entry in entries if not entry.gap} == {1, 2}


async def test_a_reload_blocks_until_what_it_asks_for(player: Player, sender: Sender) -> None:
    beginning = init()
    made = parts(beginning, 3)
    sender.send([beginning, *made[:5]])
    await player.text("live/source.m3u8?_HLS_msn=101&_HLS_part=0")
    next_part = player.asking("live/source.m3u8?_HLS_msn=101&_HLS_part=1")
    behind = player.asking("live/source.m3u8?_HLS_msn=101&_HLS_part=4")
    whole = player.asking("live/source.m3u8?_HLS_msn=101")
    assert await waits(next_part, player)
    sender.send(made[5:6])
    status, body, headers = await next_part
    assert status == 200
    assert 'URI="source/101.1.m4s"' in body.decode()
    assert "max-age=6" in headers["Cache-Control"]
    sender.send(made[6:8])
    assert await waits(whole, player)
    assert not behind.done()
    sender.send(made[8:9])
    for each in (whole, behind):
        status, body, _ = await each
        assert status == 200
        assert "source/101.m4s\n" in body.decode()
        assert 'URI="source/102.0.m4s"' in body.decode()


@pytest.mark.parametrize("query", ["_HLS_part=0", "_HLS_msn=103", "_HLS_msn=100&_HLS_part=60"])
async def test_what_can_not_be_meant_is_refused(player: Player, sender: Sender, query: str) -> None:
    beginning = init()
    sender.send([beginning, *parts(beginning, 1)])
    await player.text("live/source.m3u8?_HLS_msn=100&_HLS_part=3")
    status, _, _ = await player.ask(f"live/source.m3u8?{query}")
    assert status == 400


async def test_the_part_that_was_hinted_is_held_until_it_is_there(
    player: Player, sender: Sender
) -> None:
    beginning = init()
    made = parts(beginning, 2)
    sender.send([beginning, *made[:2]])
    found = m3u8.loads(await player.text("live/source.m3u8?_HLS_msn=100&_HLS_part=1"))
    hint = found.preload_hint.uri
    asked = player.asking(f"live/{hint}")
    other = player.asking("live/source/101.0.m4s")
    assert await waits(asked, player)
    sender.send(made[2:3])
    status, body, headers = await asked
    assert (status, body) == (200, made[2].payload)
    assert "immutable" in headers["Cache-Control"]
    # The take ends, and another one begins elsewhere: what was hinted at never comes.
    second = init(2, 200)
    sender.send([End(1, "lost"), second, parts(second, 1)[0]])
    assert (await other)[0] == 404
    assert (await player.ask("live/source/100.7.m4s"))[0] == 404


async def test_media_by_its_addresses(player: Player, sender: Sender) -> None:
    beginning = init()
    made = parts(beginning, 2)
    sender.send([beginning, *made])
    await player.text("live/source.m3u8?_HLS_msn=101&_HLS_part=3")
    status, body, headers = await player.ask("live/source/1.mp4")
    assert (status, body) == (200, beginning.payload)
    assert headers["Content-Type"] == "video/mp4"
    whole = b"".join(part.payload for part in made[:4])
    status, body, headers = await player.ask("live/source/100.m4s")
    assert (status, body) == (200, whole)
    assert headers["Cache-Control"] == "public, max-age=600, immutable"
    etag = headers["ETag"]

    assert (await player.ask("live/source/100.m4s", If_None_Match=etag))[0] == 304
    status, body, headers = await player.ask("live/source/100.m4s", Range="bytes=10-19")
    assert (status, body) == (206, whole[10:20])
    assert headers["Content-Range"] == f"bytes 10-19/{len(whole)}"
    status, body, _ = await player.ask("live/source/100.m4s", Range="bytes=-5")
    assert (status, body) == (206, whole[-5:])
    status, body, _ = await player.ask("live/source/100.m4s", Range="bytes=0-1", If_Range='"old"')
    assert (status, body) == (200, whole)
    status, body, headers = await player.ask("live/source/100.m4s", Range="bytes=999999-")
    assert (status, headers["Content-Range"]) == (416, f"bytes */{len(whole)}")
    status, body, headers = await player.ask("live/source/100.m4s", "HEAD")
    assert (status, body, headers["Content-Length"]) == (200, b"", str(len(whole)))
    status, _, headers = await player.ask(
        "live/source/100.m4s", "OPTIONS", Origin="https://x.example"
    )
    assert status == 204
    assert "Range" in headers["Access-Control-Allow-Headers"]
    assert (await player.ask("live/source/100.m4s", "POST"))[0] == 405
    for missing in ("live/source/7.m4s", "live/source/9.mp4", "live/source/100.4.m4s"):
        assert (await player.ask(missing))[0] == 404


async def test_playlists_name_the_other_rendition_and_how_far_it_is(
    player: Player, sender: Sender
) -> None:
    source, small = init(), init(rendition="360p")
    sender.send([source, *parts(source, 2)])
    sender.send([small, *parts(small, 2)], "360p")
    await player.text("live/360p.m3u8?_HLS_msn=101&_HLS_part=3")
    found = m3u8.loads(await player.text("live/source.m3u8?_HLS_msn=101&_HLS_part=3"))
    [report] = found.rendition_reports
    assert (report.uri, report.last_msn, report.last_part) == ("360p.m3u8", 101, 3)
    uris = [each.uri for each in m3u8.loads(await player.text("live.m3u8")).playlists]
    assert uris == ["live/source.m3u8", "live/360p.m3u8"]


async def test_there_is_nothing_of_shows_that_are_not_there_or_not_on_air(
    player: Player, stage: Stage
) -> None:
    def prepare() -> None:
        coming = cast.show(stage.hana, slug="coming-up")
        draft = cast.show(stage.hana, slug="still-a-draft")
        Show.objects.filter(pk=draft.pk).update(state=Show.State.DRAFT)
        assert coming.state == Show.State.SCHEDULED

    await in_database(prepare)
    for slug, sentence in (
        ("nobody-made-this", live_sentence("such")),
        ("still-a-draft", live_sentence("such")),
        ("coming-up", live_sentence("picture")),
    ):
        status, body, headers = await player.ask(f"../{slug}/live.m3u8")
        assert (status, sentence in body.decode()) == (404, True)
        assert headers["Access-Control-Allow-Origin"] == "*"
    assert headers["Retry-After"] == "2"


async def test_who_was_sent_out_gets_nothing_while_logged_in(
    player: Player, stage: Stage, sender: Sender
) -> None:
    from django.test import Client

    def prepare() -> str:
        Restriction.objects.create(show=stage.show, user=stage.mina, kind=Restriction.Kind.BAN)
        client = Client()
        client.force_login(stage.mina)
        return client.cookies["sessionid"].value

    session = await in_database(prepare)
    beginning = init()
    sender.send([beginning, *parts(beginning, 2)])
    status, body, headers = await player.ask("live.m3u8", Cookie=f"sessionid={session}")
    assert (status, headers["Cache-Control"]) == (403, "no-store")
    assert "sent out" in body.decode()
    assert (await player.ask("live.m3u8", Cookie="sessionid=nobodys"))[0] == 200
    assert (await player.ask("live.m3u8"))[0] == 200


async def test_who_waits_too_long_is_told_to_ask_again(
    stage: Stage, sender: Sender, house: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    beginning = init()
    sender.send([beginning, *parts(beginning, 1)])
    scene = await scenes().scene(stage.slug)
    assert await scene.window("source").until(lambda: scene.window("source").number == 5, 8)
    monkeypatch.setattr(live, "PATIENCE", 0.01)
    for answer in (
        await live.media(scene, "source", b"_HLS_msn=101&_HLS_part=0"),
        await live.part(scene, "source", Place(101, 0)),
        await live.segment(scene, "source", 100),
    ):
        assert answer.status == 503
        assert (b"retry-after", b"1") in answer.headers
        assert (b"cache-control", b"no-store") in answer.headers
    monkeypatch.setattr(live, "FIRST_WITHIN", 0.01)
    assert (await live.media(scene, "360p", b"")).status == 404
    assert scenes().waiting == 0
    assert scene.window("source").waiting == 0


async def test_no_more_than_so_many_wait(
    stage: Stage, sender: Sender, house: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    beginning = init()
    sender.send([beginning, *parts(beginning, 1)])
    scene = await scenes().scene(stage.slug)
    assert await scene.window("source").until(lambda: scene.window("source").number == 5, 8)
    monkeypatch.setattr(live, "MOST_WAITING", 0)
    assert (await live.part(scene, "source", Place(101, 0))).status == 503


def live_sentence(word: str) -> str:
    return {"such": "There is no such show.", "picture": "no picture at the moment"}[word]
