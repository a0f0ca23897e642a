"""Whether the host of a show is there: after 30 s without a socket of theirs the show says so.

Nothing ends by itself. Every process with viewers watches; the services change the show once.
"""

from __future__ import annotations

import asyncio
import logging
import time

from livestore.base.errors import Refusal
from livestore.base.threads import in_database
from streams.room.presence import HOST_AWAY
from streams.room.snapshot import Facts
from streams.shows import services

logger = logging.getLogger(__name__)

PATIENCE = 5.0
"""Seconds before the same room is told again; the show.changed of the first time is on its way."""
_told: dict[str, float] = {}
_tasks: set[asyncio.Task[None]] = set()


def watch_host(slug: str, facts: Facts, *, here: bool, away: int) -> None:
    """`here`: the host has a socket in this process; `away`: seconds since any process saw one."""
    gone = not here and away >= HOST_AWAY and facts.away_since is None
    back = here and facts.away_since is not None
    now = time.monotonic()
    if not (gone or back) or now - _told.get(slug, -PATIENCE) < PATIENCE:
        return
    _told[slug] = now
    task = asyncio.create_task(_tell(slug, gone))
    _tasks.add(task)
    task.add_done_callback(_tasks.discard)


async def _tell(slug: str, gone: bool) -> None:
    try:
        await in_database(services.host_gone if gone else services.host_back, show_slug=slug)
    except Refusal:
        pass  # the show ended meanwhile
    except Exception:
        logger.exception("room %s: the host's absence could not be noted", slug)
