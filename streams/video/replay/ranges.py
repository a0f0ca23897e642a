"""`Range` of RFC 9110, as far as films need it: one range of bytes."""

from __future__ import annotations

import re

_RANGE = re.compile(rb"\s*bytes\s*=\s*(\d*)\s*-\s*(\d*)\s*")
MOST = 16 << 20
"""Bytes of one answer. A server may send less than was asked for (15.3.7): what is written faster than somebody reads
waits in this process."""


class NotSatisfiable(ValueError):
    """Nothing of the film lies in this range."""


def parse(value: bytes | None, size: int) -> tuple[int, int] | None:
    """First byte and length, or None where the whole film is meant: no range, several, or another unit. Raises
    NotSatisfiable."""
    found = _RANGE.fullmatch(value or b"")
    if found is None or found.groups() == (b"", b"") or len(value or b"") > 60:
        return None
    first, last = found.groups()
    if not first:
        length = min(int(last), size)
        if length == 0:
            raise NotSatisfiable
        return size - length, min(length, MOST)
    begin = int(first)
    if last and int(last) < begin:
        return None
    if begin >= size:
        raise NotSatisfiable
    end = min(int(last), size - 1) if last else size - 1
    return begin, min(end - begin + 1, MOST)
