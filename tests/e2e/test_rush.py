"""120 buyers want 50 units at the same moment, half over the socket, half over HTTP."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable
from typing import Any

from livestore.stack.launch import Demo
from rehearsal.doors import Api, Room, http_session
from tests.e2e.rooms import host_api, in_room, live_show, outcome_codes, run, tickets

BUYERS, UNITS = 120, 50


def test_a_rush_sells_every_unit_once_and_tells_everybody_else_plainly(
    demo: Demo, stocked: Callable[..., dict[str, Any]]
) -> None:
    product = stocked("rush-bonnet", stock=UNITS)
    outcomes, left = run(_rush(demo, product))
    assert outcome_codes(outcomes) == {"ok": UNITS, "sold_out": BUYERS - UNITS}
    refusals = [each for each in outcomes if not isinstance(each, dict)]
    assert all(refusal.message.endswith(".") and not refusal.retry for refusal in refusals)
    assert len({order["order"] for order in outcomes if isinstance(order, dict)}) == UNITS
    assert left == 0
    report = demo.manage("check_invariants", check=False)
    assert report.returncode == 0, report.stdout


async def _rush(demo: Demo, product: dict[str, Any]) -> tuple[list[Any], int]:
    variant = product["variants"][0]
    async with host_api(demo) as api, http_session() as http:
        slug = await live_show(api, product["id"])
        tokens = await asyncio.to_thread(tickets, demo, slug, BUYERS)
        rooms = [Room(http, demo.origin, slug, token) for token in tokens[: BUYERS // 2]]
        doors = [Api(http, demo.origin, f"ticket.{token}") for token in tokens[BUYERS // 2 :]]
        staying = [asyncio.create_task(room.stay()) for room in rooms]
        await asyncio.wait_for(asyncio.gather(*(room.ready.wait() for room in rooms)), 60)
        line = {"variant": variant["id"], "quantity": 1, "seen_price": variant["price"]["minor"]}
        outcomes = await asyncio.gather(
            *(room.keyed("buy", line) for room in rooms),
            *(
                door.call("POST", "/orders", {"lines": [line]}, key=str(uuid.uuid4()))
                for door in doors
            ),
            return_exceptions=True,
        )
        watcher = Room(http, demo.origin, slug)
        async with in_room(watcher):
            await api.call(
                "POST", f"/shows/{slug}/commands", {"type": "item.pin", "data": {"number": 1}}
            )
            async with asyncio.timeout(10):
                while watcher.pinned is None:
                    await asyncio.sleep(0.05)
            left = watcher.pinned["variants"][0]["left"]
        for room in rooms:
            await room.leave()
        for task in staying:
            task.cancel()
        await asyncio.gather(*staying, return_exceptions=True)
    return list(outcomes), int(left)
