"""The room of a show that is over, as the archive tells it: how it was at the start, and everything after that.

A snapshot of the start and the events of the *room* lane after it make the room's state of any moment, by the
browser's store. The *talk* lane (chat, purchases) is what happened at a moment: whoever jumps gets the last lines of
chat and how often each number was asked for (`moment`), and goes on from there.

Events are told in the order of the log, by `place`: rank of the epoch, then seq. Deleted chat is not told at all.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

import orjson
from django.db.models import Max, Min, QuerySet
from pydantic import BaseModel

from livestore.base.clock import milliseconds
from livestore.base.errors import NotFound
from streams.models import ArchivedEvent, Show
from streams.room import presence
from streams.room.log import CHAT_TAIL
from streams.shows import selectors
from streams.shows.values import item_states

Lane = Literal["room", "talk"]
LANES: dict[Lane, tuple[str, ...]] = {
    "room": (
        "show.changed",
        "item.pinned",
        "item.unpinned",
        "item.changed",
        "deal.started",
        "deal.ended",
        "caption.said",
    ),
    "talk": ("chat.message", "item.requested", "order.placed", "orders.placed"),
}
MOST = 500
"""Events of one page."""
EPOCH = 10**12
"""Places of one epoch. A browser's numbers hold nine thousand epochs exactly."""


class NoSuchReplay(NotFound):
    code = "no_such_replay"
    message = "There is no replay of this show."


@dataclass(frozen=True, slots=True)
class Page:
    """`next` is the place to ask for next, None when there is nothing more."""

    events: list[dict[str, Any]]
    next: int | None


def page(show: Show, *, lane: Lane, after: int = 0, most: int = MOST) -> Page:
    """At most `most` events of a lane behind a place, oldest first, each with `place` and `at`."""
    epochs = _epochs(show)
    found: list[dict[str, Any]] = []
    for rank in range(after // EPOCH, len(epochs)):
        seq = after % EPOCH if rank == after // EPOCH else 0
        rows = _told(show, LANES[lane]).filter(epoch=epochs[rank], seq__gt=seq).order_by("seq")
        wanted = rows.values_list("seq", "type", "at", "rev", "data")[: most + 1 - len(found)]
        found += [_event(rank * EPOCH + seq, *rest) for seq, *rest in wanted]
        if len(found) > most:
            return Page(found[:most], found[most - 1]["place"])
    return Page(found, None)


@dataclass(frozen=True, slots=True)
class Moment:
    """What was said by then. `place` is where the talk lane goes on."""

    chat: list[dict[str, Any]]
    requests: dict[int, int]
    place: int


def moment(show: Show, at: int) -> Moment:
    """The last lines of chat before a moment (server milliseconds), oldest first, and what was asked for since each
    number was last on air."""
    epochs = _epochs(show)
    when = _time(at)
    last = (
        ArchivedEvent.objects.filter(show=show, type__in=LANES["talk"], at__lte=when)
        .order_by("-at", "-seq")
        .values_list("epoch", "seq")
        .first()
    )
    if last is None:
        return Moment([], {}, 0)
    rank, top = epochs.index(last[0]), last[1]
    chat: list[dict[str, Any]] = []
    for each in range(rank, -1, -1):
        rows = _told(show, ["chat.message"]).filter(epoch=epochs[each]).order_by("-seq")
        if each == rank:
            rows = rows.filter(seq__lte=top)
        for seq, told, data in rows.values_list("seq", "at", "data")[: CHAT_TAIL - len(chat)]:
            chat.append({**data, "at": milliseconds(told), "place": each * EPOCH + seq})
    requests = _requests(show, epochs[rank], top, when)
    return Moment(chat[::-1], requests, rank * EPOCH + top)


def start(show: Show) -> dict[str, Any]:
    """`room.snapshot` of the beginning, before the first archived event.

    The run of show is the first that was told (a show tells it when it goes live). Of a show that told none, it is
    today's, with what was told when a number first was on air.
    """
    room = selectors.room_state(show)
    now: dict[str, Any] = {
        name: [_plain(each) for each in value] if isinstance(value, list) else _plain(value)
        for name, value in room.items()
    }
    rows = _told(show, LANES["room"]).order_by("at", "pk")
    listed = rows.filter(type="item.changed").values_list("data", flat=True).first()
    items: list[dict[str, Any]] = listed["items"] if listed else now["items"]
    if not listed:
        for pinned in rows.filter(type="item.pinned").values_list("data", flat=True).reverse():
            item = pinned["item"]
            items = [
                line if line["number"] != item["number"] else {name: item[name] for name in line}
                for line in items
            ]
    return {
        "show": {
            **now["show"],
            "state": "scheduled",
            "started_at": None,
            "ended_at": None,
            "host_away_since": None,
            "rev": 0,
        },
        "pinned": None,
        "items": list(_untouched(items)),
        "deals": [],
        "chat": [],
        "requests": {},
        "counts": dict(presence.NOBODY),
    }


def _untouched(items: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Lines as nobody has seen them yet; their counters are lower than those of any event."""
    lines = list(items)
    states = item_states(((each["number"], each["left"], False) for each in lines), None)
    for each in lines:
        yield {**each, "shown": False, "state": states[each["number"]], "rev": 0}


def _plain(value: Any) -> Any:
    return value.model_dump(mode="json") if isinstance(value, BaseModel) else value


def _told(show: Show, types: Iterable[str]) -> QuerySet[ArchivedEvent]:
    """Without tombstones; who deletes a line later takes it out of the replay as well."""
    return ArchivedEvent.objects.filter(show=show, type__in=list(types)).exclude(
        type="chat.message", data__deleted=True
    )


def _event(
    place: int, kind: str, at: dt.datetime, rev: int | None, data: dict[str, Any]
) -> dict[str, Any]:
    event = {"type": kind, "at": milliseconds(at), "place": place, "data": data}
    return event if rev is None else {**event, "rev": rev}


def _epochs(show: Show) -> list[str]:
    """In the order of time; mostly one, more when the log was lost during the show."""
    rows = ArchivedEvent.objects.filter(show=show).values("epoch").annotate(first=Min("at"))
    return list(rows.order_by("first", "epoch").values_list("epoch", flat=True))


def _requests(show: Show, epoch: str, top: int, when: dt.datetime) -> dict[int, int]:
    """A log counts anew with its epoch, and a number that goes on air is asked for no more."""
    mine = ArchivedEvent.objects.filter(show=show, epoch=epoch)
    asked = mine.filter(type="item.requested", seq__lte=top).order_by("data__number", "-seq")
    newest = asked.distinct("data__number").values_list("data__number", "seq", "data__total")
    pins = dict(
        mine.filter(type="item.pinned", at__lte=when)
        .values("data__item__number")
        .annotate(last=Max("seq"))
        .values_list("data__item__number", "last")
    )
    return {number: total for number, seq, total in newest if seq > pins.get(number, 0)}


def _time(at: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(at / 1000, tz=dt.UTC)


def as_json(found: Page | Moment) -> dict[str, Any]:
    """Plain values for the API."""
    plain: dict[str, Any] = orjson.loads(orjson.dumps(found, option=orjson.OPT_NON_STR_KEYS))
    return plain
