"""The room's log in Valkey: ordered events, the newest values, the chat tail and the requests.

A log lives as long as its epoch. Append, numbering, trimming of what is remembered and publishing are one
Lua call, so a hub never hears of an event that is not stored. The log is a hash seq -> JSON text and not a
stream, because a deleted message is replaced by its tombstone in place.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from streams.room import valkey
from streams.room.announcements import ToRoom
from streams.room.encoding import open_text
from streams.room.protocol import Lane
from streams.room.protocol.events import (
    ChatDeleted,
    ChatMessage,
    ItemPinned,
    ItemRequested,
    RoomReactions,
)

REMEMBERED_FACTS = 20_000
"""Outbox ids a log remembers; a relay that is started again repeats at most its last batch of 500."""
CHAT_TAIL = 50
KEPT_EVENTS = 2_000
"""What a client can resume over without a snapshot; older events are in the archive."""
ROOMS = "rooms"
"""Set of slugs whose logs have something to archive."""
REACTIONS = ("heart", "clap", "fire", "wow")


@dataclass(frozen=True, slots=True)
class Top:
    """Where a log stands. `version` counts its LATEST values; `fresh` when this call began the epoch."""

    epoch: str
    top: int
    first: int
    version: int
    fresh: bool
    seqs: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Slice:
    """Events `texts` numbered from `start`; epoch is "" when the log can not be trusted."""

    epoch: str
    top: int
    first: int
    archived: int
    start: int
    texts: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Latest:
    """A newest value: `version` orders values of one key, `urgent` ones are not held back."""

    version: int
    urgent: bool
    text: bytes


@dataclass(frozen=True, slots=True)
class View:
    """Everything that Valkey knows about a room at one moment."""

    top: Top
    chat: tuple[bytes, ...]
    requests: dict[str, int]
    latest: dict[str, Latest]


def key(slug: str, part: str) -> str:
    return f"room:{{{slug}}}:{part}"


def news(slug: str) -> str:
    """The channel on which a room's events are published."""
    return f"{settings.PUBLISH_SPACE}:{key(slug, 'news')}"


def _keys(slug: str) -> list[str]:
    parts = ("meta", "log", "seen", "latest", "chat", "tail", "requests", "reactions", "lost")
    return [*(key(slug, part) for part in parts), news(slug), ROOMS]


def _head(slug: str) -> list[Any]:
    return [slug, secrets.token_hex(8), REMEMBERED_FACTS, CHAT_TAIL]


def _top(answer: Sequence[Any]) -> Top:
    epoch, top, first, version, fresh, *seqs = answer
    return Top(epoch.decode(), top, first, version, bool(fresh), tuple(seqs))


def _entry(item: ToRoom) -> list[Any]:
    event = item.event
    text = open_text(event, at=item.at, rev=item.rev)
    fact = _facts(item.outbox_id)
    if event.lane is Lane.LATEST:
        urgent = getattr(event, "left", 1) == 0 or getattr(event, "deal_left", 1) == 0
        rev = -1 if item.rev is None else item.rev
        return ["latest", fact, event.key(), f"{rev} {int(urgent)}", text]
    if event.lane is not Lane.LOG:
        raise ValueError(f"{event.type} does not belong into a log")
    kind, about = "log", ""
    if isinstance(event, ChatMessage):
        kind = "chat"
    elif isinstance(event, ItemPinned):
        kind, about = "pin", str(event.item.number)
    elif isinstance(event, ItemRequested):
        # The total is counted by the script: two processes never announce the same one.
        kind, about = "count", str(event.number)
        text = text.replace(b'"total":%d' % event.total, b'"total":\x01', 1)
    return [kind, fact, about, "", text]


def _facts(ids: int | tuple[int, ...] | None) -> str:
    if ids is None:
        return ""
    return " ".join(map(str, ids)) if isinstance(ids, tuple) else str(ids)


async def append(slug: str, items: Sequence[ToRoom]) -> Top:
    """Store and publish events of one room, in their order. The answer has the seq of each (0: none).

    Facts that the log has seen are left out. Raises `valkey.Trouble`; the call may be repeated when the
    events have outbox ids.
    """
    arguments = _head(slug)
    for item in items:
        arguments += _entry(item)
    return _top(await valkey.run("append.lua", _keys(slug), arguments))


