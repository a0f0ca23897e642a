"""What an order costs each part of the stack."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bench.machine import Usage, look, spent

WEB, POSTGRES, VALKEY, BEHIND = "web", "PostgreSQL", "Valkey", "relay + worker"
NAMES = {"postgres": POSTGRES, "valkey": VALKEY}


def group_of(name: str) -> str:
    """`web`, `PostgreSQL`, `Valkey`, or `relay + worker` for everything else of the stack."""
    return WEB if name.startswith("web-") else NAMES.get(name, BEHIND)


@dataclass(frozen=True)
class Meter:
    """The stack's processes at one moment, by group."""

    groups: Mapping[str, Usage]

    @classmethod
    def read(cls, pids: Mapping[str, int]) -> Meter:
        """`pids` by name, as `Demo.pids()` tells them."""
        groups: dict[str, list[int]] = {each: [] for each in (WEB, POSTGRES, VALKEY, BEHIND)}
        for name, pid in pids.items():
            groups[group_of(name)].append(pid)
        return cls({name: look(found) for name, found in groups.items()})

    def per_order(self, later: Meter, orders: int) -> dict[str, float]:
        """Microseconds of CPU for each order from here to `later`, by group."""
        return {
            name: spent(before, later.groups[name]).cpu / max(1, orders) * 1e6
            for name, before in self.groups.items()
        }
