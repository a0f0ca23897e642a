"""The crowd notices every fault in what a server tells. Each fault here is a control of the benchmarks' zeros."""

from __future__ import annotations

import time

from bench.crowd import Crowd
from bench.figures import Figures
from tests.bench.conftest import FakeRoom, logged, needs_cc

pytestmark = needs_cc


def crowd_in(room: FakeRoom, count: int = 4, **more: object) -> Crowd:
    return Crowd(port=room.port, path="/room/", count=count, **more)  # type: ignore[arg-type]


async def after(room: FakeRoom, crowd: Crowd) -> Figures:
    """The figures once everybody has read all that was said so far."""
    crowd.tell("await room.counts 0")
    await room.say({"type": "room.counts", "at": 1, "data": {"people": 1, "simulated": 0}})
    assert await crowd.reached("room.counts", 1, 10)
    return await crowd.stats()


async def test_a_whole_log_is_found_whole(room: FakeRoom) -> None:
    async with crowd_in(room, processes=2) as crowd:
        opened = await crowd.open()
        await room.say(logged(6), logged(7))
        await room.say(logged(8))
        seen = await after(room, crowd)
    assert (opened.ready, opened.failed) == (4, 0)
    assert seen.whole
    assert (seen.log_events, seen.types["chat.message"]) == (12, 12)
    assert (seen.least_seq, seen.most_seq) == (8, 8)


async def test_a_skipped_event_is_lost_on_every_socket(room: FakeRoom) -> None:
    async with crowd_in(room) as crowd:
        await crowd.open()
        await room.say(logged(6), logged(8))
        await room.say(logged(11))
        seen = await after(room, crowd)
    assert (seen.lost, seen.broken) == (12, 4)
    assert not seen.whole


async def test_an_event_that_one_socket_did_not_get_shows_in_its_position(room: FakeRoom) -> None:
    async with crowd_in(room) as crowd:
        await crowd.open()
        await room.say(logged(6))
        for socket in room.sockets[1:]:
            await socket.send_str(room.batch(logged(7)))
        seen = await after(room, crowd)
    assert (seen.least_seq, seen.most_seq) == (6, 7)


async def test_an_event_told_twice_is_noticed(room: FakeRoom) -> None:
    async with crowd_in(room) as crowd:
        await crowd.open()
        await room.say(logged(6), logged(7))
        await room.say(logged(7), logged(8))
        seen = await after(room, crowd)
    assert (seen.doubled, seen.lost) == (4, 0)
    assert not seen.whole


async def test_events_out_of_order_are_noticed(room: FakeRoom) -> None:
    async with crowd_in(room) as crowd:
        await crowd.open()
        await room.say(logged(7), logged(6))
        seen = await after(room, crowd)
    assert seen.disorder == 4


async def test_chat_that_the_server_left_out_is_not_lost(room: FakeRoom) -> None:
    async with crowd_in(room) as crowd:
        await crowd.open()
        await room.say(logged(6), logged(9), through=11, left_out=4)
        await room.say(through=13, left_out=2)
        await room.say(logged(14))
        seen = await after(room, crowd)
    assert (seen.lost, seen.left_out, seen.most_seq) == (0, 24, 14)
    assert seen.whole


async def test_left_out_that_does_not_add_up_is_noticed(room: FakeRoom) -> None:
    async with crowd_in(room) as crowd:
        await crowd.open()
        await room.say(logged(6), logged(9), through=11, left_out=3)
        seen = await after(room, crowd)
    assert seen.lost == 4


async def test_a_snapshot_sets_the_position_anew(room: FakeRoom) -> None:
    async with crowd_in(room) as crowd:
        await crowd.open()
        room.epoch = "e2"
        await room.say(room.snapshot(100), logged(101))
        await room.say(logged(102))
        seen = await after(room, crowd)
    assert (seen.resets, seen.lost, seen.least_seq) == (4, 0, 102)
    assert seen.whole


async def test_another_log_without_a_snapshot_is_noticed(room: FakeRoom) -> None:
    async with crowd_in(room) as crowd:
        await crowd.open()
        room.epoch = "e2"
        await room.say(logged(6))
        seen = await after(room, crowd)
    assert seen.epoch_jumps == 4


async def test_a_frame_of_another_shape_is_noticed(room: FakeRoom) -> None:
    async with crowd_in(room) as crowd:
        await crowd.open()
        for socket in room.sockets:
            await socket.send_str('{"surprise":1}')
        seen = await after(room, crowd)
    assert seen.odd == 4


async def test_latency_is_read_from_the_stamp_in_the_text(room: FakeRoom) -> None:
    async with crowd_in(room) as crowd:
        await crowd.open()
        two_seconds_ago = time.time_ns() - 2_000_000_000
        await room.say(logged(6, text=f'said "once", ns:{two_seconds_ago} and more'))
        seen = await after(room, crowd)
    assert 1_950 <= seen.times("chat.message").ms(0.5) < 12_000


async def test_latency_is_read_from_at_and_from_a_mark(room: FakeRoom) -> None:
    async with crowd_in(room) as crowd:
        await crowd.open()
        event = logged(6, kind="item.pinned")
        event["at"] -= 3_000
        crowd.mark("item.pinned", time.time_ns() - 5_000_000_000)
        await room.say(event)
        seen = await after(room, crowd)
    assert 2_950 <= seen.times("item.pinned").ms(0.5) < 4_900
    assert seen.marked.count == 4
    assert 4_900 <= seen.marked.ms(0.5) < 15_000


async def test_what_a_newcomer_is_told_at_first_is_not_measured(room: FakeRoom) -> None:
    async with crowd_in(room) as crowd:
        await crowd.open()
        seen = await after(room, crowd)
    assert "room.snapshot" not in seen.latency


async def test_a_reset_begins_all_counts_anew_and_keeps_positions(room: FakeRoom) -> None:
    async with crowd_in(room) as crowd:
        await crowd.open()
        await room.say(logged(6), logged(8))
        assert (await after(room, crowd)).lost == 4
        crowd.reset()
        await room.say(logged(9))
        seen = await after(room, crowd)
    assert (seen.lost, seen.broken, seen.types["chat.message"], seen.most_seq) == (0, 0, 4, 9)
