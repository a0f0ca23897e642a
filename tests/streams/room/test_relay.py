"""The relay: facts reach rooms and people once and in order, whatever dies in between."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import orjson
import psycopg
import pytest
from django.db import connection, transaction

from livestore import lanes
from livestore import relay as relaying
from livestore.base.outbox import Fact, OutboxRow, record
from livestore.base.threads import in_database
from livestore.health import RELAY_BEAT
from livestore.lanes import Lane
from livestore.relay import Relay
from streams.room import announce, log, valkey
from streams.room.announcements import Job
from tests.streams.room.conftest import Door, Stage
from tests.streams.room.server import relay_process

pytestmark = pytest.mark.usefixtures("house")


STOCK: dict[str, Any] = {"variant": 1, "left": 3, "rev": 1, "deals": {}}


def write(stage: Stage, *numbers: int) -> None:
    """One fact for each number, in one transaction."""
    with transaction.atomic():
        record(
            Fact(
                "streams.event",
                {"type": "item.unpinned", "data": {"number": number}, "rev": number},
                channel=stage.slug,
            )
            for number in numbers
        )


def call_all() -> None:
    """A commit that every lane gets up for: each is called for its own facts only."""
    with transaction.atomic():
        record([Fact("shop.orders_updated", {"orders": []}), Fact("shop.stock_changed", STOCK)])


async def told(stage: Stage) -> list[int]:
    """The numbers in the log, in its order."""
    part = await log.read(stage.slug, 1, 10_000)
    return [orjson.loads(text)["data"]["number"] for text in part.texts]


async def wait_for(condition: Callable[[], Any], seconds: float = 15) -> None:
    """Until an awaitable condition holds; polls, because the event happens in another process."""
    async with asyncio.timeout(seconds):
        while not await condition():
            await asyncio.sleep(0.02)


async def outbox_is_empty() -> bool:
    return not await in_database(OutboxRow.objects.exists)


async def beats() -> bool:
    return bool(await valkey.client().exists(RELAY_BEAT))


@asynccontextmanager
async def running(relay: Relay) -> AsyncIterator[Relay]:
    task = asyncio.create_task(relay.run())
    try:
        yield relay
    finally:
        relay.stop()
        await asyncio.wait_for(task, 15)


async def test_facts_reach_the_room_in_order_and_leave_the_outbox(stage: Stage) -> None:
    async with running(Relay()):
        for start in (0, 20, 40):
            await in_database(write, stage, *range(start, start + 20))
        await wait_for(outbox_is_empty)
    assert await told(stage) == list(range(60))


async def test_a_commit_wakes_the_relay(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lanes, "POLL", 20.0)
    async with running(Relay()):
        await in_database(write, stage, 1)
        await wait_for(outbox_is_empty)  # the first facts come before it listens, or wake it
        began = time.monotonic()
        await in_database(write, stage, 2)
        await wait_for(outbox_is_empty)
        assert time.monotonic() - began < 5
        await in_database(call_all)  # so that the relay stops without its long wait
    assert await told(stage) == [1, 2]


class Dies(Relay):
    """Announces, then breaks off before the rows are deleted; as often as asked."""

    def __init__(self, times: int) -> None:
        super().__init__()
        self.times = times

    def _finish(self, lane: Lane, ids: list[int]) -> None:
        if self.times:
            self.times -= 1
            raise psycopg.OperationalError("the relay broke off here")
        super()._finish(lane, ids)


async def test_what_was_told_before_a_break_is_not_told_again(stage: Stage) -> None:
    await in_database(write, stage, *range(30))
    async with running(Dies(times=3)) as relay:
        await wait_for(outbox_is_empty)
        assert relay.times == 0
    assert await told(stage) == list(range(30))


async def test_without_the_memory_of_facts_a_break_tells_everything_again(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: the same break, and logs that do not remember what they have seen."""
    entry = log._entry

    def forgetful(item: Any) -> list[Any]:
        kind, _, *rest = entry(item)
        return [kind, "", *rest]

    monkeypatch.setattr(log, "_entry", forgetful)
    await in_database(write, stage, *range(30))
    async with running(Dies(times=3)):
        await wait_for(outbox_is_empty)
    assert await told(stage) == list(range(30)) * 4


async def test_two_relays_tell_nothing_twice_and_lose_nothing(stage: Stage) -> None:
    async with running(Relay()), running(Relay()):
        for start in range(0, 200, 10):
            await in_database(write, stage, *range(start, start + 10))
        await wait_for(outbox_is_empty)
    assert sorted(await told(stage)) == list(range(200))


