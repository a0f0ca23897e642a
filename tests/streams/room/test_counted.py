"""What is counted of a room is what its sockets got."""

from __future__ import annotations

from streams.room import figures
from streams.room.encoding import Batch, Frame
from streams.room.protocol import CloseCode, Closing
from streams.room.telling import CHUNK, Laps, for_all
from tests.streams.room.clockwork import Clockwork, Ear, listener


class Counted:
    """What the figures have grown by since this was made."""

    def __init__(self) -> None:
        self._room = figures.deliveries.counts.get(("room",), 0)
        self._own = figures.deliveries.counts.get(("own",), 0)
        self._bytes = figures.written.total()
        self._laps = sum(figures.laps.counts)

    @property
    def room(self) -> float:
        return figures.deliveries.counts.get(("room",), 0) - self._room

    @property
    def own(self) -> float:
        return figures.deliveries.counts.get(("own",), 0) - self._own

    @property
    def bytes(self) -> float:
        return figures.written.total() - self._bytes

    @property
    def laps(self) -> int:
        return sum(figures.laps.counts) - self._laps


def crowd(size: int) -> tuple[Laps, Clockwork, list[Ear]]:
    loop = Clockwork()
    laps, ears = Laps(loop), []
    for _ in range(size):
        ear = Ear(joins=len(ears) % 3 > 0)  # both ways
        connection = listener(ear)
        laps.connections[connection] = None
        laps.welcome(connection, Frame(b"hello"))
        ears.append(ear)
    return laps, loop, ears


def test_so_many_messages_to_so_many_sockets_are_as_many_deliveries() -> None:
    size, messages = 2 * CHUNK + 7, 3
    counted = Counted()
    laps, loop, _ = crowd(size)
    assert (counted.own, counted.room) == (size, 0)
    frames = [Batch("e", [(number, b"{}")]) for number in range(1, messages + 1)]
    for frame in frames:  # the first chunk gets them one by one, the others together
        laps.put(for_all(frame))
    loop.settle()
    assert counted.room == size * messages
    sent = sum(len(frame.wire) for frame in frames) + len(Frame(b"hello").wire)
    assert counted.bytes == size * sent
    assert counted.laps == 1


def test_events_in_one_frame_are_counted_one_by_one() -> None:
    laps, loop, _ = crowd(10)
    counted = Counted()
    laps.put(for_all(Batch("e", [(1, b"{}"), (2, b"{}"), (0, b"{}")])))
    loop.settle()
    assert counted.room == 30


def test_who_came_during_a_lap_is_counted_for_what_it_lacked() -> None:
    laps, loop, _ = crowd(CHUNK + 1)
    counted = Counted()
    laps.put(for_all(Frame(b"1")))
    ear = Ear()
    late = listener(ear)
    laps.connections[late] = None
    laps.welcome(late, Frame(b"hello"))  # it says what was put so far
    laps.put(for_all(Frame(b"2")))
    loop.settle()
    assert counted.room == 2 * (CHUNK + 1) + 1
    assert counted.own == 1


async def test_goodbyes_are_counted_once_by_their_code() -> None:
    from streams.room.outlets import AsgiOutlet

    async def send(_: object) -> None: ...

    before = figures.closed.counts.get(("4408",), 0)
    outlet = AsgiOutlet(send)
    outlet.close(Closing(CloseCode.TOO_SLOW))
    outlet.close(Closing(CloseCode.RESTARTING))
    await outlet.stop()
    assert figures.closed.counts["4408",] == before + 1
