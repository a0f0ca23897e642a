"""Tasks that look at the whole house."""

from __future__ import annotations

import logging

from celery import shared_task

from livestore.invariants import check_all

log = logging.getLogger(__name__)


@shared_task(name="livestore.tasks.check_invariants")
def check_invariants() -> dict[str, int]:
    """Every minute: an error in the log for everything that should never have happened."""
    results = check_all()
    for each in results:
        if each.count:
            log.error("invariant %s is broken %s times: %s", each.name, each.count, each.sentence)
    return {each.name: each.count for each in results}
