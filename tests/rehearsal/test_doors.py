"""What a program's room makes of a busy chat: its list of places has a hole only where something was lost."""

from __future__ import annotations

from typing import Any

from rehearsal.doors import Room


def batch(*seqs: int, **more: int) -> dict[str, Any]:
    said = {"user": {"id": 1, "name": "Mina"}, "text": "hello"}
    events = [{"type": "chat.message", "at": 1, "data": said, "seq": seq} for seq in seqs]
    return {"epoch": "e", "events": events, **more}


def room_after(*frames: dict[str, Any]) -> Room:
    room = Room(http=None, origin="", slug="evening-edit")  # type: ignore[arg-type]
    room.epoch, room.seq, room.received = "e", 10, [("e", -10)]
    for frame in frames:
        room._take(frame)
    return room


def places(room: Room) -> list[int]:
    return [seq for _, seq in room.received]


async def test_what_was_left_out_on_purpose_is_counted_and_listed() -> None:
    room = room_after(batch(11), batch(13, 16, through=18, left_out=5), batch(19))
    assert places(room) == [-10, *range(11, 20)]
    assert (room.seq, room.left_out) == (19, 5)


async def test_a_reader_that_resumes_asks_for_what_comes_after_through() -> None:
    assert room_after(batch(through=30, left_out=20)).seq == 30


async def test_what_was_lost_stays_a_hole() -> None:
    room = room_after(batch(13, 16, through=18, left_out=5), batch(19))
    assert places(room) == [-10, 13, 16, 19]
    assert room.left_out == 0
