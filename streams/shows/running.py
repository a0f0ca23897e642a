"""A show on air: start, pause, resume, end; pin, unpin, next; the host's absence.

Every command is one transaction: the show row locked, the state checked, `rev` counted up, facts last.
"""

from __future__ import annotations

from django.db import transaction

from accounts.models import User
from livestore.base.clock import database_now
from livestore.base.outbox import Fact, record
from shop.offers.services import end_channel
from streams.selling.prices import apply_show_prices
from streams.shows.errors import NoSuchItem, NothingLeft, NothingPinned, ShowNotLive, WrongState
from streams.shows.locking import (
    changed_fact,
    event_fact,
    items_fact,
    lock_show,
    pinned_fact,
    save_grown,
)
from streams.shows.models import Item, Show
from streams.shows.shelf import shelf_of
from streams.video.captions.services import said_at_pin

State = Show.State


@transaction.atomic
def start(*, show_slug: str, by: User | None) -> Show:
    """Go live: show prices open, the room takes commands. Raises WrongState when it was on air before."""
    show = lock_show(show_slug, by=by)
    if show.state not in {State.DRAFT, State.SCHEDULED}:
        raise WrongState(
            "The show is over." if show.state == State.ENDED else "The show is on air already."
        )
    show.state = State.LIVE
    show.started_at = database_now()
    show.host_away_since = None
    save_grown(show, "state", "started_at", "host_away_since")
    apply_show_prices(show)
    # The show's first list: a replay begins with it.
    record([items_fact(show), changed_fact(show)])
    return show


@transaction.atomic
def pause(*, show_slug: str, by: User | None) -> Show:
    """A break: everything stays, buying too."""
    show = lock_show(show_slug, by=by)
    if show.state != State.LIVE:
        raise WrongState("Only a live show can take a break.")
    show.state = State.PAUSED
    save_grown(show, "state")
    record([changed_fact(show)])
    return show


@transaction.atomic
def resume(*, show_slug: str, by: User | None) -> Show:
    """Back from the break."""
    show = lock_show(show_slug, by=by)
    if show.state != State.PAUSED:
        raise WrongState("The show does not take a break.")
    show.state = State.LIVE
    show.host_away_since = None
    save_grown(show, "state", "host_away_since")
    record([changed_fact(show)])
    return show


@transaction.atomic
def end(*, show_slug: str, by: User | None) -> Show:
    """The show is over: nothing is on air, every offer of its channel ends in the same transaction."""
    show = lock_show(show_slug, by=by)
    if not show.is_open:
        raise WrongState(
            "The show is over already." if show.state == State.ENDED else "The show has not begun."
        )
    pinned = show.pinned
    show.state = State.ENDED
    show.ended_at = database_now()
    show.pinned = None
    show.host_away_since = None
    save_grown(show, "state", "ended_at", "pinned", "host_away_since")
    end_channel(channel=show.slug)
    facts = [changed_fact(show)]
    if pinned is not None:
        facts.append(event_fact(show, "item.unpinned", {"number": pinned.number}))
    # The show's last list: without show prices, and for good, because an ended room is told nothing more.
    record([*facts, items_fact(show)])
    return show


def _on_air(show_slug: str, by: User | None) -> Show:
    show = lock_show(show_slug, by=by)
    if not show.is_open:
        raise ShowNotLive("The show is over." if show.state == State.ENDED else None)
    return show


def _put_on_air(show: Show, item: Item, by: User | None) -> list[Fact]:
    item.shown_at = database_now()
    item.save(update_fields=["shown_at"])
    show.pinned = item
    save_grown(show, "pinned")
    return [pinned_fact(show, item.number), *said_at_pin(show, item, by)]


@transaction.atomic
def pin(*, show_slug: str, by: User | None, number: int) -> Item:
    """Put a number on air, whether or not it was there before. Raises ShowNotLive, NoSuchItem."""
    show = _on_air(show_slug, by)
    item = show.items.filter(number=number).first()
    if item is None:
        raise NoSuchItem(f"Number {number} is not in the run of show.")
    record(_put_on_air(show, item, by))
    return item


@transaction.atomic
def unpin(*, show_slug: str, by: User | None) -> Show:
    """Take the item on air away. Raises ShowNotLive, NothingPinned."""
    show = _on_air(show_slug, by)
    item = show.pinned
    if item is None:
        raise NothingPinned
    show.pinned = None
    save_grown(show, "pinned")
    record([event_fact(show, "item.unpinned", {"number": item.number})])
    return show


@transaction.atomic
def next_item(*, show_slug: str, by: User | None) -> Item:
    """Put the next number on air: the first in order that was not shown and is not sold out.

    Raises ShowNotLive, NothingLeft.
    """
    show = _on_air(show_slug, by)
    shelf = shelf_of(show)
    if shelf.next_number is None:
        raise NothingLeft
    item = shelf.by_number[shelf.next_number]
    record(_put_on_air(show, item, by))
    return item


@transaction.atomic
def host_gone(*, show_slug: str) -> bool:
    """The host's connection is away: viewers are told since when. Nothing ends by itself.

    Returns whether anything changed. Raises NoSuchShow.
    """
    show = lock_show(show_slug, by=None)
    if not show.is_open or show.host_away_since is not None:
        return False
    show.host_away_since = database_now()
    save_grown(show, "host_away_since")
    record([changed_fact(show)])
    return True


@transaction.atomic
def host_back(*, show_slug: str) -> bool:
    """The host is connected again. Returns whether anything changed."""
    show = lock_show(show_slug, by=None)
    if show.host_away_since is None:
        return False
    show.host_away_since = None
    save_grown(show, "host_away_since")
    record([changed_fact(show)])
    return True


def settle_left_live(*, resume: bool) -> list[str]:
    """Shows that were on air when everything stopped: resumed, or ended when no host will come back.

    Returns one sentence for each, for whoever starts the house. Shows whose host account is closed end.
    """
    said = []
    left = Show.objects.filter(state__in=[State.LIVE, State.PAUSED]).select_related("host")
    for show in left.order_by("id"):
        if resume and show.host.is_active:
            with transaction.atomic():
                locked = lock_show(show.slug, by=None)
                locked.host_away_since = None
                save_grown(locked, "host_away_since")
                record([changed_fact(locked)])
            paused = " (it takes a break)" if show.state == State.PAUSED else ""
            said.append(f"“{show.title}” was still on air and goes on{paused}.")
        else:
            end(show_slug=show.slug, by=None)
            said.append(f"“{show.title}” was still on air without its host and has ended.")
    return said
