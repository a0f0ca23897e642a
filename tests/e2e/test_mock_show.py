"""The mock show as a visitor sees it: people who talk in sentences, marked as simulated, counted apart."""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import Callable
from typing import Any

from livestore.stack.launch import Demo
from rehearsal.doors import Event, Room, http_session
from rehearsal.host import Pace
from rehearsal.mock_show import MockShow
from rehearsal.viewer import Temper
from tests.e2e.rooms import run, tickets, token_of

LIVELY = Temper(chat=4, react=3, request=12, consider=1, buys=0.5, deal_buys=0.8, carts=0.4)
QUICK = Pace(item=4, line=0.8, deal=5, items_a_round=6)


def test_a_mock_show_talks_sells_and_says_that_it_is_simulated(
    demo: Demo, stocked: Callable[..., dict[str, Any]]
) -> None:
    heard = run(_listen(demo, seconds=60))
    messages = [event["data"] for event in heard if event["type"] == "chat.message"]
    people = [each for each in messages if each["user"]["role"] == "viewer"]
    assert len(people) >= 10
    assert all(each["user"]["simulated"] for each in people)
    plain = [re.sub(r"\W+", " ", each["text"]).lower() for each in messages]
    assert len(plain) == len(set(plain)), "a line came twice"
    kinds = {event["type"] for event in heard}
    assert {"item.pinned", "order.placed", "room.counts"} <= kinds
    orders = [event["data"] for event in heard if event["type"] == "order.placed"]
    assert all(order["simulated"] for order in orders)
    counts = [event["data"] for event in heard if event["type"] == "room.counts"]
    assert max(each["simulated"] for each in counts) >= 6
    assert max(each["people"] for each in counts) <= 3
    assert demo.manage("check_invariants", check=False).returncode == 0


async def _listen(demo: Demo, seconds: float) -> list[Event]:
    """What one guest hears of a quick show, until everything of interest has happened."""
    show = MockShow(
        origin=demo.origin,
        host_token=await asyncio.to_thread(token_of, demo),
        tickets=lambda slug, count: tickets(demo, slug, count),
        viewers=8,
        show="evening-edit",
        seed=random.Random(3).randrange(1000),
        pace=QUICK,
        temper=LIVELY,
    )
    heard: list[Event] = []
    running = asyncio.create_task(show.run())
    async with http_session() as http:
        guest = Room(http, demo.origin, "evening-edit", on_event=heard.append)
        staying = asyncio.create_task(guest.stay())
        try:
            async with asyncio.timeout(seconds):
                while not _enough(heard):
                    await asyncio.sleep(0.2)
        except TimeoutError:
            pass  # the assertions say what is missing
        finally:
            await guest.leave()
            for task in (running, staying):
                task.cancel()
            await asyncio.gather(running, staying, return_exceptions=True)
    return heard


def _enough(heard: list[Event]) -> bool:
    kinds = [event["type"] for event in heard]
    counts = [event["data"]["simulated"] for event in heard if event["type"] == "room.counts"]
    return (
        kinds.count("chat.message") >= 40
        and kinds.count("order.placed") >= 3
        and max(counts, default=0) >= 6
    )
