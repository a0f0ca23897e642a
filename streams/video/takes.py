"""Takes as rows: begun before a source sends, ended when it has; a sweep closes what a killed source left open."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import Sum

from livestore.base.clock import database_now
from streams.shows.errors import ShowNotLive
from streams.shows.locking import lock_show
from streams.shows.models import Show
from streams.video.models import Source, Take
from streams.video.path.orders import TakeOrder
from streams.video.path.recorder import lines

EPOCH = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
"""Media sequence numbers of a take begin at the seconds since then, so they grow from take to take also when nobody
remembers where the last one ended."""
SHORTEST_SEGMENT = 0.85
"""Seconds; nearly all are longer (see packager.py)."""
SHARE = 2
"""One recording may use this part of the room that is left: the next ones need some too."""
CORES_FOR_SMALL = 4


def folder_of(show: Show) -> Path:
    """Where the recordings of a show lie; never under MEDIA_ROOT, which a web server hands out as it is."""
    return Path(settings.VIDEO_ROOT) / str(show.pk)


@transaction.atomic
def begin(*, show_slug: str, source: str, lease: str) -> TakeOrder:
    """The next take of a show on air. Raises NoSuchShow, ShowNotLive (also in a break)."""
    show = lock_show(show_slug, by=None)
    if show.state != Show.State.LIVE:
        raise ShowNotLive
    close_left_open(show)
    now = database_now()
    last = Take.objects.filter(show=show).order_by("-ordinal").first()
    take = Take.objects.create(
        show=show,
        ordinal=last.ordinal + 1 if last else 1,
        source=Source(source),
        first_msn=_first_msn(now, last),
        budget=room_on_disk() // SHARE,
        started_at=now,
    )
    return TakeOrder(
        redis_url=settings.VIDEO_REDIS_URL,
        slug=show.slug,
        source=take.source,
        ordinal=take.ordinal,
        msn=take.first_msn,
        folder=str(folder_of(show)),
        budget=take.budget,
        lease=lease,
        small=small_is_wanted(),
    )


def _first_msn(now: dt.datetime, last: Take | None) -> int:
    """Higher than any that a take of this show has used."""
    first = int((now - EPOCH).total_seconds())
    if last is None:
        return first
    used = last.first_msn + int((now - last.started_at).total_seconds() / SHORTEST_SEGMENT) + 1
    return max(first, used + 1, (last.last_msn or 0) + 1)


def small_is_wanted() -> bool:
    """Whether takes have a 360p rendition: it costs 4 to 5 % of a core for each."""
    if settings.VIDEO_SMALL == "auto":
        return (os.cpu_count() or 1) >= CORES_FOR_SMALL
    return settings.VIDEO_SMALL == "on"


@transaction.atomic
def end(*, show_slug: str, ordinal: int, reason: str) -> None:
    """The take is over. Its length and size come from its index, which says what is really there."""
    show = lock_show(show_slug, by=None)
    for take in Take.objects.filter(show=show, ordinal=ordinal, ended_at=None):
        _close(take, reason)


def close_left_open(show: Show) -> None:
    """Takes whose source was killed. Call with the show locked."""
    for take in Take.objects.filter(show=show, ended_at=None):
        _close(take, "lost")


def _close(take: Take, reason: str) -> None:
    """Raises nothing for a recording that is damaged or gone: then its row says what could be read."""
    heard: int | None = None
    for line in lines(folder_of(take.show), take.ordinal):
        if line["kind"] == "part":
            take.seconds = line["start"] + line["duration"]
            take.last_msn = line["msn"]
            heard = line["at"] + round(line["duration"] * 1000)
        take.bytes = line["offset"] + line["length"]
        if line["kind"] == "end":
            reason = line["reason"]
    take.reason = reason
    take.ended_at = database_now()
    if reason == "lost" and heard is not None:  # not the moment when somebody noticed
        said = dt.datetime.fromtimestamp(heard / 1000, tz=dt.UTC)
        take.ended_at = min(take.ended_at, max(said, take.started_at))
    take.save(update_fields=["seconds", "bytes", "last_msn", "reason", "ended_at"])


def room_on_disk() -> int:
    """Bytes that no recording uses, and that no running one may still use."""
    kept = Take.objects.filter(removed_at=None, ended_at__isnull=False)
    running = Take.objects.filter(ended_at=None)
    used = (kept.aggregate(total=Sum("bytes"))["total"] or 0) + (
        running.aggregate(total=Sum("budget"))["total"] or 0
    )
    return max(0, settings.VIDEO_DISK_MB * 1024 * 1024 - used)
