"""Takes as rows: begun before a source sends, ended when it has; a sweep closes what a killed source left open."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import Max, Sum

from livestore.base.clock import database_now
from streams.shows.errors import ShowNotLive
from streams.shows.locking import lock_show
from streams.shows.models import Show
from streams.video.models import Source, Take
from streams.video.path.orders import TakeOrder
from streams.video.path.recorder import lines

EPOCH = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
"""Media sequence numbers of a take begin at the seconds since then: segments last a second at least, so they grow from
take to take, also when nobody remembers where the last one ended."""
LONGEST_TAKE = 24 * 3600


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
    last = Take.objects.filter(show=show).aggregate(ordinal=Max("ordinal"), msn=Max("first_msn"))
    ordinal = (last["ordinal"] or 0) + 1
    msn = max(int((now - EPOCH).total_seconds()), (last["msn"] or 0) + 1)
    take = Take.objects.create(
        show=show, ordinal=ordinal, source=Source(source), first_msn=msn, started_at=now
    )
    return TakeOrder(
        redis_url=settings.VIDEO_REDIS_URL,
        slug=show.slug,
        source=take.source,
        ordinal=ordinal,
        msn=msn,
        folder=str(folder_of(show)),
        budget=_room_on_disk(),
        lease=lease,
    )


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
    for line in lines(folder_of(take.show), take.ordinal):
        if line["kind"] == "part":
            take.seconds = line["start"] + line["duration"]
        take.bytes = line["offset"] + line["length"]
        if line["kind"] == "end":
            reason = line["reason"]
    take.reason = reason
    take.ended_at = database_now()
    take.save(update_fields=["seconds", "bytes", "reason", "ended_at"])


def _room_on_disk() -> int:
    """Bytes that one more recording may use: what the setting leaves."""
    kept = Take.objects.filter(removed_at=None).aggregate(total=Sum("bytes"))["total"] or 0
    return max(0, settings.VIDEO_DISK_MB * 1024 * 1024 - kept)
