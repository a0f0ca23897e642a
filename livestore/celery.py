"""The Celery application: `celery -A livestore.celery worker`.

Tasks make things prompt; the database makes them sure.
"""

from __future__ import annotations

import logging
import os
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import django
from celery import Celery
from celery.signals import (
    beat_init,
    task_postrun,
    task_prerun,
    worker_init,
    worker_ready,
    worker_shutdown,
)

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "livestore.settings")
django.setup()

from django.conf import settings  # noqa: E402  (settings need the line above)
from django.db import close_old_connections  # noqa: E402

from livestore import figures  # noqa: E402
from livestore.base.publishing import Publisher  # noqa: E402
from livestore.base.tracing import Trace, bind  # noqa: E402

logger = logging.getLogger(__name__)
REQUEST_HEADER = "livestore_request"
"""Names the requests that a task works for, in its message."""

# Without Celery's Django fixup, which closes the database connection before and after every task: in a rush the
# new connections cost PostgreSQL more than the payments themselves (570 of 1,400 microseconds an order).
app = Celery("livestore", fixups=[])
app.conf.update(settings.CELERY)
app.autodiscover_tasks(
    ["shop.payments", "shop.gateway", "shop.checkout", "streams.room", "streams.video", "livestore"]
)

STEP_BACK = 5
"""Niceness of a worker: when a rush keeps every core busy, rooms and buyers go before payments and archives."""


AUTOGROUP = Path("/proc/self/autogroup")
"""Where Linux groups processes by session (`sched_autogroup_enabled`), niceness counts within a session only, and every
process of the stack has a session of its own. This is the niceness of the whole session."""


@worker_init.connect
def step_back(**_: Any) -> None:
    os.nice(STEP_BACK)
    if os.getsid(0) == os.getpid():  # not somebody's terminal with all that runs in it
        with suppress(OSError):
            AUTOGROUP.write_text(str(STEP_BACK))


@task_prerun.connect
@task_postrun.connect
def keep_connection_if_healthy(**_: Any) -> None:
    """Every thread of the worker keeps its connection; one that the server dropped is replaced."""
    close_old_connections()


@task_prerun.connect
def begin(task: Any, **_: Any) -> None:
    """Log lines of the task name the requests that it works for."""
    bind(Trace(request=str(task.request.get(REQUEST_HEADER) or "")))
    task.request.livestore_began = time.perf_counter()


@task_postrun.connect
def count(task: Any, state: str | None = None, **_: Any) -> None:
    took = time.perf_counter() - task.request.livestore_began
    figures.tasks.labels(task.name, str(state).lower()).inc()
    figures.task_seconds.labels(task.name).observe(took)
    if task.request.get(REQUEST_HEADER):
        logger.info("task %s: %s in %.3f s", task.name, str(state).lower(), took)
    bind(Trace())


_published: list[Publisher] = []


@worker_ready.connect
def be_seen(**_: Any) -> None:
    _published.append(Publisher("worker"))
    _published[0].start()


@worker_shutdown.connect
def be_gone(**_: Any) -> None:
    while _published:
        _published.pop().stop()


@beat_init.connect
def be_seen_too(**_: Any) -> None:
    Publisher("beat").start()


# Beat only repeats what facts and the relay do at once; a sweep that is late is dropped, not piled up.
app.conf.beat_schedule = {
    name: {"task": task, "schedule": seconds, "options": {"expires": seconds}}
    for name, task, seconds in (
        ("sweep what is due", "shop.payments.tasks.sweep", 5.0),
        ("ask for payments again", "shop.payments.tasks.retry", 2.0),
        ("deliver webhooks", "shop.gateway.tasks.deliver", 2.0),
        ("archive the rooms", "streams.room.tasks.archive", 5.0),
        ("sweep the recordings", "streams.video.tasks.sweep", 15.0),
        ("check what may never happen", "livestore.tasks.check_invariants", 60.0),
    )
}
