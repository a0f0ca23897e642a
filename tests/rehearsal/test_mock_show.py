"""A mock show goes on when the platform is away for a moment, and stops when it is told no for good."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import pytest

from rehearsal import mock_show
from rehearsal.doors import Refused
from rehearsal.mock_show import MockShow


class Enough(Exception):
    """The test has seen what it wanted."""


def show_that_ends_with(monkeypatch: pytest.MonkeyPatch, *problems: Exception) -> MockShow:
    monkeypatch.setattr(mock_show, "AGAIN_AFTER", 0)
    waiting = list(problems)

    async def one(self: MockShow, http: Any) -> None:
        raise waiting.pop(0)

    monkeypatch.setattr(MockShow, "_one_show", one)
    return MockShow(origin="", host_token="", tickets=lambda slug, count: [])


async def test_a_platform_that_is_busy_or_away_is_asked_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    busy = Refused({"code": "busy", "retry": True})
    show = show_that_ends_with(monkeypatch, busy, aiohttp.ClientError(), OSError(), Enough())
    with pytest.raises(Enough):
        await asyncio.wait_for(show.run(), 10)


async def test_a_refusal_for_good_ends_the_show(monkeypatch: pytest.MonkeyPatch) -> None:
    show = show_that_ends_with(monkeypatch, Refused({"code": "not_allowed"}), Enough())
    with pytest.raises(Refused, match="not_allowed"):
        await asyncio.wait_for(show.run(), 10)
