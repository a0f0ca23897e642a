"""What is counted of HTTP, of the relay and of tasks, and what only PostgreSQL and Valkey know."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any

from django.db import connection, transaction
from prometheus_client import Counter, Histogram, Metric
from prometheus_client.core import GaugeMetricFamily

from livestore.base.metrics import REGISTRY, SECONDS, Tally
from livestore.base.outbox import PendingFact

METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
ROUTES = (
    ("/api/v1/orders", "orders"),
    ("/api/v1/payments/webhook", "webhook"),
    ("/api/", "api"),
    ("/admin/", "admin"),
    ("/static/", "static"),
    ("/media/shows/", "picture"),
    ("/media/", "static"),
    ("/metrics", "metrics"),
    ("/healthz", "health"),
    ("/readyz", "health"),
)
"""How an address begins and what it is counted as; everything else is a page."""

# ---- HTTP: the event loop's thread

requests = Tally("livestore_http_requests", "Requests.", ("method", "route", "status"))
request_seconds = Tally(
    "livestore_http_request_seconds", "Time from a request to its answer, summed up.", ("route",)
)


def answered(method: str, path: str, status: int, seconds: float) -> None:
    """An HTTP request has its answer (or none: status 0, the client left)."""
    route = next((name for start, name in ROUTES if path.startswith(start)), "page")
    requests.add(1, method if method in METHODS else "OTHER", route, str(status))
    request_seconds.add(seconds, route)


# ---- the relay: its event loop's thread

facts_carried = Tally("livestore_relay_facts", "Facts told and deleted.", ("lane",))
relay_lag = Histogram(
    "livestore_relay_lag_seconds",
    "Age of the oldest fact of a batch when it had been told.",
    ["lane"],
    buckets=SECONDS,
    registry=REGISTRY,
)
relay_batch = Histogram(
    "livestore_relay_batch_seconds",
    "How long a batch of the relay took.",
    ["lane"],
    buckets=SECONDS,
    registry=REGISTRY,
)


def carried(lane: str, facts: Sequence[PendingFact], seconds: float) -> None:
    """A batch of the relay is told and committed."""
    facts_carried.add(len(facts), lane)
    relay_batch.labels(lane).observe(seconds)
    age = dt.datetime.now(dt.UTC) - min(fact.at for fact in facts)
    relay_lag.labels(lane).observe(max(0.0, age.total_seconds()))


# ---- tasks: several threads

tasks = Counter("livestore_tasks", "Tasks done.", ["task", "outcome"], registry=REGISTRY)
task_seconds = Histogram(
    "livestore_task_seconds", "How long a task took.", ["task"], buckets=SECONDS, registry=REGISTRY
)

# ---- what the servers know, asked by the relay every few seconds


class Backlog:
    """Numbers about work that waits; nothing is told by a process that does not ask."""

    NAMES = {
        "livestore_outbox_facts": "Facts that wait for the relay.",
        "livestore_outbox_oldest_seconds": "How long the oldest of them has been waiting.",
        "livestore_payments_pending": "Payments without an answer of the gateway.",
        "livestore_payments_due": "Payments and refunds that are to be asked for right now.",
        "livestore_webhooks_waiting": "Webhooks that were taken and have no effect yet.",
        "livestore_deliveries_waiting": "Webhooks that the simulated gateway has still to post.",
        "livestore_jobs_waiting": "Tasks that no worker has taken yet.",
    }

    def __init__(self) -> None:
        self.known: dict[str, float] = {}
        REGISTRY.register(self)

    def collect(self) -> Iterator[Metric]:
        for name, value in self.known.copy().items():
            yield GaugeMetricFamily(name, self.NAMES[name], value)

    def describe(self) -> list[Metric]:
        return []

    def read(self) -> None:
        """Ask PostgreSQL, for at most a second. Sync; raises database errors."""
        connection.close_if_unusable_or_obsolete()
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = 1000")
            cursor.execute(ASKED)
            row: tuple[Any, ...] = cursor.fetchone() or ()
        self.known.update(zip(self.NAMES, (float(value) for value in row), strict=False))

    def learn_jobs(self, waiting: int) -> None:
        self.known["livestore_jobs_waiting"] = waiting


ASKED = """
SELECT (SELECT count(*) FROM outbox),
       greatest(0, coalesce(extract(epoch FROM clock_timestamp() -
                                    (SELECT created_at FROM outbox ORDER BY id LIMIT 1)), 0)),
       (SELECT count(*) FROM payment WHERE state IN ('started', 'requires_action')),
       (SELECT count(*) FROM payment WHERE next_try_at <= clock_timestamp()),
       (SELECT count(*) FROM webhook_receipt WHERE due_at IS NOT NULL),
       (SELECT count(*) FROM gateway_delivery WHERE delivered_at IS NULL)
"""
"""In the order of Backlog.NAMES."""

backlog = Backlog()
