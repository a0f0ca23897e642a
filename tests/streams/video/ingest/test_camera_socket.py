"""The browser's camera at its door: who may film, one at a time, and how a take ends."""

from __future__ import annotations

import asyncio
import os
import signal
from typing import Any

import pytest
import redis
import redis.asyncio
from django.conf import settings

from accounts.models import User
from livestore.base.threads import in_database
from streams.room.protocol import CloseCode
from streams.shows import services
from streams.shows.models import Show
from streams.video import sources
from streams.video.ingest import session as sessions
from streams.video.ingest.pace import MOST, OVER, Pace
from streams.video.ingest.socket import cameras
from streams.video.models import Take
from streams.video.path.lease import Lease
from streams.video.path.parts import End, Init, Part, decode
from streams.video.takes import folder_of
from tests.streams.room.conftest import Stage
from tests.streams.video.ingest.conftest import Enter
from tests.streams.video.ingest.recordings import recording


@pytest.fixture(autouse=True)
def looks_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "LOOK_EVERY", 0.02)


def takes(slug: str) -> list[tuple[str, str, bool]]:
    """(source, reason, whether it is over)."""
    found = Take.objects.filter(show__slug=slug).order_by("ordinal")
    return [(each.source, each.reason, each.ended_at is not None) for each in found]


def child() -> int:
    """The process id of the one take that is on."""
    [running] = [door.session._take for door in cameras().doors if door.session._take]
    return running.child.pid


async def stored(slug: str, kind: type[Any]) -> list[Any]:
    """All pieces in the store, as soon as one of them is of this kind."""
    found: list[Any] = []
    last: Any = b"0"
    async with redis.asyncio.Redis.from_url(settings.VIDEO_REDIS_URL) as client:
        while not any(isinstance(each, kind) for each in found):
            answer: Any = await client.xread({f"video:{slug}:source": last}, block=10_000)
            [[_, entries]] = answer
            last = entries[-1][0]
            found += [decode(fields[b"p"]) for _, fields in entries]
    return found


async def test_a_host_films_with_a_browser(stage: Stage, enter: Enter) -> None:
    camera = await enter(stage.slug, stage.hana)
    assert await camera.begin() == {"type": "ready", "take": 1}
    await camera.film(recording(2.0))
    init, *_ = await stored(stage.slug, Part)
    assert isinstance(init, Init)
    assert init.source == "browser"
    await camera.tell(type="stop")
    assert await camera.until("stopped") == {"type": "stopped", "reason": "stopped"}
    assert await in_database(takes, stage.slug) == [("browser", "stopped", True)]
    take = await in_database(Take.objects.get, show=stage.show)
    assert 1.9 < take.seconds < 2.1
    assert folder_of(stage.show).is_dir()
    assert (await in_database(sources.standing, stage.slug)).source == "browser"
    # And again, on the same socket.
    assert await camera.begin() == {"type": "ready", "take": 2}


@pytest.mark.parametrize(
    ("who", "origin", "code"),
    [
        ("", "http://127.0.0.1:8000", CloseCode.WHO_ARE_YOU),
        ("mina", "http://127.0.0.1:8000", CloseCode.NOT_ALLOWED),
        ("omar", "http://127.0.0.1:8000", CloseCode.NOT_ALLOWED),
        ("hana", "http://evil.example", CloseCode.NOT_ALLOWED),
    ],
    ids=["guest", "viewer", "moderator", "another site"],
)
async def test_only_the_host_films(
    stage: Stage, enter: Enter, who: str, origin: str, code: CloseCode
) -> None:
    user: User | None = getattr(stage, who) if who else None
    camera = await enter(stage.slug, user, origin=origin)
    assert await camera.closed() == code


async def test_an_unknown_show_can_not_be_filmed(stage: Stage, enter: Enter) -> None:
    camera = await enter("nowhere", stage.hana)
    assert await camera.closed() == CloseCode.NO_SUCH_SHOW


async def test_nothing_is_filmed_in_a_break(stage: Stage, enter: Enter) -> None:
    await in_database(services.pause, show_slug=stage.slug, by=stage.hana)
    camera = await enter(stage.slug, stage.hana)
    said = await camera.begin()
    assert (said["type"], said["code"]) == ("refused", "show_not_live")
    assert await in_database(takes, stage.slug) == []


async def test_a_browser_that_records_mp4_is_told_so(stage: Stage, enter: Enter) -> None:
    camera = await enter(stage.slug, stage.hana)
    said = await camera.begin(mime="video/mp4")
    assert (said["code"], said["retry"]) == ("wrong_codec", False)


async def test_what_the_child_refuses_is_passed_on_and_closes_the_take(
    stage: Stage, enter: Enter
) -> None:
    camera = await enter(stage.slug, stage.hana)
    await camera.begin()
    await camera.film(bytes(range(256)) * 400)
    said = await camera.until("refused")
    assert (said["code"], said["retry"]) == ("not_video", False)
    await until_over(stage.show)
    assert await in_database(takes, stage.slug) == [("browser", "failed", True)]


