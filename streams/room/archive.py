"""The log for good: copied into PostgreSQL in batches, then trimmed in Valkey.

What is deleted in the chat is deleted here too: a chat.deleted that is copied buries its message, so a
message that was read just before it was deleted does not survive its deletion.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

import orjson
from django.db import transaction
from django.db.models import F, Func, Value
from django.db.models.fields.json import JSONField

from livestore.base.clock import milliseconds
from streams.models import ArchivedEvent, Show
from streams.room import log, valkey
from streams.room.log import KEPT_EVENTS, ROOMS, Slice, key

BATCH = 500
LINGER = 24 * 3600
"""Seconds that Valkey keeps the log of an ended show after its last event is archived."""
EARLIER = 2**52
"""A chat message of an earlier epoch is told with the seq `row id - EARLIER`: below every seq of the log,
in order, the same in every snapshot, and exact in a browser's numbers. It can be deleted by it as well."""


def waiting_rooms() -> list[str]:
    """Slugs of rooms whose logs have something new."""
    return sorted(slug.decode() for slug in valkey.sync_client().smembers(ROOMS))  # type: ignore[union-attr]


def archive_room(slug: str, *, keep: int = KEPT_EVENTS) -> int:
    """Copy what is new, then forget what is old. Returns how many events were copied.

    Safe to run twice at once and to be killed anywhere: a position is archived once, and the log is
    trimmed only up to what is archived.
    """
    client = valkey.sync_client()
    client.srem(ROOMS, slug)  # first: an event from now on puts it back
    show = Show.objects.filter(slug=slug).first()
    if show is None:
        return 0
    copied = rescue(show)
    while True:
        part = _next(slug)
        if not part.epoch:
            break
        if part.texts:
            _keep(show, part.epoch, part.texts)
            copied += len(part.texts)
        done = part.start + len(part.texts) - 1
        trimmed = valkey.run_sync(
            "trim.lua", [key(slug, "meta"), key(slug, "log")], [part.epoch, done, keep]
        )
        if trimmed == -1 or done >= part.top:
            break
    if show.state == Show.State.ENDED:
        _let_go(slug)
    return copied


def rescue(show: Show) -> int:
    """Archive what a log held when its epoch ended (append.lua lays it aside). Returns how many were new.

    Safe to run twice at once: a position is archived once, and a log is dropped only after that.
    """
    client = valkey.sync_client()
    lost, copied = key(show.slug, "lost"), 0
    names: list[bytes] = client.lrange(lost, 0, -1)  # type: ignore[assignment]
    for epoch in (name.decode() for name in names):
        aside = f"{key(show.slug, 'log')}:{epoch}"
        held: dict[bytes, bytes] = client.hgetall(aside)  # type: ignore[assignment]
        seqs = sorted(map(int, held))
        known = set(
            ArchivedEvent.objects.filter(show=show, epoch=epoch).values_list("seq", flat=True)
        )
        new = [seq for seq in seqs if seq not in known]
        for at in range(0, len(new), BATCH):
            texts = [held[b"%d" % seq] for seq in new[at : at + BATCH]]
            _keep(show, epoch, texts)
        copied += len(new)
        client.delete(aside)
        client.lrem(lost, 0, epoch)
    return copied


def _next(slug: str) -> Slice:
    keys = [key(slug, "meta"), key(slug, "log")]
    archived = int(valkey.sync_client().hget(keys[0], "archived") or 0)
    start = archived + 1
    return log.slice_of(valkey.run_sync("slice.lua", keys, [start, BATCH]), start)


def _keep(show: Show, epoch: str, texts: Iterable[bytes]) -> None:
    events = [orjson.loads(text) for text in texts]
    rows = [
        ArchivedEvent(
            show=show,
            epoch=epoch,
            seq=event["seq"],
            type=event["type"],
            at=dt.datetime.fromtimestamp(event["at"] / 1000, tz=dt.UTC),
            rev=event.get("rev"),
            data=event["data"],
        )
        for event in events
    ]
    with transaction.atomic():
        ArchivedEvent.objects.bulk_create(rows, ignore_conflicts=True)
        dead = [event["data"]["seq"] for event in events if event["type"] == "chat.deleted"]
        if dead:
            bury(show.slug, epoch, dead)


def bury(slug: str, epoch: str, seqs: Iterable[int]) -> int:
    """Turn archived chat messages into tombstones: who and when stay, the text is gone."""
    gone = Value({"text": "", "number": None, "deleted": True}, output_field=JSONField())
    joined = Func(F("data"), gone, arg_joiner=" || ", template="%(expressions)s")
    return ArchivedEvent.objects.filter(
        show__slug=slug, epoch=epoch, seq__in=list(seqs), type="chat.message"
    ).update(data=joined)


def earlier_chat(slug: str, epoch: str, count: int) -> list[dict[str, Any]]:
    """The last `count` chat messages from before this epoch, oldest first, each with `seq` and `at`."""
    if count <= 0:
        return []
    if valkey.sync_client().exists(key(slug, "lost")):
        show = Show.objects.filter(slug=slug).first()
        if show is not None:
            rescue(show)
    rows = (
        ArchivedEvent.objects.filter(show__slug=slug, type="chat.message")
        .exclude(epoch=epoch)
        .order_by("-id")
        .values_list("id", "at", "data")[:count]
    )
    told = [{**data, "seq": pk - EARLIER, "at": milliseconds(at)} for pk, at, data in rows]
    return told[::-1]


def earlier_message(slug: str, epoch: str, seq: int) -> ArchivedEvent | None:
    """The archived message that `earlier_chat` tells with this seq during this epoch."""
    found = ArchivedEvent.objects.filter(show__slug=slug, type="chat.message", pk=seq + EARLIER)
    return found.exclude(epoch=epoch).first()


def _let_go(slug: str) -> None:
    """An ended show leaves Valkey after a day; everything is in the archive."""
    client = valkey.sync_client()
    for part in ("meta", "log", "seen", "latest", "chat", "tail", "requests", "reactions", "lost"):
        client.expire(key(slug, part), LINGER)
