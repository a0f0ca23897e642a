"""The camera in a real room: it follows what the host does, and survives what happens to the servers around it."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import redis
from django.conf import settings
from django.db import connection, transaction

from livestore.wiring import translate
from streams.room import log
from streams.room.announce import publish
from streams.room.announcements import ToRoom
from streams.room.protocol.events import CaptionSaid
from streams.shows import services
from streams.shows.models import Show
from streams.video import sources
from streams.video.camera import follow, shooting
from streams.video.camera.coding import Size
from streams.video.camera.follow import Follower
from streams.video.camera.room import Room
from streams.video.camera.shooting import Camera
from streams.video.models import Source, Take
from streams.video.path.lease import Lease, holder, sender_key
from streams.video.path.recorder import lines
from streams.video.path.store import stream_key
from streams.video.takes import folder_of
from tests import cast
from tests.streams.relaying import take as take_facts
from tests.streams.room.test_outage import OwnValkey, own_valkey
from tests.streams.world import run

__all__ = ["own_valkey"]
pytestmark = pytest.mark.django_db(transaction=True)
SLUG = "filmed-evening"
LONGEST = 20.0


@pytest.fixture(autouse=True)
def quick_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    """The choice of a source is no event of the room: it is looked at, here more often than in life."""
    monkeypatch.setattr(follow, "LOOK_EVERY", 0.05)
    monkeypatch.setattr(shooting, "AGAIN", 0.05)


@pytest.fixture
def show() -> Show:
    made = cast.show(
        cast.hana(), cast.product("lipstick", shades=("Rosewood", "Plum")), cast.product("kettle"),
        slug=SLUG,
    )  # fmt: skip
    services.start(show_slug=SLUG, by=made.host)
    sources.choose(show_slug=SLUG, by=made.host, source=Source.SIMULATED)
    take_facts()
    return made


def relay() -> None:
    """What happened is told to the room."""
    with transaction.atomic():
        said = translate(take_facts())
    run(publish([each for each in said if isinstance(each, ToRoom)]))


def until(what: Callable[[], Any], why: str) -> Any:
    """Looks again and again: the camera works in threads and processes of its own."""
    ticks = threading.Event()
    for _ in range(round(LONGEST / 0.02)):
        if found := what():
            return found
        ticks.wait(0.02)
    raise AssertionError(f"never: {why}")


@contextmanager
def following() -> Iterator[Follower]:
    follower = Follower(SLUG)
    follower.start()
    try:
        yield follower
    finally:
        follower.close()


@contextmanager
def filming(**more: Any) -> Iterator[Camera]:
    """A camera that films in a thread, with a small picture."""
    camera = Camera(SLUG, stop=threading.Event(), size=Size(width=120, kbits=200), **more)
    failed: list[BaseException] = []

    def work() -> None:
        try:
            camera.run()
        except BaseException as error:  # told below
            failed.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield camera
    finally:
        camera.stop.set()
        thread.join(LONGEST)
        assert not thread.is_alive()
    assert not failed


def parts(show: Show, ordinal: int = 1) -> list[dict[str, Any]]:
    return [each for each in lines(folder_of(show), ordinal) if each["kind"] == "part"]


def ended(ordinal: int) -> str | None:
    return (
        Take.objects.filter(ordinal=ordinal)
        .exclude(ended_at=None)
        .values_list("reason", flat=True)
        .first()
    )


def number(room: Room) -> int | None:
    return room.pinned.number if room.pinned else None


def test_a_pin_and_what_the_host_says_come_by_the_rooms_own_log(show: Show) -> None:
    with following() as follower:
        assert number(follower.room) is None
        assert [follower.room.title, follower.room.face] == [show.title, "hana"]
        assert len(follower.room.coming) == 2
        # Not by looking every so often: only the bell makes it look at the room again.
        until(lambda: heard(follower), "the camera listens")
        services.pin(show_slug=SLUG, by=show.host, number=1)
        relay()
        until(lambda: number(follower.room) == 1, "the pin is seen")
        pinned = follower.room.pinned
        assert pinned is not None
        assert pinned.title == "Lipstick"
        assert [shade.name for shade in pinned.shades] == ["Rosewood", "Plum"]
        said = CaptionSaid(text="Look at this one.", seconds=4.0)
        run(publish([ToRoom(SLUG, said, at=follower.now())]))
        until(lambda: follower.room.said, "what is said is heard")
        services.unpin(show_slug=SLUG, by=show.host)
        relay()
        until(lambda: number(follower.room) is None, "the item is taken off")


def heard(follower: Follower) -> bool:
    """Whether somebody is subscribed to the room."""
    with redis.Redis.from_url(settings.REDIS_URL) as valkey:
        [(_, count)] = valkey.pubsub_numsub(log.news(SLUG))
        return bool(count)


def test_a_room_that_can_not_be_read_once_is_followed_on(
    show: Show, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed: list[str] = []
    real = follow.room_of

    def broken(slug: str) -> Room:
        if not failed:
            failed.append(slug)
            raise KeyError("a row that nobody thought of")
        return real(slug)

    with following() as follower:
        until(lambda: heard(follower), "the camera listens")
        monkeypatch.setattr(follow, "room_of", broken)
        services.pin(show_slug=SLUG, by=show.host, number=1)
        relay()
        until(lambda: number(follower.room) == 1, "the pin is seen all the same")
    assert failed == [SLUG]


def test_who_is_hired_in_place_of_a_killed_camera_films_before_its_lease_has_ended(
    show: Show,
) -> None:
    with redis.Redis.from_url(settings.VIDEO_REDIS_URL) as valkey:
        killed = Lease.of(valkey, SLUG, Source.SIMULATED)
        assert killed.take()
        valkey.persist(sender_key(SLUG))
        with filming(hired=os.getppid()):
            until(lambda: parts(show), "it films")
            assert not killed.renew(), "what was killed would hear that it has gone"


def test_a_camera_started_by_hand_waits_for_the_one_that_films(show: Show) -> None:
    with redis.Redis.from_url(settings.VIDEO_REDIS_URL) as valkey:
        other = Lease.of(valkey, SLUG, Source.SIMULATED)
        assert other.take()
        valkey.persist(sender_key(SLUG))
        with filming() as camera:
            until(lambda: camera.follower.standing.wants(Source.SIMULATED), "it would film")
            until(lambda: heard(camera.follower), "and has looked more than once")
            assert valkey.get(sender_key(SLUG)) == other.name.encode()
            assert not Take.objects.exists()
            valkey.delete(sender_key(SLUG))
            until(lambda: parts(show), "it films when the other has gone")


def test_takes_begin_and_end_with_the_show_and_the_hosts_choice(show: Show) -> None:
    with filming():
        until(lambda: len(parts(show)) > 4, "parts are recorded")
        services.pause(show_slug=SLUG, by=show.host)
        until(lambda: ended(1) == "paused", "a break ends the take")
        services.resume(show_slug=SLUG, by=show.host)
        until(lambda: parts(show, 2), "after the break the next take")
        sources.choose(show_slug=SLUG, by=show.host, source=Source.RTMP)
        until(lambda: ended(2) == "switched", "another source ends it")
        with redis.Redis.from_url(settings.VIDEO_REDIS_URL) as valkey:
            assert holder(valkey, SLUG) is None
        sources.choose(show_slug=SLUG, by=show.host, source=Source.SIMULATED)
        until(lambda: parts(show, 3), "and it goes on watching")
        services.end(show_slug=SLUG, by=show.host)
        until(lambda: ended(3) == "stopped", "the show's end ends it")
    starts = [each["start"] for each in parts(show)]
    assert starts == pytest.approx([n * 0.25 for n in range(len(starts))])
    ats = [each["at"] - parts(show)[0]["at"] for each in parts(show)]
    assert ats == pytest.approx([start * 1000 for start in starts], abs=1)


def test_a_sender_that_takes_over_ends_the_take_and_is_not_disturbed(show: Show) -> None:
    with filming():
        until(lambda: parts(show), "parts are recorded")
        with redis.Redis.from_url(settings.VIDEO_REDIS_URL) as valkey:
            Lease.of(valkey, SLUG, "browser").take(from_others=True)
            until(lambda: ended(1) == "switched", "the take ends")
            assert holder(valkey, SLUG) == "browser"
            valkey.delete(sender_key(SLUG))
        until(lambda: parts(show, 2), "when the other has gone it films again")


def test_the_picture_comes_back_after_valkey_was_started_again(
    show: Show, own_valkey: OwnValkey, settings: Any
) -> None:
    settings.REDIS_URL = settings.VIDEO_REDIS_URL = own_valkey.url
    with filming() as camera, redis.Redis.from_url(own_valkey.url) as valkey:
        until(lambda: parts(show), "parts are recorded")
        own_valkey.kill()
        services.pin(show_slug=SLUG, by=show.host, number=2)
        until(lambda: number(camera.follower.room) == 2, "the pin is seen without Valkey")
        valkey.connection_pool.disconnect()
        own_valkey.start()
        until(lambda: valkey.xlen(stream_key(SLUG, "source")) > 2, "parts are stored again")
        until(lambda: heard(camera.follower), "the room is heard again")
        services.pin(show_slug=SLUG, by=show.host, number=1)
        relay()
        until(lambda: number(camera.follower.room) == 1, "the next pin is heard")
