"""The log: numbering, facts taken once, epochs, tombstones, newest values."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import orjson
import pytest_asyncio

from streams.room import log, valkey
from streams.room.announcements import ToRoom
from streams.room.encoding import tombstone
from streams.room.protocol.events import (
    ChatDeleted,
    ChatMessage,
    ItemRequested,
    ItemUnpinned,
    RoomCounts,
    StockChanged,
)
from streams.room.protocol.values import PersonValue

MINA = PersonValue(id=1, name="Mina")
ROOM = "evening-edit"


@pytest_asyncio.fixture(autouse=True)
async def connection() -> AsyncIterator[None]:
    yield
    await valkey.close()


def said(text: str) -> ToRoom:
    return ToRoom(ROOM, ChatMessage(user=MINA, text=text))


def fact(number: int) -> ToRoom:
    return ToRoom(ROOM, ItemUnpinned(number=number), outbox_id=number)


async def numbers() -> list[int]:
    part = await log.read(ROOM, 1)
    return [orjson.loads(text)["data"].get("number") for text in part.texts]


async def test_events_are_numbered_from_one_without_a_hole() -> None:
    top = await log.append(ROOM, [said("a"), said("b")])
    assert (top.fresh, top.seqs) == (True, (1, 2))
    top = await log.append(ROOM, [said("c")])
    assert (top.fresh, top.seqs, top.top) == (False, (3,), 3)
    part = await log.read(ROOM, 1)
    assert [orjson.loads(text)["seq"] for text in part.texts] == [1, 2, 3]
    assert part.epoch == top.epoch


async def test_publishers_that_write_at_once_share_one_order() -> None:
    async def talk(name: str) -> list[int]:
        return [
            (await log.append(ROOM, [said(f"{name} {number}")])).seqs[0] for number in range(40)
        ]

    first, second, third = await asyncio.gather(talk("one"), talk("two"), talk("three"))
    assert sorted(first + second + third) == list(range(1, 121))
    assert all(each == sorted(each) for each in (first, second, third))


async def test_a_fact_that_was_seen_is_not_told_again() -> None:
    await log.append(ROOM, [fact(1), fact(2)])
    again = await log.append(ROOM, [fact(2), fact(1), fact(3)])
    assert again.seqs == (0, 0, 3)
    assert await numbers() == [1, 2, 3]


async def test_without_an_outbox_id_the_same_event_is_told_twice() -> None:
    """The control of the test above: it is the id that protects."""
    bare = ToRoom(ROOM, ItemUnpinned(number=1))
    await log.append(ROOM, [bare])
    await log.append(ROOM, [bare])
    assert await numbers() == [1, 1]


async def test_all_events_of_one_fact_are_taken_together() -> None:
    both = [fact(7), ToRoom(ROOM, ItemUnpinned(number=8), outbox_id=7)]
    assert (await log.append(ROOM, both)).seqs == (1, 2)
    assert (await log.append(ROOM, both)).seqs == (0, 0)


async def test_an_event_about_several_facts_is_left_out_when_all_were_seen() -> None:
    def both(*ids: int) -> ToRoom:
        return ToRoom(ROOM, ItemUnpinned(number=ids[0]), outbox_id=ids)

    assert (await log.append(ROOM, [both(1, 2, 3)])).seqs == (1,)
    assert (await log.append(ROOM, [both(1, 2, 3), fact(2), both(2, 3)])).seqs == (0, 0, 0)
    assert (await log.append(ROOM, [both(3, 4)])).seqs == (2,), "one of them is new"
    assert (await log.append(ROOM, [fact(4)])).seqs == (0,)


async def test_ids_that_commit_late_are_taken_although_higher_ones_were_seen() -> None:
    await log.append(ROOM, [fact(100), fact(102)])
    assert (await log.append(ROOM, [fact(101)])).seqs == (3,)


async def test_a_log_that_is_gone_begins_a_new_epoch_and_takes_facts_again() -> None:
    before = await log.append(ROOM, [fact(1)])
    await valkey.client().flushdb()
    after = await log.append(ROOM, [fact(1)])
    assert after.fresh
    assert after.epoch != before.epoch
    assert after.seqs == (1,)


async def test_another_life_of_the_server_begins_a_new_epoch() -> None:
    before = await log.append(
        ROOM, [said("a"), ToRoom(ROOM, StockChanged(variant=1, left=3), rev=1)]
    )
    # What a restart with an append-only file looks like: the data is there, the run id is another one.
    await valkey.client().hset(log.key(ROOM, "meta"), "run", "0" * 40)
    assert (await log.read(ROOM, 1)).epoch == ""
    after = await log.look(ROOM)
    assert after.fresh
    assert (after.top, after.epoch == before.epoch) == (0, False)
    assert await log.latest(ROOM) == {}


async def test_only_the_log_gone_is_a_new_epoch_too() -> None:
    before = await log.append(ROOM, [said("a")])
    await valkey.client().delete(log.key(ROOM, "log"))
    assert (await log.look(ROOM)).epoch != before.epoch


async def test_a_deleted_message_is_replaced_in_log_and_chat_tail() -> None:
    await log.append(ROOM, [said("secret"), said("hello")])
    text = await log.one(ROOM, 1)
    assert text is not None
    await log.replace(ROOM, ChatDeleted(seq=1, by="host"), tombstone(text), 5)
    view = await log.view(ROOM)
    part = await log.read(ROOM, 1)
    assert b"secret" not in b"".join([*view.chat, *part.texts])
    assert orjson.loads(view.chat[0])["data"]["deleted"]
    assert orjson.loads(view.chat[0])["seq"] == 1
    assert orjson.loads(part.texts[2])["data"] == {"seq": 1, "by": "host"}
    dump = await valkey.client().dump(log.key(ROOM, "log"))
    assert b"secret" not in dump


async def test_the_chat_tail_is_the_last_fifty() -> None:
    await log.append(ROOM, [said(str(number)) for number in range(70)])
    tail = [orjson.loads(text)["data"]["text"] for text in (await log.view(ROOM)).chat]
    assert tail == [str(number) for number in range(20, 70)]


async def test_an_older_value_never_replaces_a_newer_one() -> None:
    def left(count: int, rev: int) -> ToRoom:
        return ToRoom(ROOM, StockChanged(variant=3, left=count), rev=rev)

    await log.append(ROOM, [left(5, 7), left(6, 6), left(4, 7)])
    value = (await log.latest(ROOM))["stock.changed:3"]
    assert orjson.loads(value.text)["data"]["left"] == 4
    await log.append(ROOM, [ToRoom(ROOM, RoomCounts(people=1, simulated=0))])
    assert set(await log.latest(ROOM)) == {"stock.changed:3", "room.counts"}
    assert (await log.look(ROOM)).top == 0, "values have no place in the log"


async def test_nothing_left_is_urgent() -> None:
    await log.append(ROOM, [ToRoom(ROOM, StockChanged(variant=n, left=n), rev=1) for n in (0, 1)])
    await log.append(ROOM, [ToRoom(ROOM, StockChanged(variant=2, left=9, deal_left=0), rev=1)])
    urgent = {name: value.urgent for name, value in (await log.latest(ROOM)).items()}
    assert urgent == {"stock.changed:0": True, "stock.changed:1": False, "stock.changed:2": True}


async def test_requests_are_counted_where_the_log_is() -> None:
    asks = ToRoom(ROOM, ItemRequested(number=7, total=0, user=MINA))
    await asyncio.gather(*(log.append(ROOM, [asks]) for _ in range(10)))
    part = await log.read(ROOM, 1)
    assert [orjson.loads(text)["data"]["total"] for text in part.texts] == list(range(1, 11))
    assert (await log.view(ROOM)).requests == {"7": 10}
    assert log.requests(ROOM) == {"7": 10}


async def test_reactions_are_totals() -> None:
    await log.react(ROOM, {"heart": 3}, 1)
    await log.react(ROOM, {"heart": 2, "wow": 1}, 2)
    value = (await log.latest(ROOM))["room.reactions"]
    assert orjson.loads(value.text)["data"] == {"heart": 5, "clap": 0, "fire": 0, "wow": 1}


async def test_what_people_write_can_not_break_out_of_its_event() -> None:
    nasty = 'x\n"total":0,\x01%1 \\ \u2028 </script> {"seq":99}'
    named = PersonValue(id=1, name='"total":0')
    asks = ToRoom(ROOM, ItemRequested(number=1, total=0, user=named))
    await log.append(ROOM, [said(nasty), asks])
    first, second = (orjson.loads(text) for text in (await log.read(ROOM, 1)).texts)
    assert (first["data"]["text"], first["seq"]) == (nasty, 1)
    assert (second["data"]["total"], second["data"]["user"]["name"]) == (1, '"total":0')
