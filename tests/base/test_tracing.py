"""Request ids: taken when they are good, made when they are not, and not carried where they do not belong."""

from __future__ import annotations

import asyncio

import pytest

from livestore.base.threads import in_database
from livestore.base.tracing import (
    NOTHING,
    Trace,
    accepted,
    bound,
    current,
    joined,
    request_id,
    task_for_all,
    unbound,
)


@pytest.mark.parametrize("good", [b"abc", "A-1._z", "x" * 64])
def test_a_good_id_is_kept(good: bytes | str) -> None:
    assert accepted(good) == (good.decode() if isinstance(good, bytes) else good)


@pytest.mark.parametrize(
    "bad", [None, b"", "x" * 65, "two words", "a\nb", "ä", "<b>", 'a"b', "a\n"]
)
def test_anything_else_gets_a_new_one(bad: bytes | str | None) -> None:
    made = {accepted(bad) for _ in range(3)}
    assert len(made) == 3
    assert all(len(each) == 16 and each.isalnum() for each in made)


def test_many_requests_have_one_short_name() -> None:
    assert joined(["a", "", "b", "a"]) == "a,b"
    assert joined(map(str, range(100))) == "0,1,2,3,4"
    assert joined([]) == ""


async def test_what_serves_everybody_does_not_carry_the_id_of_whoever_came_first() -> None:
    async def who() -> Trace:
        return current()

    with bound(Trace("mine", "evening-edit", 7)):
        assert await asyncio.create_task(who()) == Trace("mine", "evening-edit", 7)
        assert await task_for_all(who()) == NOTHING
        assert unbound(current) == NOTHING
        heard: asyncio.Future[Trace] = asyncio.get_running_loop().create_future()
        unbound(asyncio.get_running_loop().call_soon, lambda: heard.set_result(current()))
        assert await heard == NOTHING
    assert current() == NOTHING


@pytest.mark.django_db(transaction=True)
async def test_work_in_a_database_thread_is_still_somebodys() -> None:
    with bound(Trace("mine")):
        assert await in_database(request_id) == "mine"
    assert await in_database(request_id) == ""