@pytest.fixture
def log_file(tmp_path: Path) -> Iterator[Any]:
    with (tmp_path / "relay.log").open("w+") as opened:
        yield opened


async def test_a_relay_killed_at_work_loses_and_doubles_nothing(
    stage: Stage, log_file: Any
) -> None:
    written = 0
    for _ in range(4):
        process = relay_process(log_file)
        try:
            before = len(await told(stage))
            for _ in range(30):
                await in_database(write, stage, *range(written, written + 20))
                written += 20
            # It is killed once it has begun to tell: in the middle of a batch, as often as not.
            await wait_for(partial(_more_than, stage, before), 60)
        finally:
            process.kill()
            process.wait()
    await valkey.client().delete(RELAY_BEAT)
    process = relay_process(log_file)
    try:
        await wait_for(beats, 60)
        await wait_for(outbox_is_empty, 60)
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(15) == 0
    assert await told(stage) == list(range(written))


async def _more_than(stage: Stage, count: int) -> bool:
    return len(await told(stage)) > count


async def test_one_fact_that_can_not_be_told_does_not_hold_up_the_others(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    def bad() -> None:
        with transaction.atomic():
            record(
                [Fact("streams.event", {"type": "no.such.event", "data": {}}, channel=stage.slug)]
            )

    await in_database(write, stage, 1)
    await in_database(bad)
    await in_database(write, stage, 2)
    async with running(Relay()):
        await wait_for(outbox_is_empty)
    assert await told(stage) == [1, 2]
    assert "can not be told" in caplog.text


@pytest.fixture
def own_backend(stage: Stage) -> int:
    """The database's process for this test's own connection."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


async def test_a_lost_database_connection_is_replaced(stage: Stage, own_backend: int) -> None:
    def cut() -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid NOT IN (pg_backend_pid(), %s)",
                [own_backend],
            )

    async with running(Relay()):
        await in_database(write, stage, 1)
        await wait_for(outbox_is_empty)
        await in_database(cut)
        await in_database(write, stage, 2)
        await wait_for(outbox_is_empty)
    assert await told(stage) == [1, 2]


async def test_the_relay_beats_while_it_works_and_not_after(stage: Stage) -> None:
    async with running(Relay()):
        await wait_for(beats)
    assert not await beats()


async def test_tasks_are_sent_and_people_are_told(
    asgi: Door, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[Job] = []
    monkeypatch.setattr(relaying, "_send", sent.extend)

    def facts() -> None:
        with transaction.atomic():
            muted = {"type": "you.muted", "data": {"show": stage.slug, "muted": True}}
            record(
                [
                    Fact("shop.webhook_due", {}),
                    Fact("streams.direct", muted, channel=stage.slug, person=stage.mina.pk),
                    Fact("accounts.signed_out", {"user": stage.theo.pk}, person=stage.theo.pk),
                ]
            )

    mina, theo = await asgi.enter(stage, stage.mina), await asgi.enter(stage, stage.theo)
    async with running(Relay()):
        await in_database(facts)
        await mina.until("you.muted")
        assert (await theo.closing()).code == 4501
        await wait_for(outbox_is_empty)
    assert [job.task_name for job in sent] == ["shop.gateway.tasks.deliver"]


async def test_the_newest_values_are_filled_again_after_a_new_epoch(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relaying, "WATCH", 0.1)

    async def filled() -> bool:
        return any(name.startswith("item.stock") for name in await log.latest(stage.slug))

    async with running(Relay()):
        await wait_for(filled)
        await valkey.client().flushdb()
        await wait_for(filled)
        assert await filled()


async def test_a_host_command_reaches_every_viewer_by_the_same_event(
    door: Door, stage: Stage
) -> None:
    mina, hana = await door.enter(stage, stage.mina), await door.enter(stage, stage.hana)
    async with running(Relay()):
        assert (await hana.command("item.pin", number=2))["data"] == {"number": 2}
        for visitor in (mina, hana):
            pinned = await visitor.until("item.pinned")
            assert pinned["data"]["item"]["number"] == 2
        assert (await hana.command("show.pause"))["ok"]
        assert (await mina.until("show.changed"))["data"]["show"]["state"] == "paused"
        assert (await hana.command("show.end"))["ok"]
        ended = await mina.until(
            lambda event: (
                event["type"] == "show.changed" and event["data"]["show"]["state"] == "ended"
            )
        )
        assert ended["rev"] > pinned["rev"]
        assert (await mina.command("chat.send", text="Bye"))["error"]["code"] == "show_not_live"
    assert (await announce.publish([])) == {}
