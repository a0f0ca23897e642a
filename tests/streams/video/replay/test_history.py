"""The room of a show that is over: what is told of it, and that any moment of it is what a viewer had then."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from livestore.base.money import Money
from shop.catalogue import services as catalogue
from streams.models import ArchivedEvent, Restriction, Show
from streams.room import archive
from streams.room.snapshot import state_sync
from streams.shows import services
from streams.video.replay import history, selectors
from streams.video.replay.timeline import timeline
from tests import cast
from tests.streams.acts import ask, buy, say, start_deal, take_back
from tests.streams.video.filming import BEGAN_AT, film, moment, recorded
from tests.streams.world import EVENING, World

ADDRESS = f"/api/v1/shows/{EVENING}/replay"


@pytest.fixture
def world(db: None) -> Iterator[World]:
    made = World()
    yield made
    made.close()


class Story:
    """A show and what newcomers saw at some moments of it. After `end` every event is a second after the one before."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.seen: list[tuple[int, dict[str, Any]]] = []

    def look(self) -> None:
        self.world.relay()
        view, data = state_sync(EVENING)
        self.seen.append((view.top.top, data))

    def end(self) -> Show:
        services.end(show_slug=EVENING, by=self.world.hana)
        self.world.relay()
        archive.archive_room(EVENING)
        for each in ArchivedEvent.objects.filter(show__slug=EVENING):
            each.at = at_of(each.seq)
            each.save()
        return self.world.show()


def at_of(seq: int) -> dt.datetime:
    return moment(BEGAN_AT + seq * 1000)


def tell(world: World) -> Story:
    story = Story(world)
    hana = world.hana
    story.look()
    say(world, "Good evening")
    services.pin(show_slug=EVENING, by=hana, number=1)
    ask(world, 2)
    ask(world, 2)
    rude = say(world, "Something rude")
    story.look()
    start_deal(world, world.variant(0, 0).pk)
    buy(world, world.variant(0, 0).pk)
    catalogue.update_variant(variant=world.variant(1), by=None, price=Money(1500, "EUR"))
    story.look()
    services.pin(show_slug=EVENING, by=hana, number=2)
    ask(world, 3)
    say(world, "Number two, please", number=2)
    story.look()
    take_back(world, rude)
    services.unpin(show_slug=EVENING, by=hana)
    services.pause(show_slug=EVENING, by=hana)
    story.look()
    return story


