"""What nobody else does for recordings: takes of killed sources are closed, and the disk stays bounded."""

from __future__ import annotations

import contextlib
import logging
import time
from pathlib import Path

import redis
from django.conf import settings
from django.db import transaction

from livestore.base.clock import database_now
from streams.shows.locking import lock_show
from streams.shows.models import Show
from streams.video.models import Take
from streams.video.path.feed import connect
from streams.video.path.lease import holder
from streams.video.path.recorder import film, index
from streams.video.path.stills import still_file
from streams.video.takes import close_left_open, folder_of, room_on_disk

logger = logging.getLogger(__name__)

QUIET = 30.0
"""Seconds without a new byte after which a take that nobody sends is over."""
FREE = 4
"""This part of VIDEO_DISK_MB is kept free for the shows to come, where ended shows have something to give."""
STRANGE_AFTER = 3600.0
"""Seconds after which a file that belongs to no take is removed."""


def close_lost() -> int:
    """Close the takes whose source was killed; how many. While Valkey is away nobody knows, and none is closed."""
    closed = 0
    for take in Take.objects.filter(ended_at=None).select_related("show"):
        if _quiet_for(take) > QUIET and not _is_sent(take.show.slug):
            with transaction.atomic():
                show = lock_show(take.show.slug, by=None)
                if Take.objects.filter(pk=take.pk, ended_at=None).exists():
                    close_left_open(show)
                    closed += 1
    return closed


def _quiet_for(take: Take) -> float:
    begun = (database_now() - take.started_at).total_seconds()
    try:
        written = index(folder_of(take.show), take.ordinal).stat().st_mtime
    except OSError:
        return begun
    return min(begun, time.time() - written)


def _is_sent(slug: str) -> bool:
    client = connect(settings.VIDEO_REDIS_URL)
    try:
        return holder(client, slug) is not None
    except redis.RedisError:
        return True
    finally:
        client.close()


def make_room() -> int:
    """Remove recordings of ended shows, the oldest first, until a part of the disk is free again; how many."""
    wanted = settings.VIDEO_DISK_MB * 1024 * 1024 // FREE
    removed = 0
    kept = Take.objects.filter(
        removed_at=None, ended_at__isnull=False, bytes__gt=0, show__state=Show.State.ENDED
    ).order_by("ended_at", "pk")
    for take in kept.select_related("show"):
        if room_on_disk() >= wanted:
            break
        remove(take)
        removed += 1
    return removed


def remove(take: Take) -> None:
    """The row first: nobody looks for a file that is gone. What is left behind is found as a strange file."""
    take.removed_at = database_now()
    take.save(update_fields=["removed_at"])
    folder = folder_of(take.show)
    for file in _files(folder, take.ordinal):
        with contextlib.suppress(OSError):
            file.unlink(missing_ok=True)
    with contextlib.suppress(OSError):
        folder.rmdir()  # if it is empty
    logger.info("the recording of take %s of %s was removed", take.ordinal, take.show.slug)


def _files(folder: Path, ordinal: int) -> list[Path]:
    return [film(folder, ordinal), index(folder, ordinal), still_file(folder, ordinal)]


def remove_strange() -> int:
    """Remove files that belong to no take, as of a show that was deleted; how many."""
    root, removed = Path(settings.VIDEO_ROOT), 0
    rows = Take.objects.filter(removed_at=None).values_list("show_id", "ordinal")
    known = {file for show, ordinal in rows for file in _files(root / str(show), ordinal)}
    for folder in root.iterdir() if root.is_dir() else ():
        for file in folder.iterdir() if folder.is_dir() else ():
            with contextlib.suppress(OSError):
                if file not in known and time.time() - file.stat().st_mtime > STRANGE_AFTER:
                    file.unlink()
                    removed += 1
    return removed
