"""The archive: everything, once, without what was deleted; and the log is never trimmed past it."""

from __future__ import annotations

import asyncio
import datetime as dt

import orjson
import pytest

from livestore.base.threads import in_database
from streams.chat import talking
from streams.chat.errors import NoSuchMessage
from streams.models import ArchivedEvent, Show
from streams.room import archive, invariants, log, tasks, valkey
from streams.room.announcements import ToRoom
from streams.room.encoding import tombstone
from streams.room.protocol.events import ChatDeleted, ChatMessage
from streams.room.protocol.values import PersonValue
from tests.streams.room.conftest import Stage

MINA = PersonValue(id=1, name="Mina")
pytestmark = pytest.mark.usefixtures("house")


async def publish(stage: Stage, *texts: str) -> log.Top:
    return await log.append(
        stage.slug,
        [
            ToRoom(stage.slug, ChatMessage(user=MINA, text=text), at=1_700_000_000_123)
            for text in texts
        ],
    )


def archived() -> list[ArchivedEvent]:
    return list(ArchivedEvent.objects.order_by("seq"))


def i6() -> int:
    return sum(result.count for result in invariants.check())


async def test_everything_is_copied_once_and_old_events_are_forgotten(stage: Stage) -> None:
    top = await publish(stage, *map(str, range(1200)))
    assert await in_database(archive.archive_room, stage.slug, keep=100) == 1200
    assert await in_database(archive.archive_room, stage.slug, keep=100) == 0
    rows = await in_database(archived)
    assert [row.seq for row in rows] == list(range(1, 1201))
    assert rows[7].data["text"] == "7"
    assert rows[7].at == dt.datetime.fromtimestamp(1_700_000_000.123, tz=dt.UTC)
    part = await log.read(stage.slug, 1)
    assert (part.epoch, part.first, len(part.texts)) == (top.epoch, 1101, 100)
    assert await in_database(i6) == 0


async def test_two_workers_at_once_copy_nothing_twice(stage: Stage) -> None:
    await publish(stage, *map(str, range(600)))
    await asyncio.gather(*(in_database(archive.archive_room, stage.slug) for _ in range(4)))
    assert [row.seq for row in await in_database(archived)] == list(range(1, 601))


async def test_what_is_not_archived_is_never_trimmed(stage: Stage) -> None:
    top = await publish(stage, *map(str, range(50)))
    keys = [log.key(stage.slug, "meta"), log.key(stage.slug, "log")]
    assert await in_database(valkey.run_sync, "trim.lua", keys, [top.epoch, 20, 0]) == 20
    assert (await log.read(stage.slug, 1)).first == 21
    assert await in_database(valkey.run_sync, "trim.lua", keys, ["another", 50, 0]) == -1


async def test_a_new_epoch_is_archived_beside_the_old_one(stage: Stage) -> None:
    await publish(stage, "one", "two")
    await in_database(tasks.archive)
    await valkey.client().flushdb()
    await publish(stage, "three")
    await in_database(tasks.archive)
    rows = await in_database(
        lambda: list(ArchivedEvent.objects.order_by("id").values_list("seq", flat=True))
    )
    assert rows == [1, 2, 1]
    assert await in_database(i6) == 0


async def test_a_message_deleted_after_it_was_archived_is_gone_there_too(stage: Stage) -> None:
    top = await publish(stage, "secret", "hello")
    await in_database(archive.archive_room, stage.slug, keep=1)
    await talking.take_back(slug=stage.slug, by=stage.omar.pk, epoch=top.epoch, seq=1)
    await talking.take_back(slug=stage.slug, by=stage.omar.pk, epoch=top.epoch, seq=1)
    await in_database(archive.archive_room, stage.slug)
    rows = await in_database(archived)
    assert [row.type for row in rows] == ["chat.message", "chat.message", "chat.deleted"]
    assert rows[0].data == {"user": MINA.model_dump(), "text": "", "number": None, "deleted": True}
    assert rows[1].data["text"] == "hello"
    with pytest.raises(NoSuchMessage):
        await talking.take_back(slug=stage.slug, by=stage.omar.pk, epoch="another", seq=1)


async def test_a_message_read_just_before_its_deletion_does_not_survive_it(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    top = await publish(stage, "secret")
    read = archive._next(stage.slug)
    text = await log.one(stage.slug, 1)
    assert text is not None
    await log.replace(stage.slug, ChatDeleted(seq=1, by="host"), tombstone(text), 5)
    assert await in_database(archive.bury, stage.slug, top.epoch, [1]) == 0, "not archived yet"
    await in_database(archive._keep, stage.show, read.epoch, read.texts)
    assert "secret" in str((await in_database(archived))[0].data), "the old text was on its way"
    await in_database(archive.archive_room, stage.slug)
    assert "secret" not in str([row.data for row in await in_database(archived)])


async def test_an_ended_show_leaves_valkey_after_a_day(stage: Stage) -> None:
    await publish(stage, "good night")
    await in_database(Show.objects.filter(pk=stage.show.pk).update, state="ended")
    assert await in_database(tasks.archive) == 1
    left = await valkey.client().ttl(log.key(stage.slug, "log"))
    assert 0 < left <= archive.LINGER
    assert await in_database(archive.waiting_rooms) == []


async def test_i6_sees_a_hole_in_the_log_and_in_the_archive(stage: Stage) -> None:
    await publish(stage, "one", "two", "three")
    assert await in_database(i6) == 0
    text = await log.one(stage.slug, 2)
    await valkey.client().hdel(log.key(stage.slug, "log"), "2")
    assert await in_database(i6) == 1
    await valkey.client().hset(log.key(stage.slug, "log"), "2", text)
    await in_database(archive.archive_room, stage.slug)
    assert await in_database(i6) == 0
    await in_database(ArchivedEvent.objects.filter(seq=2).delete)
    assert await in_database(i6) == 1
    assert orjson.loads(text or b"")["seq"] == 2
