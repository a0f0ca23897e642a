"""What reaches the part store: bounded, in order, from one sender, and whole again after an outage."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest
import redis
from django.conf import settings

from streams.video.path import store as stores
from streams.video.path.feed import Feed, connect
from streams.video.path.lease import HELD_FOR, Lease, holder, sender_key
from streams.video.path.orders import TakeOrder
from streams.video.path.parts import End, Part, Piece, decode, encode
from streams.video.path.recorder import lines
from streams.video.path.store import (
    EXPIRES,
    FIELD,
    KEPT_BYTES,
    KEPT_SECONDS,
    Displaced,
    Writer,
    init_key,
    state_key,
    stream_key,
)
from streams.video.sources import sending
from tests.streams.room.test_outage import OwnValkey
from tests.streams.video.filming import film
from tests.streams.video.path.conftest import Orders

SLUG = "evening"
STREAM, INIT = stream_key(SLUG, "source"), init_key(SLUG, "source")


def stored(client: redis.Redis, stream: str = STREAM) -> list[Piece]:
    return [decode(fields[FIELD]) for _, fields in client.xrange(stream)]  # type: ignore[union-attr]


def part(number: int, size: int = 100) -> Part:
    return Part(1, 100 + number // 4, number % 4, number / 4, 0.25, 0, not number % 4, bytes(size))


# -- bounds ---------------------------------------------------------------------------------------


def test_the_store_keeps_some_seconds_of_a_long_take(store: redis.Redis) -> None:
    writer = Writer(store, SLUG)
    writer.write(film(1)[0])
    for number in range(200):
        writer.write(part(number))

    kept = stored(store)

    assert sum(each.duration for each in kept if isinstance(each, Part)) == KEPT_SECONDS
    assert kept[-1] == part(199)


def test_the_store_keeps_some_bytes_of_a_large_take(
    store: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stores, "KEPT_BYTES", 200_000)
    writer = Writer(store, SLUG)
    for number in range(40):
        writer.write(part(number, 30_000))

    kept = stored(store)

    assert len(kept) == 6
    assert kept[-1] == part(39, 30_000)
    assert KEPT_BYTES <= 32 * 1024 * 1024


def test_a_new_take_leaves_the_newest_parts_of_the_one_before(store: redis.Redis) -> None:
    """Viewers read a little behind; the last seconds of a take are still on their way when the next one begins."""
    Writer(store, SLUG).write(part(0))
    first = film(1)

    Writer(store, SLUG).write(first[0])

    assert stored(store) == [part(0), first[0]]


def test_parts_of_a_take_before_go_as_time_goes_by(store: redis.Redis) -> None:
    long_ago = round((time.time() - KEPT_SECONDS - 10) * 1000)
    store.xadd(STREAM, {FIELD: encode(part(0))}, id=f"{long_ago}-0")
    Writer(store, SLUG).write(part(1))
    first = film(1)[0]

    Writer(store, SLUG).write(first)

    assert stored(store) == [part(1), first]


def test_everything_ends_by_itself(store: redis.Redis) -> None:
    writer = Writer(store, SLUG)
    for piece in film(1)[:-1]:
        writer.write(piece)
    writer.tell({"source": "simulated"})
    writer.show(b"jpeg")

    for key in store.keys(f"video:{SLUG}:*"):  # type: ignore[union-attr]
        assert 0 < store.ttl(key) <= EXPIRES  # type: ignore[operator]


def test_the_end_of_a_take_leaves_no_beginning(store: redis.Redis) -> None:
    writer = Writer(store, SLUG)
    init, *rest = film(1)
    writer.write(init)
    assert decode(store.get(INIT)) == init  # type: ignore[arg-type]

    for piece in rest:
        writer.write(piece)

    assert not store.exists(INIT)
    assert isinstance(stored(store)[-1], End)


# -- one sender -----------------------------------------------------------------------------------


def test_one_of_many_who_want_to_send_may() -> None:
    barrier, won = threading.Barrier(8), []

    def want(number: int) -> None:
        client = connect(settings.VIDEO_REDIS_URL)
        barrier.wait()
        if Lease(client, SLUG, f"rtmp:{number}").take():
            won.append(number)
        client.close()

    threads = [threading.Thread(target=want, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(won) == 1


def test_a_sender_that_left_is_followed_at_once_and_one_that_is_silent_after_a_while(
    store: redis.Redis,
) -> None:
    first, second = Lease.of(store, SLUG, "rtmp"), Lease.of(store, SLUG, "browser")
    assert first.take()
    assert not second.take()
    assert holder(store, SLUG) == "rtmp"
    assert 0 < store.pttl(sender_key(SLUG)) <= HELD_FOR * 1000  # type: ignore[operator]

    second.leave()  # which is not its own
    assert not second.take()
    first.leave()

    assert second.take()
    assert holder(store, SLUG) == "browser"


@pytest.mark.race
@pytest.mark.parametrize("asked", [True, False], ids=["lease", "control"])
def test_pieces_of_a_displaced_sender_reach_nobody(store: redis.Redis, asked: bool) -> None:
    """The control writes without a lease: then they do, and the end of the old take even forgets the new one."""
    old, new = Lease.of(store, SLUG, "rtmp"), Lease.of(store, SLUG, "browser")
    before = film(1)
    after = [replace(piece, take=2) for piece in film(1)]
    sender = Writer(store, SLUG, old if asked else None)
    for piece in before[:2]:
        sender.write(piece)
    assert new.take(from_others=True)
    Writer(store, SLUG, new).write(after[0])

    refused = 0
    for piece in before[2:]:
        try:
            sender.write(piece)
        except Displaced:
            refused += 1

    reached = stored(store)[3:]
    if asked:
        assert refused == len(before) - 2
        assert reached == []
        assert decode(store.get(INIT)) == after[0]  # type: ignore[arg-type]
    else:
        assert reached == before[2:]
        assert not store.exists(INIT)


def test_a_displaced_feed_hears_it_with_its_next_piece_and_records_no_more(
    store: redis.Redis, order: Orders, tmp_path: Path
) -> None:
    pieces = film(1)
    with Feed(order()) as feed:
        feed.emit(pieces[0])
        feed.emit(pieces[1])
        Lease(store, SLUG, "browser:two").take(from_others=True)
        feed.emit(pieces[2])
        assert feed.displaced.is_set()
        feed.emit(pieces[-1])

    assert [line["kind"] for line in lines(tmp_path / "takes", 1)] == ["init", "part"]
    assert holder(store, SLUG) == "browser"  # which the old one did not take along


def test_a_feed_that_ends_leaves_the_show_to_the_next(store: redis.Redis, order: Orders) -> None:
    with Feed(order()) as feed:
        for piece in film(1):
            feed.emit(piece)
        assert holder(store, SLUG) == "simulated"

    assert holder(store, SLUG) is None
    assert sending(SLUG) is None


def test_the_studio_is_told_what_is_sent(store: redis.Redis, order: Orders) -> None:
    pieces = film(1)
    with Feed(order()) as feed:
        for piece in pieces[:-1]:
            feed.emit(piece)
        feed.say(delay=40)
        feed.writer.tell(feed.state())
        told = sending(SLUG)

    assert told is not None
    assert {name: told[name] for name in ("source", "take", "parts", "width", "lost", "delay")} == {
        "source": "simulated",
        "take": 1,
        "parts": 4,
        "width": 160,
        "lost": 0,
        "delay": 40,
    }
    assert told["renditions"] == ["source"]
    assert told["recording"] == "on"
    assert told["held_by"] == "simulated"


# -- outages --------------------------------------------------------------------------------------


def test_a_store_that_was_killed_gets_the_beginning_before_the_next_piece(
    own_store: OwnValkey, order: Orders, tmp_path: Path
) -> None:
    pieces = film(3)
    mine: TakeOrder = order(redis_url=own_store.url)
    with Feed(mine) as feed:
        for piece in pieces[:4]:
            feed.emit(piece)
        own_store.kill()
        for piece in pieces[4:7]:
            feed.emit(piece)
        assert feed.writer.lost == 3
        feed.writer._away_until = 0.0  # the half second is over
        own_store.start()
        with redis.Redis.from_url(own_store.url) as client:
            client.flushdb()  # it remembers nothing
            for piece in pieces[7:9]:
                feed.emit(piece)

            assert stored(client) == [pieces[0], *pieces[7:9]]
            assert decode(client.get(INIT)) == pieces[0]  # type: ignore[arg-type]
            assert holder(client, SLUG) == "simulated"
        feed.emit(pieces[-1])
        assert not feed.displaced.is_set()

    # The recording has what viewers missed.
    assert sum(line["kind"] == "part" for line in lines(tmp_path / "takes", 1)) == 8


def test_while_the_store_is_away_it_is_not_waited_for_at_every_piece(
    own_store: OwnValkey, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = connect(own_store.url)
    writer = Writer(client, SLUG)
    asked = []
    own_store.kill()
    monkeypatch.setattr(
        writer,
        "_add",
        lambda *_: (asked.append(1), client.get("anything")),  # raises
    )

    for number in range(100):
        assert not writer.write(part(number))

    assert 1 <= len(asked) <= 3
    assert writer.lost == 100
    client.close()
    own_store.start()


def test_a_store_that_is_away_holds_nothing_of_the_take_in_memory(own_store: OwnValkey) -> None:
    client = connect(own_store.url)
    writer = Writer(client, SLUG)
    own_store.kill()

    for number in range(500):
        writer.write(part(number))

    assert sum(len(kept) for kept in writer._kept.values()) <= KEPT_SECONDS * 4
    client.close()
    own_store.start()


def test_the_state_goes_with_its_source(store: redis.Redis) -> None:
    Writer(store, SLUG).tell({"source": "rtmp"})

    assert 0 < store.ttl(state_key(SLUG)) <= 5  # type: ignore[operator]
    assert sending(SLUG) is None  # nobody holds the show
