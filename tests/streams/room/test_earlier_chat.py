"""Valkey's log is gone: what people said before is told from the archive, and can still be deleted."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from livestore.base.threads import in_database
from streams.models import ArchivedEvent
from streams.room import log, snapshot, tasks, valkey
from streams.room.announcements import ToRoom
from streams.room.protocol.events import ChatDeleted, ChatMessage
from streams.room.protocol.values import PersonValue
from tests.streams.room.conftest import Door, Stage

MINA = PersonValue(id=1, name="Mina")
pytestmark = pytest.mark.usefixtures("house")


async def publish(stage: Stage, *texts: str) -> None:
    said = [ToRoom(stage.slug, ChatMessage(user=MINA, text=t), at=1_700_000_000_123) for t in texts]
    await log.append(stage.slug, said)


async def lose_the_log() -> None:
    """Everything is archived, then Valkey forgets."""
    await in_database(tasks.archive)
    await valkey.client().flushdb()


async def chat(stage: Stage) -> list[dict[str, Any]]:
    _, data = await snapshot.state(stage.slug)
    told: list[dict[str, Any]] = data["chat"]
    return told


async def test_a_young_log_begins_with_the_chat_of_before(stage: Stage) -> None:
    await publish(stage, *map(str, range(60)))
    await lose_the_log()
    told = await chat(stage)
    assert [each["text"] for each in told] == [str(n) for n in range(10, 60)]
    assert told[0]["at"] == 1_700_000_000_123
    assert told[0]["user"] == MINA.model_dump()
    seqs = [each["seq"] for each in told]
    assert seqs == sorted(set(seqs))
    assert seqs[-1] < 0, "below every seq of the log"

    await publish(stage, "after")
    later = await chat(stage)
    assert [each["text"] for each in later] == [*(str(n) for n in range(11, 60)), "after"]
    assert (later[-2]["seq"], later[-1]["seq"]) == (seqs[-1], 1), "the same seq in every snapshot"


async def test_a_log_with_enough_chat_of_its_own_tells_nothing_else(stage: Stage) -> None:
    await publish(stage, "before")
    await lose_the_log()
    await publish(stage, *map(str, range(50)))
    assert [each["text"] for each in await chat(stage)] == [str(n) for n in range(50)]


async def test_what_is_archived_in_this_epoch_is_not_told_twice(stage: Stage) -> None:
    await publish(stage, "one", "two")
    await in_database(tasks.archive)
    assert [each["text"] for each in await chat(stage)] == ["one", "two"]


async def test_chat_of_before_two_losses_is_told_in_its_order(stage: Stage) -> None:
    for text in ("first", "second", "third"):
        await publish(stage, text)
        await lose_the_log()
    assert [each["text"] for each in await chat(stage)] == ["first", "second", "third"]


async def test_a_message_of_before_can_be_deleted_for_good(asgi: Door, stage: Stage) -> None:
    await publish(stage, "secret", "hello")
    await lose_the_log()
    omar, mina = await asgi.enter(stage, stage.omar), await asgi.enter(stage, stage.mina)
    [wanted, other] = mina.events[0]["data"]["chat"]
    assert (wanted["text"], other["text"]) == ("secret", "hello")

    assert (await mina.command("chat.delete", seq=wanted["seq"]))["error"]["code"] == "not_allowed"
    assert (await omar.command("chat.delete", seq=wanted["seq"]))["ok"]
    told = await mina.until("chat.deleted")
    assert told["data"] == {"seq": wanted["seq"], "by": "moderator"}
    assert (await omar.command("chat.delete", seq=wanted["seq"]))["ok"], "a second time is no error"

    newcomer = await asgi.enter(stage)
    [gone, kept] = newcomer.events[0]["data"]["chat"]
    assert (gone["seq"], gone["text"], gone["deleted"]) == (wanted["seq"], "", True)
    assert kept["text"] == "hello"
    rows = await in_database(lambda: list(ArchivedEvent.objects.values_list("data", flat=True)))
    assert "secret" not in str(rows)


async def test_nothing_but_chat_of_this_show_and_of_before_is_deleted_so(
    asgi: Door, stage: Stage
) -> None:
    await publish(stage, "of today")
    await in_database(tasks.archive)
    [row] = await in_database(lambda: list(ArchivedEvent.objects.filter(type="chat.message")))
    omar = await asgi.enter(stage, stage.omar)
    from streams.room.archive import EARLIER

    for seq in (row.pk - EARLIER, -1, 0):
        assert (await omar.command("chat.delete", seq=seq))["error"]["code"] == "no_such_message"
    assert [each["text"] for each in await chat(stage)] == ["of today"]


async def another_life(stage: Stage) -> None:
    """Valkey was killed and has read its file again: the log is there, its last second may not be."""
    await valkey.client().hset(log.key(stage.slug, "meta"), "run", "another")  # type: ignore[misc]


async def test_what_was_said_just_before_a_crash_is_told_and_archived(stage: Stage) -> None:
    await publish(stage, "old")
    await in_database(tasks.archive)
    await publish(stage, "just before")
    await another_life(stage)
    await publish(stage, "after")
    assert [each["text"] for each in await chat(stage)] == ["old", "just before", "after"]

    await in_database(tasks.archive)
    rows = await in_database(lambda: list(ArchivedEvent.objects.order_by("id")))
    assert [(row.seq, row.data["text"]) for row in rows] == [
        (1, "old"),
        (2, "just before"),
        (1, "after"),
    ]
    assert not await valkey.client().keys("room:*:lost")
    assert len(await valkey.client().keys("room:*:log*")) == 1


async def test_a_message_deleted_just_before_a_crash_stays_deleted(stage: Stage) -> None:
    await publish(stage, "secret")
    await in_database(tasks.archive)
    deleted = ChatDeleted(seq=1, by="host")
    await log.append(stage.slug, [ToRoom(stage.slug, deleted, at=1_700_000_000_200)])
    await another_life(stage)
    await publish(stage, "after")
    [gone, after] = await chat(stage)
    assert (gone["text"], gone["deleted"], after["text"]) == ("", True, "after")


async def test_two_archivers_rescue_a_log_once(stage: Stage) -> None:
    await publish(stage, *map(str, range(700)))
    await another_life(stage)
    await publish(stage, "after")
    await asyncio.gather(*(in_database(tasks.archive) for _ in range(4)))
    rows = await in_database(lambda: ArchivedEvent.objects.count())
    assert rows == 701
