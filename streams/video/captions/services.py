"""Saying something in words. The row is for tracks, the event for everybody who watches now."""

from __future__ import annotations

from django.db import transaction

from accounts.models import User
from livestore.base.errors import Invalid, TooFast
from livestore.base.outbox import Fact, record
from streams.chat.cleaning import clean
from streams.room import limits
from streams.room.protocol.events import CaptionSaid
from streams.shows.errors import ShowNotLive
from streams.shows.locking import lock_show
from streams.shows.models import Item, Show
from streams.video.captions.reading import LONGEST, seconds_for, shortened
from streams.video.models import Caption, Picture


@transaction.atomic
def say(*, show_slug: str, by: User, text: str) -> Caption:
    """Put a line over the picture, also in a break. One line: cleaned as chat is, at most LONGEST characters.

    Raises Invalid, TooFast (as many as chat messages), NoSuchShow, NotYourShow, ShowNotLive.
    """
    line = clean(text)
    if not line:
        raise Invalid(fields={"text": "Please write something."})
    if len(line) > LONGEST:
        raise Invalid(fields={"text": f"Please use at most {LONGEST} letters."})
    show = lock_show(show_slug, by=by)
    if not show.is_open:
        raise ShowNotLive("The show is over." if show.state == Show.State.ENDED else None)
    wait = limits.captions.take((show_slug, by.pk))
    if wait:
        raise TooFast(retry_after_ms=wait)
    caption, fact = _said(show, line, by)
    record([fact])
    return caption


def said_at_pin(show: Show, item: Item, by: User | None) -> list[Fact]:
    """The first line of an item's notes as a caption, if the show wants that. For the transaction that pins it."""
    lines = (clean(each) for each in item.talking_points.splitlines())
    line = shortened(next(filter(None, lines), ""))
    if not line or not Picture.objects.filter(show=show, captions_from_notes=True).exists():
        return []
    return [_said(show, line, by)[1]]


@transaction.atomic
def set_from_notes(*, show_slug: str, by: User, from_notes: bool) -> Picture:
    """Whether a pin says the first line of its notes. Raises NoSuchShow, NotYourShow."""
    show = lock_show(show_slug, by=by)
    picture, _ = Picture.objects.update_or_create(
        show=show, defaults={"captions_from_notes": from_notes}
    )
    return picture


def _said(show: Show, line: str, by: User | None) -> tuple[Caption, Fact]:
    caption = Caption.objects.create(show=show, text=line, seconds=seconds_for(line), by=by)
    event = CaptionSaid(text=line, seconds=caption.seconds)
    return caption, Fact(
        "streams.event", {"type": event.type, "data": event.as_json()}, channel=show.slug
    )
