"""Takes as rows, what the sweep does with them, and where people see them."""

from __future__ import annotations

import datetime as dt
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
from django.db import IntegrityError, transaction
from django.test import Client

from streams.models import Show
from streams.shows import services as shows
from streams.shows.errors import ShowNotLive
from streams.shows.showcase import show_cards
from streams.video import sweep, takes
from streams.video.models import Picture, Take
from streams.video.path.feed import Feed, connect
from streams.video.path.lease import Lease
from streams.video.path.parts import Part, Piece
from streams.video.path.recorder import Recorder, film, index
from streams.video.path.stills import still_file
from streams.video.path.store import Writer
from streams.video.stills import still_url
from streams.video.takes import folder_of
from streams.video.tasks import sweep as sweep_task
from tests import cast
from tests.streams.video import filming

pytestmark = pytest.mark.django_db
MB = 1024 * 1024
MINUTES_AGO = 300


@pytest.fixture
def show() -> Show:
    return cast.show(cast.hana(), live=True)


@pytest.fixture
def client_of_store(settings: Any) -> Iterator[redis.Redis]:
    client = connect(settings.VIDEO_REDIS_URL)
    yield client
    client.close()


def killed(show: Show, pieces: list[Piece], ago: float = MINUTES_AGO) -> Take:
    """A take whose source was killed some seconds ago, without an end."""
    order = takes.begin(show_slug=show.slug, source="rtmp", lease="rtmp:one")
    recorder = Recorder(Path(order.folder), order.ordinal, order.budget)
    for piece in pieces:
        recorder.write(piece)
    recorder.close()
    then = time.time() - ago
    os.utime(index(folder_of(show), order.ordinal), (then, then))
    Take.objects.filter(show=show, ended_at=None).update(
        started_at=dt.datetime.fromtimestamp(then - 60, tz=dt.UTC)
    )
    return Take.objects.get(show=show, ended_at=None)


def ended(host: Any, slug: str, days_ago: int, size: int = 3 * MB) -> Take:
    """A recording of a show that is over; its row says `size` bytes."""
    made = cast.show(host, slug=slug, live=True)
    at = filming.BEGAN_AT - days_ago * 86_400_000
    take = filming.recorded(made, filming.film(1, at=at))
    still_file(folder_of(made), take.ordinal).write_bytes(b"jpeg")
    Show.objects.filter(pk=made.pk).update(state=Show.State.ENDED)
    Take.objects.filter(pk=take.pk).update(bytes=size)
    take.refresh_from_db()
    return take


# -- rows -----------------------------------------------------------------------------------------


def test_a_take_is_closed_from_what_its_index_says(show: Show) -> None:
    order = takes.begin(show_slug=show.slug, source="simulated", lease="simulated:one")
    with Feed(order) as feed:
        for piece in filming.film(2, take=order.ordinal, msn=order.msn, reason="paused"):
            feed.emit(piece)
    takes.end(show_slug=show.slug, ordinal=order.ordinal, reason="lost")

    take = Take.objects.get(show=show)
    assert take.reason == "paused"
    assert take.seconds == pytest.approx(2)
    assert take.bytes == film(folder_of(show), take.ordinal).stat().st_size
    assert (take.first_msn, take.last_msn) == (order.msn, order.msn + 1)
    assert take.ended_at is not None


@pytest.mark.parametrize("state", ["scheduled", "paused", "ended"])
def test_only_a_show_on_air_is_filmed(show: Show, state: str) -> None:
    Show.objects.filter(pk=show.pk).update(state=state)

    with pytest.raises(ShowNotLive):
        takes.begin(show_slug=show.slug, source="simulated", lease="simulated:one")


def test_numbers_of_segments_grow_from_take_to_take_whatever_the_one_before_used(
    show: Show,
) -> None:
    first = killed(show, filming.film(1)[:-1])
    Take.objects.filter(pk=first.pk).update(last_msn=first.first_msn + 90_000)
    # Its recording stopped early, and its clock ran fast.
    Take.objects.filter(pk=first.pk).update(ended_at=first.started_at)

    second = takes.begin(show_slug=show.slug, source="simulated", lease="simulated:one")
    takes.end(show_slug=show.slug, ordinal=second.ordinal, reason="stopped")
    third = takes.begin(show_slug=show.slug, source="simulated", lease="simulated:one")

    assert second.msn > first.first_msn + 90_000
    assert third.msn > second.msn
    assert (second.ordinal, third.ordinal) == (2, 3)