async def react(slug: str, counts: Mapping[str, int], at: int) -> Top:
    """Add reactions to the totals and publish the new totals."""
    empty = open_text(RoomReactions(), at=at)
    for name in REACTIONS:
        empty = empty.replace(
            b'"%b":0' % name.encode(), b'"%b":\x01%b\x01' % ((name.encode(),) * 2)
        )
    extra = " ".join(f"{name}={count}" for name, count in counts.items() if count)
    arguments = [*_head(slug), "sum", "", RoomReactions.type, extra, empty]
    return _top(await valkey.run("append.lua", _keys(slug), arguments))


async def replace(slug: str, event: ChatDeleted, tombstone: bytes, at: int) -> Top:
    """Put a tombstone in place of a chat message, in the log and in the chat tail, and tell the room."""
    text = open_text(event, at=at)
    arguments = [*_head(slug), "dead", "", str(event.seq), tombstone, text]
    return _top(await valkey.run("append.lua", _keys(slug), arguments))


async def look(slug: str) -> Top:
    """Where the log stands now. Begins a new epoch when the old one can not be trusted to go on."""
    return _top(await valkey.run("append.lua", _keys(slug), _head(slug)))


async def read(slug: str, start: int, limit: int = 500) -> Slice:
    """At most `limit` events from seq `start`, or from the oldest that is kept."""
    answer = await valkey.run("slice.lua", [key(slug, "meta"), key(slug, "log")], [start, limit])
    return slice_of(answer, start)


def slice_of(answer: Sequence[Any], start: int) -> Slice:
    epoch, top, first, archived, *texts = answer
    return Slice(epoch.decode(), top, first, archived, max(start, first), tuple(texts))


async def one(slug: str, seq: int) -> bytes | None:
    """The text of one event, or None when it is not in the log."""
    found: Any = await valkey.client().hget(key(slug, "log"), str(seq))
    return None if found is None else bytes(found)


def _latest(raw: Mapping[bytes, bytes]) -> dict[str, Latest]:
    found = {}
    for name, value in raw.items():
        version, _, urgent, text = value.split(b" ", 3)
        found[name.decode()] = Latest(int(version), urgent == b"1", text)
    return found


async def latest(slug: str) -> dict[str, Latest]:
    """The newest value of every LATEST key."""
    found: Any = await valkey.client().hgetall(key(slug, "latest"))
    return _latest(found)


def _ask(pipe: Any, slug: str) -> None:
    """Queue what `_view` reads, for one transaction."""
    keys = _keys(slug)
    _, sha = valkey.script("append.lua")
    pipe.evalsha(sha, len(keys), *keys, *_head(slug))
    pipe.lrange(key(slug, "tail"), 0, -1)
    for part in ("chat", "requests", "latest"):
        pipe.hgetall(key(slug, part))


def _view(answers: Sequence[Any]) -> View:
    top, tail, chat, requests, newest = answers
    return View(
        top=_top(top),
        chat=tuple(chat[seq] for seq in tail if seq in chat),
        requests={number.decode(): int(count) for number, count in requests.items()},
        latest=_latest(newest),
    )


async def view(slug: str) -> View:
    """Top, chat tail, requests and newest values of one moment."""
    await look(slug)  # begins the epoch if needed, and loads the script for the transaction below
    async with valkey.client().pipeline(transaction=True) as pipe:
        _ask(pipe, slug)
        return _view(await pipe.execute())


def view_sync(slug: str) -> View:
    """As `view`, for sync code."""
    valkey.run_sync("append.lua", _keys(slug), _head(slug))
    with valkey.sync_client().pipeline(transaction=True) as pipe:
        _ask(pipe, slug)
        return _view(pipe.execute())


def requests(slug: str) -> dict[str, int]:
    """How often each number was asked for since it was last on air. For sync code."""
    raw = valkey.sync_client().hgetall(key(slug, "requests"))
    return {number.decode(): int(count) for number, count in raw.items()}  # type: ignore[union-attr]
