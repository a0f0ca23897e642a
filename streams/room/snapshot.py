"""The first thing a newcomer gets: the room as it is, with nothing personal in it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from pydantic import BaseModel

from livestore.base.threads import in_database
from streams.room import archive, log, presence
from streams.room.announce import data_of
from streams.room.encoding import now_ms
from streams.shows import selectors


@dataclass(slots=True)
class Facts:
    """What the hub itself has to know about the show to judge commands without a database."""

    state: str = "draft"
    host: int = 0
    away_since: int | None = None
    numbers: frozenset[int] = frozenset()

    def learn_show(self, show: dict[str, Any]) -> None:
        self.state = show["state"]
        self.host = show["host"]["id"]
        self.away_since = show.get("host_away_since")

    def learn_items(self, items: list[dict[str, Any]]) -> None:
        self.numbers = frozenset(item["number"] for item in items)

    @property
    def is_open(self) -> bool:
        return self.state in {"live", "paused"}


@dataclass(frozen=True, slots=True)
class Snapshot:
    """`text` is the room.snapshot event; the log goes on after `seq` of `epoch`."""

    epoch: str
    seq: int
    text: bytes
    facts: Facts
    made: float = field(default_factory=time.monotonic)

    @property
    def age(self) -> float:
        return time.monotonic() - self.made


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    raise TypeError(f"{type(value).__name__} has no place in a snapshot")


async def state(slug: str) -> tuple[log.View, dict[str, Any]]:
    """The room's state as plain JSON values. The log is read first, then the database: an event in between
    is told again after the snapshot, and tells the same.
    """
    view = await log.view(slug)
    return view, _whole(view, *await in_database(_from_the_database, slug, view))


def state_sync(slug: str) -> tuple[log.View, dict[str, Any]]:
    """As `state`, for sync code."""
    view = log.view_sync(slug)
    return view, _whole(view, *_from_the_database(slug, view))


def _from_the_database(slug: str, view: log.View) -> tuple[Mapping[str, Any], list[dict[str, Any]]]:
    """The room, and the chat of before when the log is too young to have enough of its own."""
    room = selectors.room_state(slug)
    return room, archive.earlier_chat(slug, view.top.epoch, log.CHAT_TAIL - len(view.chat))


def _whole(
    view: log.View, room: Mapping[str, Any], earlier: list[dict[str, Any]]
) -> dict[str, Any]:
    """The database's part and Valkey's part of a snapshot, together."""
    data = orjson.loads(orjson.dumps(dict(room), default=_plain))
    counts = view.latest.get("room.counts")
    data["chat"] = [*earlier, *(data_of(text) for text in view.chat)]
    data["requests"] = view.requests
    data["counts"] = orjson.loads(counts.text)["data"] if counts else presence.NOBODY
    return data


async def build(slug: str) -> Snapshot:
    """Raises `valkey.Trouble`, database errors, or NotFound."""
    view, data = await state(slug)
    facts = Facts()
    facts.learn_show(data["show"])
    facts.learn_items(data["items"])
    event = {"type": "room.snapshot", "at": now_ms(), "data": data, "seq": view.top.top}
    return Snapshot(view.top.epoch, view.top.top, orjson.dumps(event), facts)
