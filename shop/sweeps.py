"""Every deadline of the shop is a row with a time; this is the list of them.

The relay sleeps until `next_deadline()` and calls `run_due()`; Celery beat calls it too, every few seconds. Both
may run at once: each sweep claims its rows. A run is short, one batch of each kind, because the relay has facts to
carry; while more is due, `next_deadline()` lies in the past. Only work on the database stands here; whatever
asks the gateway belongs to Celery.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable
from dataclasses import dataclass

from django.db import connection

from shop.carts.expiry import expire_due_holds
from shop.offers.services import end_due_offers
from shop.orders.services import expire_due_orders
from shop.payments.settlement import settle

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Sweep:
    """`next_due` is SQL for the earliest time (or null), `run` does a batch and says how many it did."""

    name: str
    next_due: str
    run: Callable[[], int]


def _expire_orders() -> int:
    return expire_due_orders(batches=1)


def _settle() -> int:
    return settle(seconds=0)


SWEEPS = (
    Sweep(
        "orders", "SELECT min(expires_at) FROM purchase WHERE status = 'pending'", expire_due_orders
    ),
    Sweep(
        "cart holds",
        "SELECT min(expires_at) FROM stock_hold WHERE owner = 'cart' AND expires_at IS NOT NULL",
        expire_due_holds,
    ),
    Sweep(
        "offers",
        "SELECT min(ends_at) FROM offer WHERE state = 'running' AND ends_at IS NOT NULL",
        end_due_offers,
    ),
    # Whoever took a webhook sees to it; the sweep is for what was left lying.
    Sweep(
        "webhooks",
        "SELECT min(due_at) + interval '3 seconds' FROM webhook_receipt WHERE due_at IS NOT NULL",
        _settle,
    ),
)


def next_deadline() -> dt.datetime | None:
    """The earliest time at which `run_due` has something to do; None while nothing waits."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT least(" + ", ".join(f"({sweep.next_due})" for sweep in SWEEPS) + ")")
        row = cursor.fetchone()
    return row[0] if row else None


def run_due() -> dict[str, int]:
    """A batch of everything whose time has come: {name: how many}. One that fails does not stop the others."""
    done: dict[str, int] = {}
    for sweep in SWEEPS:
        try:
            done[sweep.name] = sweep.run()
        except Exception:
            log.exception("the sweep of %s failed and will be tried again", sweep.name)
            done[sweep.name] = 0
    return done
