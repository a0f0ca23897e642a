"""Everything that may never happen, from all apps."""

from __future__ import annotations

from typing import Protocol

from shop import invariants as shop
from streams.room import invariants as room


class Result(Protocol):
    """`count` things are wrong with what `sentence` promises."""

    @property
    def name(self) -> str: ...
    @property
    def sentence(self) -> str: ...
    @property
    def count(self) -> int: ...


def check_all() -> list[Result]:
    """Every invariant with its count, in the order of their numbers."""
    found: list[Result] = [*shop.check(), *room.check()]
    return sorted(found, key=lambda each: int(each.name.lstrip("I")))
