"""The lock under which everything about a show changes.

Lock order: the show row first, then what the shop locks (stock rows in primary-key order, then offers).
Nothing else locks a show, so the commands of one show happen one after the other and their facts, written
last, lie in the outbox in that order.
"""

from __future__ import annotations

from typing import Any

from accounts.models import User
from livestore.base.outbox import Fact
from streams.shows.errors import NoSuchShow, NotYourShow
from streams.shows.models import Show
from streams.shows.values import show_value


def may_run(show: Show, user: User | None) -> bool:
    """The host of the show, and admins."""
    return user is not None and user.is_active and (user.pk == show.host_id or user.is_staff)


def lock_show(slug: str, *, by: User | None) -> Show:
    """The locked show row with its host. `by` None is the program itself (sweeps, start-up).

    Raises NoSuchShow, NotYourShow. Must run inside a transaction, before any other lock.
    """
    show = (
        Show.objects.select_for_update(of=("self",))
        .select_related("host", "pinned")
        .filter(slug=slug)
        .first()
    )
    if show is None:
        raise NoSuchShow
    if by is not None and not may_run(show, by):
        # To others a draft does not exist; saying "not yours" would tell that it does.
        raise NoSuchShow if show.state == Show.State.DRAFT else NotYourShow
    return show


def save_grown(show: Show, *fields: str) -> None:
    """Write these fields of a locked show and count its `rev` up by one."""
    show.rev += 1
    show.save(update_fields=[*fields, "rev"])


def changed_fact(show: Show) -> Fact:
    """`show.changed` with the whole of the show's own facts, as the locked row says."""
    return event_fact(show, "show.changed", {"show": show_value(show).model_dump(mode="json")})


def event_fact(show: Show, kind: str, data: dict[str, Any]) -> Fact:
    """A finished event of this show's room, with the show's `rev`."""
    return Fact("streams.event", {"type": kind, "data": data, "rev": show.rev}, channel=show.slug)


def pinned_fact(show: Show, number: int) -> Fact:
    """This number went on air. Whoever announces it adds the item with its prices and stock of that moment."""
    return Fact("streams.item_pinned", {"number": number, "rev": show.rev}, channel=show.slug)


def items_fact(show: Show) -> Fact:
    """The run of show changed. Whoever announces it adds the whole list as it is at that moment."""
    return Fact("streams.items_changed", {"rev": show.rev}, channel=show.slug)
