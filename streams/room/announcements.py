"""What the relay carries away: an event for a room, an event for a person, a closed socket, a task."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import orjson

from streams.room.protocol import CloseCode, Event


@dataclass(frozen=True, slots=True)
class ToRoom:
    """An event for everybody in the room `slug`.

    rev        the row counter of what changed; the log drops a lower one of a LATEST key
    outbox_id  the fact that caused it; the log takes a fact only once (None: not from the outbox). Several
               facts told by one event: it is left out when the log has seen them all
    at         when it became true, in milliseconds since 1970
    """

    slug: str
    event: Event
    rev: int | None = None
    outbox_id: int | tuple[int, ...] | None = None
    at: int = 0


@dataclass(frozen=True, slots=True)
class Written:
    """An event whose `data` is plain values in the shape of `model`, taken as they are.

    To build a model of an order and to write it down takes longer than to read the order, and a rush has thousands.
    Tests check the shape.
    """

    model: type[Event]
    data: dict[str, Any]

    @property
    def type(self) -> str:
        return self.model.type

    def model_dump_json(self) -> str:
        return orjson.dumps(self.data).decode()


@dataclass(frozen=True, slots=True)
class ToPerson:
    """An event for one person's sockets, wherever they are."""

    user: int
    event: Event | Written
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
    """A Celery task to make something prompt; the database makes it sure. `request` is for its log lines."""

    task_name: str
    args: tuple[Any, ...] = ()
    kwargs: dict[str, Any] = field(default_factory=dict)
    request: str = ""


Announcement = ToRoom | ToPerson | Kick | Job