async def test_a_second_window_has_to_take_over(stage: Stage, enter: Enter) -> None:
    first, second = await enter(stage.slug, stage.hana), await enter(stage.slug, stage.hana)
    await first.begin()
    await first.film(recording(1.0))
    await stored(stage.slug, Part)
    assert (await second.begin())["code"] == "source_taken"
    assert await second.begin(take_over=True) == {"type": "ready", "take": 2}
    assert await first.until("stopped") == {"type": "stopped", "reason": "switched"}
    rows = await in_database(takes, stage.slug)
    assert [over for _, _, over in rows] == [True, False]


async def test_the_host_s_browser_displaces_another_kind_of_source(
    stage: Stage, enter: Enter
) -> None:
    with redis.Redis.from_url(settings.VIDEO_REDIS_URL) as client:
        assert Lease.of(client, stage.slug, "simulated").take()
    camera = await enter(stage.slug, stage.hana)
    assert (await camera.begin())["type"] == "ready"


@pytest.mark.parametrize(
    ("act", "reason"), [("pause", "paused"), ("end", "stopped"), ("choose", "switched")]
)
async def test_a_take_ends_when_the_show_wants_it_no_more(
    stage: Stage, enter: Enter, act: str, reason: str
) -> None:
    camera = await enter(stage.slug, stage.hana)
    await camera.begin()
    await camera.film(recording(1.0))
    await stored(stage.slug, Part)
    if act == "choose":
        await in_database(sources.choose, show_slug=stage.slug, by=stage.hana, source="simulated")
    else:
        await in_database(getattr(services, act), show_slug=stage.slug, by=stage.hana)
    assert await camera.until("stopped") == {"type": "stopped", "reason": reason}
    assert await in_database(takes, stage.slug) == [("browser", reason, True)]
    assert (await stored(stage.slug, End))[-1] == End(take=1, reason=reason)


async def test_a_killed_child_closes_its_take_and_the_next_begins(
    stage: Stage, enter: Enter
) -> None:
    camera = await enter(stage.slug, stage.hana)
    await camera.begin()
    await camera.film(recording(1.0))
    await stored(stage.slug, Part)
    os.kill(child(), signal.SIGKILL)
    said = await camera.until("refused")
    assert (said["code"], said["retry"]) == ("camera_failed", True)
    await until_over(stage.show)
    assert await in_database(takes, stage.slug) == [("browser", "failed", True)]
    assert await camera.begin() == {"type": "ready", "take": 2}


async def test_a_browser_that_is_gone_ends_its_take(stage: Stage, enter: Enter) -> None:
    camera = await enter(stage.slug, stage.hana)
    await camera.begin()
    await camera.leave()
    assert await in_database(takes, stage.slug) == [("browser", "lost", True)]


async def test_a_slow_child_holds_the_sender_up(stage: Stage, enter: Enter) -> None:
    """Nothing piles up in the web process: what a stopped child does not take is not read from the socket."""
    camera = await enter(stage.slug, stage.hana)
    await camera.begin()
    [door] = cameras().doors
    os.kill(child(), signal.SIGSTOP)
    try:
        feeding = asyncio.create_task(door.session.feed(bytes(2 * 1024 * 1024)))
        done, _ = await asyncio.wait([feeding], timeout=0.3)
        assert not done
    finally:
        os.kill(child(), signal.SIGCONT)
    await asyncio.wait_for(feeding, 10)


async def test_a_flood_is_refused(stage: Stage, enter: Enter) -> None:
    camera = await enter(stage.slug, stage.hana)
    await camera.begin()
    [door] = cameras().doors
    piece = {"type": "websocket.receive", "bytes": bytes(64 * 1024)}
    while not door.closed:
        await door.received(piece)
    assert (await camera.until("refused"))["code"] in {"too_fast", "not_video", "too_large"}
    assert await camera.closed() == CloseCode.TOO_FAST


def test_twelve_megabits_are_allowed_for_ever_and_more_for_a_moment() -> None:
    steady, flood = Pace(), Pace()
    assert all(steady.allows(round(MOST / 10), step / 10) for step in range(1000))
    assert flood.allows(round(MOST * OVER), 0.0)
    assert not flood.allows(round(MOST / 10), 0.05)


async def test_nonsense_is_no_order(stage: Stage, enter: Enter) -> None:
    for text in ("{}", "[1]", '{"type": "dance"}'):
        camera = await enter(stage.slug, stage.hana)
        await camera._line.send_to(text_data=text)
        assert await camera.closed() == CloseCode.BAD_FRAMES


async def until_over(show: Show) -> None:
    """The row is closed after the word is out."""
    async with asyncio.timeout(10):
        while await in_database(Take.objects.filter(show=show, ended_at=None).exists):
            await asyncio.sleep(0.01)
