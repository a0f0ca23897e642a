"""Saying something in words: who may, what becomes of the text, and who hears of it."""

from __future__ import annotations

from typing import Any

import pytest

from livestore.base.errors import Invalid, Refusal, TooFast
from streams.models import Item, Show
from streams.room import limits
from streams.room.limits import CHAT, Buckets
from streams.shows import services as shows
from streams.shows.errors import NotYourShow, ShowNotLive
from streams.video.captions.services import say, set_from_notes
from streams.video.models import Caption
from tests import cast
from tests.streams.relaying import room_events, told, types

pytestmark = pytest.mark.django_db
SLUG = "evening-edit"


@pytest.fixture(autouse=True)
def still_clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The limit's clock stands until a test moves it."""
    now = [0.0]
    monkeypatch.setattr(limits, "captions", Buckets(*CHAT, clock=lambda: now[0]))
    return now


@pytest.fixture
def show() -> Show:
    made = cast.show(cast.hana(), cast.product("bonnet"), cast.product("kettle"))
    shows.start(show_slug=SLUG, by=made.host)
    told()
    return made


def note(number: int, text: str) -> None:
    Item.objects.filter(number=number).update(talking_points=text)


def said() -> list[dict[str, Any]]:
    """What the room was told."""
    events = room_events(told(), SLUG)
    return [each.event.as_json() for each in events if each.event.type == "caption.said"]


def test_a_line_is_kept_and_the_room_hears_it(show: Show) -> None:
    caption = say(show_slug=SLUG, by=show.host, text="  Good   evening,\neverybody ")
    assert (caption.text, caption.by) == ("Good evening, everybody", show.host)
    assert said() == [{"text": "Good evening, everybody", "seconds": 2.0}]


def test_a_line_is_heard_in_a_break_too(show: Show) -> None:
    shows.pause(show_slug=SLUG, by=show.host)
    say(show_slug=SLUG, by=show.host, text="Back in five minutes")
    assert len(said()) == 1


@pytest.mark.parametrize("text", ["", "   ", "\u202e\u200b", "x" * 201])
def test_nothing_and_too_much_are_refused(show: Show, text: str) -> None:
    with pytest.raises(Invalid) as refused:
        say(show_slug=SLUG, by=show.host, text=text)
    assert set(refused.value.fields or {}) == {"text"}
    assert not Caption.objects.exists()


def test_only_the_host_says_anything(show: Show) -> None:
    show.moderators.add(cast.omar())
    for person in (cast.mina(), show.moderators.get()):
        with pytest.raises(NotYourShow):
            say(show_slug=SLUG, by=person, text="Hello")
    assert said() == []


@pytest.mark.parametrize("end", [False, True])
def test_a_show_that_is_not_on_air_says_nothing(end: bool) -> None:
    show = cast.show(cast.hana(), cast.product("bonnet"))
    if end:
        shows.start(show_slug=SLUG, by=show.host)
        shows.end(show_slug=SLUG, by=show.host)
    told()
    with pytest.raises(ShowNotLive):
        say(show_slug=SLUG, by=show.host, text="Hello")
    assert said() == []


def test_as_many_lines_as_chat_messages(show: Show, still_clock: list[float]) -> None:
    burst, rate = CHAT
    for number in range(burst):
        say(show_slug=SLUG, by=show.host, text=f"Line {number}")
    with pytest.raises(TooFast) as refused:
        say(show_slug=SLUG, by=show.host, text="One too many")
    assert refused.value.retry
    assert Caption.objects.count() == burst
    still_clock[0] += 1 / rate
    say(show_slug=SLUG, by=show.host, text="One more")


def test_a_pin_says_the_first_line_of_its_notes_if_that_is_wanted(show: Show) -> None:
    note(1, "\n  <b>Soft</b> as a cloud\nMade in Lyon")
    shows.pin(show_slug=SLUG, by=show.host, number=1)
    assert types(told()) == ["item.pinned"]
    set_from_notes(show_slug=SLUG, by=show.host, from_notes=True)
    shows.pin(show_slug=SLUG, by=show.host, number=1)
    first, second = room_events(told(), SLUG)
    assert [first.event.type, second.event.type] == ["item.pinned", "caption.said"]
    assert second.event.as_json()["text"] == "<b>Soft</b> as a cloud"
    shows.next_item(show_slug=SLUG, by=show.host)  # without notes
    assert types(told()) == ["item.pinned"]
    set_from_notes(show_slug=SLUG, by=show.host, from_notes=False)
    shows.pin(show_slug=SLUG, by=show.host, number=1)
    assert types(told()) == ["item.pinned"]


def test_a_long_note_is_cut_between_words_and_pins_are_never_held_up(show: Show) -> None:
    note(1, "word " * 60)
    set_from_notes(show_slug=SLUG, by=show.host, from_notes=True)
    for _ in range(CHAT[0] + 3):  # more than a host could say
        shows.pin(show_slug=SLUG, by=show.host, number=1)
    lines = said()
    assert len(lines) == CHAT[0] + 3
    assert len(lines[0]["text"]) <= 200
    assert lines[0]["text"].endswith("word …")


def test_a_pin_that_fails_says_nothing(show: Show) -> None:
    set_from_notes(show_slug=SLUG, by=show.host, from_notes=True)
    with pytest.raises(Refusal):
        shows.pin(show_slug=SLUG, by=show.host, number=9)
    assert not Caption.objects.exists()


def test_only_the_host_decides_about_notes(show: Show) -> None:
    with pytest.raises(NotYourShow):
        set_from_notes(show_slug=SLUG, by=cast.mina(), from_notes=True)
