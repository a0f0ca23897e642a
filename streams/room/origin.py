"""Which pages may open a room. A page is known by its exact scheme://host:port, nothing less.

Comparing host names only would let in any other port and scheme of our host, and a missing Origin is
no proof of anything: it is fine only where no session cookie comes along that a page could have stolen.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

Headers = Iterable[tuple[bytes, bytes]]


def header(headers: Headers, name: bytes) -> list[str]:
    return [value.decode("latin1") for key, value in headers if key == name]


def may_enter(origins: list[str], *, has_session: bool, allowed: Collection[str]) -> bool:
    """`origins` are the values of all Origin headers. `null` and two of them are wrong."""
    if not origins:
        return not has_session
    return len(origins) == 1 and origins[0] in allowed