def test_who_begins_the_next_take_ends_the_one_that_was_left_open(show: Show) -> None:
    killed(show, filming.film(2)[:-1])

    takes.begin(show_slug=show.slug, source="browser", lease="browser:one")

    left = Take.objects.get(show=show, ordinal=1)
    assert (left.reason, left.seconds) == ("lost", pytest.approx(2))


def test_the_database_refuses_two_open_takes_of_a_show(show: Show) -> None:
    takes.begin(show_slug=show.slug, source="rtmp", lease="rtmp:one")

    with pytest.raises(IntegrityError), transaction.atomic():
        Take.objects.create(show=show, ordinal=9, source="rtmp", first_msn=1)


def test_what_running_takes_may_use_is_not_given_twice(show: Show, settings: Any) -> None:
    settings.VIDEO_DISK_MB = 100
    ended(cast.omar(), "old", 1, size=20 * MB)
    others = [cast.show(cast.person(name), slug=name, live=True) for name in ("b", "c", "d")]

    given = [
        takes.begin(show_slug=each.slug, source="rtmp", lease="rtmp:one").budget
        for each in (show, *others)
    ]

    assert given == [40 * MB, 20 * MB, 10 * MB, 5 * MB]
    takes.end(show_slug=show.slug, ordinal=1, reason="stopped")
    assert takes.room_on_disk() == 45 * MB


@pytest.mark.parametrize(
    ("setting", "cores", "wanted"),
    [("auto", 2, False), ("auto", 4, True), ("on", 1, True), ("off", 64, False)],
)
def test_a_small_rendition_is_made_where_there_is_room_for_it(
    show: Show,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
    setting: str,
    cores: int,
    wanted: bool,
) -> None:
    settings.VIDEO_SMALL = setting
    monkeypatch.setattr(os, "cpu_count", lambda: cores)

    order = takes.begin(show_slug=show.slug, source="rtmp", lease="rtmp:one")

    assert order.small is wanted
    assert type(order).from_json(order.as_json()) == order


# -- the sweep ------------------------------------------------------------------------------------


def test_a_take_of_a_killed_source_is_closed_with_the_time_of_its_last_part(show: Show) -> None:
    at = round(time.time() * 1000) - 60_000
    take = killed(show, filming.film(2, at=at)[:-1])

    assert sweep_task() == {"closed": 1, "removed": 0, "strange": 0}

    take.refresh_from_db()
    assert take.reason == "lost"
    assert take.seconds == pytest.approx(2)
    assert take.ended_at == filming.moment(at + 2000)
    assert sweep.close_lost() == 0


def test_a_take_is_left_alone_while_somebody_sends(
    show: Show, client_of_store: redis.Redis
) -> None:
    killed(show, filming.film(1)[:-1])  # its recording stopped, but viewers see it
    Lease(client_of_store, show.slug, "rtmp:one").take()

    assert sweep.close_lost() == 0


def test_a_take_is_left_alone_while_its_file_grows(show: Show) -> None:
    killed(show, filming.film(1)[:-1], ago=1)

    assert sweep.close_lost() == 0


def test_without_the_store_no_take_is_closed(show: Show, settings: Any) -> None:
    killed(show, filming.film(1)[:-1])
    settings.VIDEO_REDIS_URL = "unix:///nowhere.sock"

    assert sweep.close_lost() == 0


def test_the_oldest_recordings_of_ended_shows_make_room(show: Show, settings: Any) -> None:
    settings.VIDEO_DISK_MB = 16
    host = cast.omar()
    on_air = filming.recorded(show, filming.film(1, at=filming.BEGAN_AT - 900 * 86_400_000))
    new, old, older = (
        ended(host, name, days, size=5 * MB) for name, days in (("c", 1), ("b", 2), ("a", 3))
    )

    assert sweep.make_room() == 1

    older.refresh_from_db()
    assert older.removed_at is not None
    assert not folder_of(older.show).exists()
    for kept in (on_air, new, old):
        kept.refresh_from_db()
        assert kept.removed_at is None
        assert film(folder_of(kept.show), kept.ordinal).is_file()
    assert sweep.make_room() == 0


