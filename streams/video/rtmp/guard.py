"""Who may come in: so many at once, so many of one address, and nobody who guesses keys."""

from __future__ import annotations

import ipaddress
import time
from collections import Counter, deque
from collections.abc import Callable

MOST = 100
MOST_OF_ONE = 20
"""Connections of one address. A studio has a few senders behind one."""
MOST_WRONG = 5
WRONG_WITHIN = 60.0
"""Seconds: after five wrong keys within a minute no key of that address is looked at until the first is that old."""
REMEMBERED = 4096
"""Addresses with wrong keys; the longest silent one is forgotten first."""


def place(address: str) -> str:
    """One customer of a network: an IPv4 address, or the 64 bits that an IPv6 customer has to itself."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv4Address):
        return address
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((parsed, 64), strict=False))


class Guard:
    """For one process."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._inside: Counter[str] = Counter()
        self._wrong: dict[str, deque[float]] = {}

    def enter(self, address: str) -> bool:
        """Whether there is room for one more; who came in has to `leave`."""
        if self._inside.total() >= MOST or self._inside[place(address)] >= MOST_OF_ONE:
            return False
        self._inside[place(address)] += 1
        return True

    def leave(self, address: str) -> None:
        self._inside[place(address)] -= 1
        self._inside += Counter()  # leaves out who has none left

    def wrong(self, address: str) -> None:
        """A wrong key came from there."""
        times = self._wrong.pop(place(address), deque(maxlen=MOST_WRONG))
        times.append(self._clock())
        self._wrong[place(address)] = times
        if len(self._wrong) > REMEMBERED:
            del self._wrong[next(iter(self._wrong))]

    def is_guessing(self, address: str) -> bool:
        times = self._wrong.get(place(address))
        if times is None or len(times) < MOST_WRONG:
            return False
        return self._clock() - times[0] < WRONG_WITHIN
