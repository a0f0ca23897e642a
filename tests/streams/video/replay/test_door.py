"""Films and playlists over HTTP: byte ranges, who may have them, and what may be kept for how long."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson
import pytest
from django.test import Client

from livestore.base import threads
from streams.models import Restriction, Show
from streams.video.models import Take
from streams.video.replay import door, ranges
from streams.video.replay.books import Books
from streams.video.takes import folder_of
from tests import cast
from tests.streams.video.filming import BEGAN_AT, film, moment, recorded

FILM = "/media/shows/evening-edit/takes/1.mp4"
FACTS = "/media/shows/evening-edit/replay.json"
PLAYLIST = "/media/shows/evening-edit/replay/source.m3u8"


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


async def ask(path: str, method: str = "GET", **headers: str) -> Answer:
    """One request to the raw application; underscores in names of headers are dashes."""
    said: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        said.append(message)

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b""}

    told = [(k.replace("_", "-").encode(), v.encode()) for k, v in headers.items()]
    scope = {"type": "http", "path": path, "method": method, "headers": told}
    await door.replay_app(scope, receive, send)
    start, *bodies = said
    assert [each.get("more_body", False) for each in bodies] == [True] * (len(bodies) - 1) + [False]
    found = {k.decode(): v.decode() for k, v in start["headers"]}
    return Answer(start["status"], found, b"".join(each["body"] for each in bodies))


@pytest.fixture(autouse=True)
def opened(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A process that knows no replay yet."""
    monkeypatch.setattr(door, "books", Books())
    yield
    threads.stop()


@pytest.fixture
def show(transactional_db: None) -> Show:
    """Over, with a take of two seconds."""
    made = cast.show(cast.hana(), cast.product(), live=True)
    recorded(made, film(2))
    made.started_at, made.ended_at = moment(BEGAN_AT - 1_000), moment(BEGAN_AT + 3_000)
    made.state = Show.State.ENDED
    made.save()
    return made


def bytes_of(show: Show) -> bytes:
    return (folder_of(show) / "1.mp4").read_bytes()


@pytest.mark.parametrize(
    ("wanted", "begin", "end"),
    [
        ("bytes=0-99", 0, 100),
        ("bytes=500-", 500, None),
        ("bytes=-40", -40, None),
        ("bytes=9-9", 9, 10),
    ],
)
async def test_a_range_of_a_film(show: Show, wanted: str, begin: int, end: int | None) -> None:
    data = bytes_of(show)
    answer = await ask(FILM, range=wanted)

    assert answer.status == 206
    assert answer.body == data[begin:end]
    first = begin % len(data)
    last = first + len(answer.body) - 1
    assert answer.headers["content-range"] == f"bytes {first}-{last}/{len(data)}"
    assert answer.headers["content-length"] == str(len(answer.body))
    assert answer.headers["content-type"] == "video/mp4"
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["access-control-allow-origin"] == "*"


async def test_a_range_behind_the_end_is_refused_with_the_size(show: Show) -> None:
    answer = await ask(FILM, range=f"bytes={len(bytes_of(show))}-")

    assert answer.status == 416
    assert answer.headers["content-range"] == f"bytes */{len(bytes_of(show))}"
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "unusual", ["bytes=5-2", "bytes=0-1,4-5", "lines=1-2", "bytes=-", "bytes=" + "9" * 90]
)
async def test_a_range_that_is_none_means_the_whole_film(show: Show, unusual: str) -> None:
    answer = await ask(FILM, range=unusual)

    assert answer.status == 200
    assert answer.body == bytes_of(show)


async def test_head_says_the_same_without_the_film(show: Show) -> None:
    whole, part = await ask(FILM, "HEAD"), await ask(FILM, "HEAD", range="bytes=0-9")

    assert (whole.status, whole.headers["content-length"]) == (200, str(len(bytes_of(show))))
    assert (part.status, part.headers["content-length"]) == (206, "10")
    assert whole.body == part.body == b""


