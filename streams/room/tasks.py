"""Celery tasks of the rooms."""

from __future__ import annotations

from celery import shared_task

from streams.room.archive import archive_room, waiting_rooms


@shared_task(name="streams.room.tasks.archive")
def archive() -> int:
    """Copy new events of all rooms into PostgreSQL. Returns how many."""
    return sum(archive_room(slug) for slug in waiting_rooms())
