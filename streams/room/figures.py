"""What is counted of the rooms of this process. Everything here is written in the event loop's thread only."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from prometheus_client import Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

from livestore.base.metrics import SECONDS, SIZES, Looked, Spread, Tally

if TYPE_CHECKING:
    from streams.room.encoding import Frame
    from streams.room.protocol import Closing
    from streams.room.rooms import Rooms

MOST_ROOMS = 100
"""Rooms that have figures of their own, the fullest first."""

deliveries = Tally(
    "livestore_deliveries",
    "Events handed to sockets: `room` what everybody gets, `own` first frames, replies and what is personal.",
    ("kind",),
)
written = Tally("livestore_written_bytes", "Bytes handed to sockets, frame headers included.")
closed = Tally("livestore_sockets_closed", "Goodbyes that we said, by close code.", ("code",))
commands = Tally(
    "livestore_commands", "Commands of sockets, by what came of them.", ("type", "outcome")
)
laps = Spread("livestore_lap_seconds", "From a room's first socket to its last one.", SECONDS)
left_out = Tally("livestore_chat_left_out", "Chat messages that a viewer of a busy room missed.")
batches = Spread("livestore_arrivals_batch_size", "People looked up together.", SIZES)
arriving = Spread("livestore_arrivals_seconds", "How long one look-up took.", SECONDS)

Run = tuple[int, list[bytes], list[list["Frame"]]]
"""From this delivery of a chunk on everybody got these bytes, by group: the same as these frames."""


def told(runs: Sequence[Run], given: int) -> None:
    """A chunk of a lap was told. In a sampled room the first group's share counts for all."""
    end = given
    for began, joined, single in reversed(runs):
        count, end = end - began, began
        deliveries.add(count * sum(frame.events for frame in single[0]), "room")
        written.add(count * len(joined[0]))


def own(frame: Frame) -> None:
    """One socket got a frame of its own."""
    deliveries.add(frame.events, "own")
    written.add(len(frame.wire))


def goodbye(closing: Closing) -> None:
    closed.add(1, str(int(closing.code)))


def asked(kind: str, outcome: str) -> None:
    """A command was answered. `kind` is one that exists, or "unknown" or "unreadable"."""
    commands.add(1, kind, outcome)


def looked_up(people: int, seconds: float) -> None:
    batches.observe(people)
    arriving.observe(seconds)


# -- looked at every two seconds -------------------------------------------------------------------


def _look() -> Iterator[Metric]:
    from streams.room.rooms import rooms

    try:
        asyncio.get_running_loop()
    except RuntimeError:  # a process without rooms
        return
    yield from _of(rooms())


def _of(house: Rooms) -> Iterator[Metric]:
    sockets = GaugeMetricFamily("livestore_sockets", "Open sockets.", labels=("who", "way"))
    rooms = GaugeMetricFamily("livestore_rooms", "Open rooms.", value=len(house.hubs))
    largest = GaugeMetricFamily(
        "livestore_held_back_max_bytes", "What the slowest socket has not taken yet."
    )
    viewers = GaugeMetricFamily("livestore_room_sockets", "Sockets in a room.", labels=("room",))
    held = GaugeMetricFamily(
        "livestore_room_held_back_bytes", "What sockets have not taken yet.", labels=("room",)
    )
    tick = GaugeMetricFamily(
        "livestore_room_tick_seconds", "How long chat waits to be told together.", labels=("room",)
    )
    lap = GaugeMetricFamily(
        "livestore_room_lap_seconds",
        "How long telling everybody is thought to take.",
        labels=["room"],
    )
    missed = CounterMetricFamily(
        "livestore_room_left_out", "Chat messages that a viewer missed.", labels=("room",)
    )
    ways: Counter[tuple[str, str]] = Counter(
        {(who, way): 0 for who in ("guest", "known") for way in ("fast", "slow")}
    )
    most = total = 0
    hubs = sorted(house.hubs.values(), key=lambda hub: -len(hub.connections))
    for place, hub in enumerate(hubs):
        guests = fast = fast_guests = unsent = 0
        for connection in hub.connections:
            outlet = connection.outlet
            if connection.person is None:
                guests += 1
                fast_guests += outlet.joins
            fast += outlet.joins
            if size := outlet.unsent():
                unsent += size
                most = max(most, size)
        here = len(hub.connections)
        ways["guest", "fast"] += fast_guests
        ways["guest", "slow"] += guests - fast_guests
        ways["known", "fast"] += fast - fast_guests
        ways["known", "slow"] += here - guests - (fast - fast_guests)
        total += unsent
        if place < MOST_ROOMS:
            viewers.add_metric([hub.slug], here)
            held.add_metric([hub.slug], unsent)
            tick.add_metric([hub.slug], hub.ticks.tick)
            lap.add_metric([hub.slug], hub.laps.cost * here)
            missed.add_metric([hub.slug], hub.left_out)
    for (who, way), count in ways.items():
        sockets.add_metric([who, way], count)
    largest.add_metric([], most)
    sum_ = GaugeMetricFamily("livestore_held_back_bytes", "What sockets have not taken yet.")
    sum_.add_metric([], total)
    yield from (sockets, rooms, sum_, largest, viewers, held, tick, lap, missed)


Looked(_look)
