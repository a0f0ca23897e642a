"""Planning a show: its title, its light, its time, and who helps with the chat."""

from __future__ import annotations

import datetime as dt
import re
import secrets
from collections.abc import Collection
from typing import Any, TypedDict, Unpack

from django.db import IntegrityError, transaction
from django.utils.text import slugify

from accounts.models import User
from livestore.base.clock import database_now
from livestore.base.errors import Invalid
from livestore.base.outbox import record
from streams.shows.errors import NotAHost, SlugTaken, WrongState
from streams.shows.locking import changed_fact, lock_show, save_grown
from streams.shows.models import Show

CURRENCY = re.compile(r"[A-Z]{3}")
COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")
SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
DEFAULT_MOOD = "#3A2A22"
# "/studio/new/" is a page; a show must not hide it.
RESERVED = {"new"}


class ShowChanges(TypedDict, total=False):
    """What may change about a show; only what is named is touched."""

    title: str
    description: str
    mood: str
    currency: str
    scheduled_for: dt.datetime | None


def _wrong(values: dict[str, Any]) -> dict[str, str]:
    """Sentences about what can not be used, by field."""
    wrong: dict[str, str] = {}
    if "title" in values and not 1 <= len(values["title"]) <= 120:
        wrong["title"] = "A show needs a title of at most 120 letters."
    if len(values.get("description", "")) > 2000:
        wrong["description"] = "Please use at most 2,000 letters."
    if "mood" in values and not COLOUR.fullmatch(values["mood"]):
        wrong["mood"] = "The light is a colour like #3A2A22."
    if "currency" in values and not CURRENCY.fullmatch(values["currency"]):
        wrong["currency"] = "A currency has three letters, such as EUR."
    at = values.get("scheduled_for")
    if at is not None and at.tzinfo is None:
        wrong["scheduled_for"] = "Please give the time with its time zone."
    if "slug" in values:
        slug = values["slug"]
        if not SLUG.fullmatch(slug) or len(slug) > 80 or slug in RESERVED:
            wrong["slug"] = "An address has small letters, digits and single dashes, at most 80."
    return wrong


def _cleaned(changes: dict[str, Any]) -> dict[str, Any]:
    values = {k: v.strip() if isinstance(v, str) else v for k, v in changes.items()}
    wrong = _wrong(values)
    if wrong:
        raise Invalid(fields=wrong)
    return values


def _free_slug(title: str) -> str:
    """An address made of the title; a few letters more when it is taken or says nothing."""
    base = slugify(title)[:70].strip("-_").replace("_", "-") or "show"
    base = re.sub(r"-{2,}", "-", base)
    if base in RESERVED or Show.objects.filter(slug=base).exists():
        return f"{base}-{secrets.token_hex(3)}"
    return base


def create_show(
    *,
    host: User,
    title: str,
    description: str = "",
    slug: str | None = None,
    scheduled_for: dt.datetime | None = None,
    currency: str = "EUR",
    mood: str = DEFAULT_MOOD,
) -> Show:
    """A new show: a draft, or announced when it has a time already.

    Raises NotAHost, Invalid (fields), SlugTaken.
    """
    if not (host.is_host or host.is_staff):
        raise NotAHost
    values = _cleaned(
        {
            "title": title,
            "description": description,
            "currency": currency,
            "mood": mood,
            "scheduled_for": scheduled_for,
        }
        | ({} if slug is None else {"slug": slug})
    )
    state = Show.State.SCHEDULED if scheduled_for else Show.State.DRAFT
    with transaction.atomic():
        values.setdefault("slug", _free_slug(values["title"]))
        try:
            with transaction.atomic():
                show = Show.objects.create(host=host, state=state, **values)
        except IntegrityError as problem:
            raise SlugTaken(fields={"slug": SlugTaken.message}) from problem
        record([changed_fact(show)])
    return show


def update_show(*, show_slug: str, by: User, **changes: Unpack[ShowChanges]) -> Show:
    """Change what is named. The currency only before there are items, the time only before the show.

    A time announces a draft; taking the time away from an announced show keeps it announced.
    Raises NoSuchShow, NotYourShow, WrongState, Invalid (fields).
    """
    values = _cleaned(dict(changes))
    with transaction.atomic():
        show = lock_show(show_slug, by=by)
        if show.state == Show.State.ENDED:
            raise WrongState("This show is over and stays as it was.")
        values = {name: value for name, value in values.items() if getattr(show, name) != value}
        if "scheduled_for" in values and show.is_open:
            raise WrongState("The show is on air, its time can not change any more.")
        if "currency" in values and show.items.exists():
            raise Invalid(fields={"currency": "Take the items out first, they have prices."})
        if not values:
            return show
        for name, value in values.items():
            setattr(show, name, value)
        if show.state == Show.State.DRAFT and values.get("scheduled_for"):
            show.state = Show.State.SCHEDULED
        save_grown(show, *values, "state")
        record([changed_fact(show)])
    return show


def schedule(*, show_slug: str, by: User, scheduled_for: dt.datetime | None = None) -> Show:
    """Announce a show, for a time or for "soon". Raises WrongState once it was on air."""
    with transaction.atomic():
        show = lock_show(show_slug, by=by)
        if show.state not in {Show.State.DRAFT, Show.State.SCHEDULED}:
            raise WrongState("This show was on air already.")
        if scheduled_for is not None:
            wrong = _wrong({"scheduled_for": scheduled_for})
            if not wrong and scheduled_for < database_now() - dt.timedelta(minutes=5):
                wrong["scheduled_for"] = "This time is over."
            if wrong:
                raise Invalid(fields=wrong)
        show.state, show.scheduled_for = Show.State.SCHEDULED, scheduled_for
        save_grown(show, "state", "scheduled_for")
        record([changed_fact(show)])
    return show


def add_moderator(*, show: Show, by: User, user: User) -> None:
    """Let somebody tend the chat of this show; twice is once."""
    with transaction.atomic():
        locked = lock_show(show.slug, by=by)
        locked.moderators.add(user)


def set_moderators(*, show: Show, by: User, usernames: Collection[str]) -> list[str]:
    """Let exactly these people tend the chat of this show; returns their names in order.

    Raises Invalid (`moderators`) for a name that nobody has; nothing is changed then.
    """
    with transaction.atomic():
        locked = lock_show(show.slug, by=by)
        people = list(User.objects.filter(username__in=usernames, is_active=True))
        if unknown := set(usernames) - {each.username for each in people}:
            raise Invalid(fields={"moderators": f"There is nobody named {min(unknown)}."})
        locked.moderators.set(people)
    return sorted(each.username for each in people)
