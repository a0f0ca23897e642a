"""What may never happen in a room's log."""

from __future__ import annotations

from django.db import connection

from shop.invariants import Result
from streams.room import valkey
from streams.room.archive import waiting_rooms
from streams.room.log import key

SENTENCE = "Per show and epoch, seq is 1, 2, 3 ... without a hole or a double."
ARCHIVE = """
SELECT count(*) FROM (
    SELECT show_id, epoch FROM room_archive GROUP BY show_id, epoch
    HAVING min(seq) <> 1 OR max(seq) <> count(*)
) AS wrong
"""


def check() -> list[Result]:
    """I6, in the archive and in the logs that live in Valkey now."""
    with connection.cursor() as cursor:
        cursor.execute(ARCHIVE)
        row = cursor.fetchone()
    wrong = int(row[0]) if row else 0
    return [Result("I6", SENTENCE, wrong + sum(_broken(slug) for slug in _logs()))]


def _logs() -> list[str]:
    """Slugs of all rooms with a log in Valkey."""
    found = set(waiting_rooms())
    prefix, suffix = key("*", "meta").split("*")
    for name in valkey.sync_client().scan_iter(match=f"{prefix[:5]}*{suffix}", count=500):
        found.add(name.decode()[len(prefix) : -len(suffix)])
    return sorted(found)


def _broken(slug: str) -> int:
    """1 when a seq between the oldest kept and the top is missing, or one outside of them is there."""
    pipe = valkey.sync_client().pipeline(transaction=True)
    pipe.hmget(key(slug, "meta"), "top", "first")
    pipe.hkeys(key(slug, "log"))
    (top, first), seqs = pipe.execute()
    if top is None:
        return 0
    return int({int(seq) for seq in seqs} != set(range(int(first), int(top) + 1)))
