"""What people say in a room: messages, requests for a number, and messages taken back. No database on the way."""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal

import orjson

from livestore.base.errors import Invalid, TooFast
from livestore.base.threads import in_database
from streams.chat import services
from streams.chat.cleaning import clean
from streams.chat.errors import Muted, NoSuchMessage
from streams.chat.numbers import asked_number
from streams.room import archive, limits, log
from streams.room.announcements import ToRoom
from streams.room.encoding import now_ms, tombstone
from streams.room.person import Person
from streams.room.protocol.events import ChatDeleted, ChatMessage, ItemRequested
from streams.shows.errors import NoSuchItem


async def say(*, slug: str, person: Person, text: str, numbers: Collection[int]) -> int:
    """Put a message into the room, and a request when it asks for one of `numbers`. Answers its seq.

    Raises Muted, TooFast, Invalid, `valkey.Trouble`.
    """
    _may_write(slug, person)
    line = clean(text)
    if not line:
        raise Invalid(fields={"text": "Please write something."})
    asked = asked_number(line)
    number = asked if asked in numbers else None
    items = [ToRoom(slug, ChatMessage(user=person.value, text=line, number=number), at=now_ms())]
    if number is not None and not limits.requests.take((slug, person.id, number)):
        items.append(_request(slug, person, number))
    return (await log.append(slug, items)).seqs[0]


async def ask_for(*, slug: str, person: Person, number: int, numbers: Collection[int]) -> None:
    """Ask for a number of the run of show. Raises Muted, TooFast, NoSuchItem, `valkey.Trouble`."""
    if number not in numbers:
        raise NoSuchItem(f"Number {number} is not in the run of show.")
    _may_write(slug, person)
    wait = limits.requests.take((slug, person.id, number))
    if wait:
        raise TooFast("You have asked for this one already.", retry_after_ms=wait)
    await log.append(slug, [_request(slug, person, number)])


def _may_write(slug: str, person: Person) -> None:
    if person.muted:
        raise Muted
    wait = limits.chat.take((slug, person.id))
    if wait:
        raise TooFast(retry_after_ms=wait)


def _request(slug: str, person: Person, number: int) -> ToRoom:
    return ToRoom(slug, ItemRequested(number=number, total=0, user=person.value), at=now_ms())


async def take_back(*, slug: str, by: int, epoch: str, seq: int) -> None:
    """A moderator deletes a message: its text is gone from the log, the chat tail and the archive.

    Raises NotAllowed, NoSuchMessage, `valkey.Trouble`.
    """
    _, _, role = await in_database(services.tender_of, show_slug=slug, by=by)
    who: Literal["host", "moderator"] = "host" if role == "host" else "moderator"
    if seq < 0:  # from before this epoch: only the archive has it
        if await in_database(services.bury_earlier, show_slug=slug, epoch=epoch, seq=seq):
            await log.replace(slug, ChatDeleted(seq=seq, by=who), b"", now_ms())
        return
    text = await log.one(slug, seq)
    if text is None:  # old enough to be in the archive only
        deleted = await in_database(services.archived_message, show_slug=slug, epoch=epoch, seq=seq)
    else:
        message = orjson.loads(text)
        if message["type"] != "chat.message":
            raise NoSuchMessage
        deleted = message["data"]["deleted"]
    if deleted:
        return
    event = ChatDeleted(seq=seq, by=who)
    await log.replace(slug, event, tombstone(text) if text else b"", now_ms())
    await in_database(archive.bury, slug, epoch, [seq])
