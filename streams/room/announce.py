"""Telling rooms and people. Facts come through the relay; chat and reactions come here directly."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import orjson
from channels.layers import get_channel_layer

from streams.room import log
from streams.room.announcements import Kick, ToPerson, ToRoom
from streams.room.encoding import text_of
from streams.room.log import Top

PEOPLE = "people"
"""The group of the Channels layer that every web process listens to, once."""
MOST_IN_ONE_MESSAGE = 200


async def publish(items: Iterable[ToRoom]) -> dict[str, Top]:
    """Append events to their rooms' logs, one call for each room, in the order given.

    Answers where each log stands, with the seq of each of its events. Raises `valkey.Trouble`.
    """
    rooms: dict[str, list[ToRoom]] = {}
    for item in items:
        rooms.setdefault(item.slug, []).append(item)
    return {slug: await log.append(slug, events) for slug, events in rooms.items()}


async def publish_direct(items: Sequence[ToPerson | Kick]) -> None:
    """Send events to people, and close sockets, in whichever process those are. Raises `valkey.Trouble`.

    At most once: whoever misses it gets a fresh `me.snapshot` with the next connection or epoch.
    """
    layer = get_channel_layer()
    assert layer is not None
    for start in range(0, len(items), MOST_IN_ONE_MESSAGE):
        told = []
        for item in items[start : start + MOST_IN_ONE_MESSAGE]:
            if isinstance(item, Kick):
                told.append(["kick", item.user, int(item.code), item.slug or ""])
            else:
                text = text_of(item.event, at=item.at, rev=item.rev)
                told.append(["tell", item.user, text, item.event.type])
        await layer.group_send(PEOPLE, {"type": "people.told", "items": told})


def data_of(text: bytes) -> dict[str, object]:
    """The `data` of a stored event, with its seq and time: how chat is told in a snapshot."""
    event = orjson.loads(text)
    return {**event["data"], "seq": event["seq"], "at": event["at"]}
