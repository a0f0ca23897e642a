"""What the relay carries away: an event for a room, an event for a person, a closed socket, a task."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from streams.room.protocol import CloseCode, Event


@dataclass(frozen=True, slots=True)
class ToRoom:
    """An event for everybody in the room `slug`.

    rev        the row counter of what changed; the log drops a lower one of a LATEST key
    outbox_id  the fact that caused it; the log takes a fact only once (None: not from the outbox)
    at         when it became true, in milliseconds since 1970
    """

    slug: str
    event: Event
    rev: int | None = None
    outbox_id: int | None = None
    at: int = 0


@dataclass(frozen=True, slots=True)
class ToPerson:
    """An event for one person's sockets, wherever they are."""

    user: int
    event: Event
    rev: int | None = None
    at: int = 0


@dataclass(frozen=True, slots=True)
class Kick:
    """Close a person's sockets with `code`; in the room `slug` only, or in all rooms when None."""

    user: int
    code: CloseCode
    slug: str | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """A Celery task to make something prompt; the database makes it sure."""

    task_name: str
    args: tuple[Any, ...] = ()
    kwargs: dict[str, Any] = field(default_factory=dict)


Announcement = ToRoom | ToPerson | Kick | Job
