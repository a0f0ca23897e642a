"""Celery tasks of the picture."""

from __future__ import annotations

from celery import shared_task

from streams.video import sweep as recordings


@shared_task(name="streams.video.tasks.sweep")
def sweep() -> dict[str, int]:
    """Close what killed sources left open, keep the disk bounded. Returns how many takes and files that were."""
    return {
        "closed": recordings.close_lost(),
        "removed": recordings.make_room(),
        "strange": recordings.remove_strange(),
    }