def test_files_of_no_take_are_removed_after_a_while(show: Show, video_root: Path) -> None:
    kept = filming.recorded(show, filming.film(1))
    folder = folder_of(show)
    then = time.time() - 2 * sweep.STRANGE_AFTER
    for name in ("77.mp4", "77.jsonl"):
        (folder / name).write_bytes(b"of a take that was deleted")
    for file in folder.iterdir():
        os.utime(file, (then, then))
    (folder / "78.mp4").write_bytes(b"of a take that begins now")

    assert sweep.remove_strange() == 2

    assert {file.name for file in folder.iterdir()} == {
        f"{kept.ordinal}.mp4",
        f"{kept.ordinal}.jsonl",
        "78.mp4",
    }


# -- where people see them ------------------------------------------------------------------------


def test_the_still_of_a_show_on_air_is_the_newest(
    show: Show, client: Client, client_of_store: redis.Redis
) -> None:
    address = f"/shows/{show.slug}/still.jpg"
    assert client.get(address).status_code == 404
    assert still_url(show) is None
    filming.recorded(show, filming.film(1))
    still_file(folder_of(show), 1).write_bytes(b"a minute ago")
    assert client.get(address).content == b"a minute ago"

    Writer(client_of_store, show.slug).show(b"now")

    answer = client.get(address)
    assert (answer.content, answer["Content-Type"]) == (b"now", "image/jpeg")
    assert answer["Cache-Control"] == "public, max-age=10"


def test_the_still_of_a_replay_is_the_last_of_its_recording(client: Client) -> None:
    take = ended(cast.omar(), "old", 1)

    answer = client.get("/shows/old/still.jpg")
    assert (answer.content, answer["Cache-Control"]) == (b"jpeg", "public, max-age=3600")
    assert [card.still for card in show_cards([take.show])] == ["/shows/old/still.jpg?take=1"]

    sweep.remove(take)

    assert client.get("/shows/old/still.jpg").status_code == 404
    assert [card.still for card in show_cards([take.show])] == [None]


def test_stills_of_many_cards_cost_one_query(django_assert_max_num_queries: Any) -> None:
    host = cast.omar()
    shows_over = [ended(host, f"old-{number}", number).show for number in range(4)]
    listed = list(Show.objects.select_related("host").filter(pk__in=[s.pk for s in shows_over]))

    with django_assert_max_num_queries(3):
        assert all(card.still for card in show_cards(listed))


def test_nobody_else_sees_a_still_of_a_draft(show: Show, client: Client) -> None:
    filming.recorded(show, filming.film(1))
    still_file(folder_of(show), 1).write_bytes(b"jpeg")
    Show.objects.filter(pk=show.pk).update(state=Show.State.DRAFT)

    assert client.get(f"/shows/{show.slug}/still.jpg").status_code == 404


def test_the_home_page_shows_the_picture_of_what_is_on_air(show: Show, client: Client) -> None:
    filming.recorded(show, filming.film(1))
    still_file(folder_of(show), 1).write_bytes(b"jpeg")

    page = client.get("/").content.decode()

    assert f'src="/shows/{show.slug}/still.jpg?take=1"' in page


def test_the_admin_lists_takes_and_changes_none(show: Show, client: Client) -> None:
    filming.recorded(show, filming.film(2))
    killed(show, filming.film(1)[:-1])
    Picture.objects.create(show=show, source="rtmp", embed_origins=["https://shop.example"])
    client.force_login(cast.ada())

    page = client.get(f"/admin/streams/show/{show.pk}/change/").content.decode()

    for words in ("OBS or another sender", "0:02", "stopped", "running", "https://shop.example"):
        assert words in page
    assert 'name="takes-0-reason"' not in page


def test_ending_a_show_ends_nothing_that_was_recorded(show: Show) -> None:
    take = filming.recorded(show, filming.film(1))

    shows.end(show_slug=show.slug, by=show.host)

    take.refresh_from_db()
    assert take.removed_at is None
    assert any(isinstance(piece, Part) for piece in filming.film(1))