def get(path: str, client: Client | None = None, **query: Any) -> Any:
    answer = (client or Client()).get(f"{ADDRESS}/{path}", query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_events_come_in_pages_oldest_first(world: World) -> None:
    tell(world).end()
    whole = get("events", lane="room")["events"]

    paged, after = [], 0
    while after is not None:
        answer = get("events", lane="room", after=after, limit=3)
        assert len(answer["events"]) <= 3
        paged += answer["events"]
        after = answer["next"]

    assert paged == whole
    assert [each["type"] for each in whole[:2]] == ["item.changed", "show.changed"]
    assert [each["place"] for each in whole] == sorted(each["place"] for each in whole)
    assert {each["type"] for each in whole} <= set(history.LANES["room"])


def test_what_was_deleted_is_told_nowhere(world: World) -> None:
    story = tell(world)
    story.end()
    talk = get("events", lane="talk")["events"]
    last = get("moment", at=BEGAN_AT + 1_000_000)

    said = [each["data"]["text"] for each in talk if each["type"] == "chat.message"]
    assert said == ["Good evening", "Number two, please"]
    assert [each["text"] for each in last["chat"]] == said
    assert "rude" not in str(talk) + str(last)

    # Also what is deleted when the show is long over.
    archive.bury(EVENING, ArchivedEvent.objects.first().epoch, [talk[-1]["place"] % history.EPOCH])  # type: ignore[union-attr]
    assert "Number two" not in str(get("moment", at=BEGAN_AT + 1_000_000))


def test_a_moment_is_what_was_said_by_then(world: World) -> None:
    story = tell(world)
    story.end()
    for seq, data in story.seen[1:]:
        then = get("moment", at=BEGAN_AT + seq * 1000)
        kept = [
            each["text"] for each in data["chat"] if "rude" not in each["text"] and each["text"]
        ]
        assert [each["text"] for each in then["chat"]] == kept
        assert then["requests"] == {
            str(number): total for number, total in data["requests"].items()
        }
        assert then["place"] <= seq


def test_a_lost_log_does_not_end_the_story(world: World) -> None:
    tell(world).end()
    show = world.show()
    row = ArchivedEvent.objects.filter(type="chat.message").latest("seq")
    ArchivedEvent.objects.create(
        show=show,
        epoch="later",
        seq=1,
        type="chat.message",
        at=at_of(900),
        data={**row.data, "text": "Still here"},
    )

    talk = get("events", lane="talk")["events"]
    assert talk[-1]["data"]["text"] == "Still here"
    assert talk[-1]["place"] == history.EPOCH + 1
    assert get("events", lane="talk", after=talk[-2]["place"])["events"] == talk[-1:]
    then = get("moment", at=BEGAN_AT + 901_000)
    assert [each["text"] for each in then["chat"]][-2:] == ["Number two, please", "Still here"]


def test_a_show_that_told_no_list_begins_with_what_was_told_of_each_number(world: World) -> None:
    tell(world).end()
    ArchivedEvent.objects.filter(type="item.changed").delete()
    catalogue.update_variant(variant=world.variant(0, 0), by=None, price=Money(9900, "EUR"))

    [first, *_] = history.start(world.show())["items"]
    assert first["price_from"]["minor"] == 1299
    assert (first["shown"], first["state"]) == (False, "next")


@pytest.mark.parametrize("state", ["live", "paused", "draft"])
def test_a_show_that_is_not_over_tells_nothing_of_its_past(world: World, state: str) -> None:
    Show.objects.filter(slug=EVENING).update(state=state)

    for path in ("start", "events", "moment?at=1"):
        assert Client().get(f"{ADDRESS}/{path}").status_code == 404


def test_who_was_sent_out_is_not_told(world: World) -> None:
    show = tell(world).end()
    client = Client()
    client.force_login(world.mina)
    assert get("events", client)["events"]
    Restriction.objects.create(show=show, user=world.mina, kind=Restriction.Kind.BAN)

    assert client.get(f"{ADDRESS}/events").status_code == 403


def test_chapters_are_what_was_on_air_in_the_time_of_the_film(world: World) -> None:
    show = tell(world).end()
    pins = ArchivedEvent.objects.filter(type__in=("item.pinned", "item.unpinned")).order_by("seq")
    for place, seconds in zip(pins, (-20, 1.5, 100.5), strict=True):
        place.at = moment(BEGAN_AT + round(seconds * 1000))
        place.save()
    recorded(show, film(3))
    recorded(show, film(2, take=2, msn=200, at=BEGAN_AT + 100_000))

    ordinals = [take.ordinal for take in selectors.kept_takes(show)]
    found = selectors.chapters(show, selectors.timeline_of(show, ordinals))

    assert [(each["number"], each["t"], each["until"]) for each in found] == [
        (1, 0.0, 1.5),
        (2, 1.5, 3.5),
    ]
    assert found[0]["title"] == "Lipstick"


def test_an_item_that_is_pinned_again_goes_on(world: World) -> None:
    for _ in range(3):
        services.pin(show_slug=EVENING, by=world.hana, number=1)
        world.relay()
    show = Story(world).end()
    recorded(show, film(3, at=BEGAN_AT + 3_000))

    [only] = selectors.chapters(show, selectors.timeline_of(show, [1]))
    assert (only["number"], only["until"]) == (1, 3.0)


def test_without_films_there_is_no_replay(world: World) -> None:
    show = tell(world).end()
    assert not selectors.has_replay(show)
    take = recorded(show, film(1))
    assert selectors.has_replay(show)
    assert selectors.lengths([show]) == {show.pk: pytest.approx(1)}
    take.removed_at = moment(BEGAN_AT)
    take.save()
    assert not selectors.has_replay(show)
    assert selectors.is_gone(show)
    assert selectors.chapters(show, timeline([])) == []
    assert cast.show(world.hana, slug="another")
