"""Looked up together, remembered for a moment."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence

import pytest
from django.db import OperationalError

from accounts.models import User
from accounts.tickets.auth import Caller
from accounts.tickets.identify import Credentials, Identity
from livestore.base.errors import LoginRequired
from livestore.thin import callers as module
from livestore.thin.callers import Callers

pytestmark = pytest.mark.asyncio


class Register:
    """Knows everybody by a bearer like "7"; holds its first look-up until it is let go."""

    def __init__(self) -> None:
        self.looks: list[list[str | None]] = []
        self.let_go = threading.Event()
        self.trouble: Exception | None = None

    def __call__(self, shown: Sequence[Credentials]) -> list[Identity]:
        self.looks.append([each.bearer for each in shown])
        assert self.let_go.wait(timeout=10)
        if self.trouble is not None:
            raise self.trouble
        return [self.who(each) for each in shown]

    def who(self, shown: Credentials) -> Identity:
        if shown.bearer is None:
            return None
        return Caller(User(pk=int(shown.bearer))) if shown.bearer.isdigit() else LoginRequired()


async def test_whoever_asks_while_a_lookup_runs_is_in_the_next_one() -> None:
    register = Register()
    callers = Callers(register)
    asking = [asyncio.create_task(callers.ask(Credentials("1")))]
    while not register.looks:
        await asyncio.sleep(0.001)
    asking += [asyncio.create_task(callers.ask(Credentials(each))) for each in ("2", "3", "2", "x")]
    await asyncio.sleep(0)
    register.let_go.set()
    found = await asyncio.gather(*asking)
    assert register.looks == [["1"], ["2", "3", "x"]]
    assert [each.user.pk if isinstance(each, Caller) else None for each in found] == [
        1,
        2,
        3,
        2,
        None,
    ]
    callers.stop()


async def test_only_people_are_remembered_and_for_two_seconds_at_most(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = 100.0
    monkeypatch.setattr(module.time, "monotonic", lambda: now)
    register = Register()
    register.let_go.set()
    callers = Callers(register)
    assert callers.remembered(Credentials("1")) is None
    for each in (Credentials("1"), Credentials("x"), Credentials()):
        await callers.ask(each)
    assert callers.remembered(Credentials("1")) is not None
    assert callers.remembered(Credentials("x")) is None
    assert callers.remembered(Credentials()) is None
    now += 1.5
    assert callers.remembered(Credentials("1")) is not None
    now += 0.6
    assert callers.remembered(Credentials("1")) is None
    callers.stop()


async def test_a_database_that_is_away_is_told_to_all_and_asked_again_later() -> None:
    register = Register()
    register.trouble = OperationalError("away")
    register.let_go.set()
    callers = Callers(register)
    found = await asyncio.gather(
        *(callers.ask(Credentials(each)) for each in "12"), return_exceptions=True
    )
    assert [type(each) for each in found] == [OperationalError, OperationalError]
    register.trouble = None
    assert isinstance(await callers.ask(Credentials("1")), Caller)
    callers.stop()


async def test_somebody_who_gave_up_costs_the_others_nothing() -> None:
    register = Register()
    callers = Callers(register)
    first = asyncio.create_task(callers.ask(Credentials("1")))
    second = asyncio.create_task(callers.ask(Credentials("2")))
    await asyncio.sleep(0)
    first.cancel()
    register.let_go.set()
    assert isinstance(await second, Caller)
    callers.stop()