async def test_what_somebody_has_is_not_sent_again(show: Show) -> None:
    for address in (FILM, FACTS, PLAYLIST):
        first = await ask(address)
        assert (await ask(address, if_none_match=first.headers["etag"])).status == 304
    etag = (await ask(FILM)).headers["etag"]
    assert (await ask(FILM, range="bytes=0-9", if_range=etag)).status == 206
    assert (await ask(FILM, range="bytes=0-9", if_range='"another"')).status == 200


async def test_no_answer_is_longer_than_this_process_can_hold(
    show: Show, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ranges, "MOST", 1000)
    monkeypatch.setattr(door, "MOST", 1000)

    some = await ask(FILM, range="bytes=0-")
    whole = await ask(FILM)

    assert (some.status, len(some.body)) == (206, 1000)
    assert some.headers["content-range"] == f"bytes 0-999/{len(bytes_of(show))}"
    assert whole.status == 428


async def test_a_film_is_read_in_chunks(show: Show, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "CHUNK", 777)

    assert (await ask(FILM)).body == bytes_of(show)


async def test_what_is_told_is_small_and_may_be_packed(show: Show) -> None:
    plain, packed = await ask(FACTS), await ask(FACTS, accept_encoding="gzip, br")

    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(packed.body) == plain.body
    told = orjson.loads(plain.body)
    assert told["seconds"] == 2.0
    assert told["takes"][0]["film"] == "takes/1.mp4"
    assert "immutable" not in plain.headers["cache-control"]


@pytest.mark.parametrize("state", ["draft", "live", "paused"])
async def test_only_a_show_that_is_over_has_a_replay(show: Show, state: str) -> None:
    await threads.in_database(Show.objects.filter(pk=show.pk).update, state=state, ended_at=None)

    for address in (FILM, FACTS, PLAYLIST):
        assert (await ask(address)).status == 404


async def test_who_was_sent_out_does_not_come_in_to_the_replay(show: Show) -> None:
    mina = await threads.in_database(cast.mina)
    await threads.in_database(
        Restriction.objects.create, show=show, user=mina, kind=Restriction.Kind.BAN
    )
    client = Client()
    await threads.in_database(client.force_login, mina)
    cookie = f"sessionid={client.cookies['sessionid'].value}"

    assert (await ask(FILM, cookie=cookie)).status == 403
    assert (await ask(FACTS, cookie=cookie)).status == 403
    assert (await ask(FACTS)).status == 200


async def test_a_recording_that_was_removed_is_gone_and_other_takes_stay(
    show: Show, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = film(1, take=2, msn=200, at=BEGAN_AT + 60_000)
    await threads.in_database(recorded, show, later)
    assert len(orjson.loads((await ask(FACTS)).body)["timeline"]) == 2
    await threads.in_database(Take.objects.filter(ordinal=1).update, removed_at=moment(BEGAN_AT))
    monkeypatch.setattr(door, "books", Books())

    [entry] = orjson.loads((await ask(FACTS)).body)["timeline"]
    assert (entry["take"], entry["offset"]) == (2, 0.0)
    assert (await ask(FILM)).status == 404

    await threads.in_database(Take.objects.update, removed_at=moment(BEGAN_AT))
    monkeypatch.setattr(door, "books", Books())
    assert (await ask(FACTS)).status == 410
    assert (await ask(FILM)).status == 410


async def test_other_sites_may_ask_for_ranges(show: Show) -> None:
    answer = await ask(FILM, "OPTIONS")

    assert answer.status == 204
    assert answer.headers["access-control-allow-headers"] == "Range"
    assert (await ask(FILM, "POST")).status == 405


@pytest.mark.parametrize(
    "path",
    [
        "/media/shows/evening-edit/takes/0.mp4",
        "/media/shows/evening-edit/takes/../1.mp4",
        "/media/shows/x/live.m3u8",
    ],
)
def test_what_is_no_address_of_a_replay(path: str) -> None:
    assert not door.is_replay(path)
