"""The outbox: facts written in the transaction that made them true, announced by the relay afterwards.

A service inserts its facts last, after its row locks, so that facts about one locked row lie in the
order in which they became true. Whoever announces (livestore.wiring) decides who hears about a fact.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import orjson
from django.db import connection, models
from django.db.models.functions import Now

WAKE_CHANNEL = "livestore_outbox"


class OutboxRow(models.Model):
    """One fact waiting to be announced. Deleted once it has been."""

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=60)
    channel = models.CharField(max_length=120, blank=True, default="")
    person = models.BigIntegerField(null=True)
    data = models.JSONField(default=dict)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "outbox"
        verbose_name = "fact waiting to be announced"
        verbose_name_plural = "facts waiting to be announced"
        permissions = [("view_operations", "Can see how the house is doing")]

    def __str__(self) -> str:
        return f"{self.kind} #{self.pk}"


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that has become true.

    kind     dotted name, first the app: `shop.stock_changed`
    channel  where it happened, an opaque string (a show's slug), or ""
    person   the only user whom it concerns, or None
    data     JSON, absolute values (`left: 7`), with `rev` where the fact carries state
    """

    kind: str
    data: dict[str, Any] = field(default_factory=dict)
    channel: str = ""
    person: int | None = None


@dataclass(frozen=True, slots=True)
class PendingFact:
    """A fact as the relay reads it: `id` is its outbox row, `at` when it became true."""

    id: int
    kind: str
    channel: str
    person: int | None
    data: dict[str, Any]
    at: dt.datetime


RECORD = """INSERT INTO outbox (kind, channel, person, data, created_at)
    SELECT fact ->> 'kind', fact ->> 'channel', (fact ->> 'person')::bigint, fact -> 'data',
           statement_timestamp()
      FROM jsonb_array_elements(%s::jsonb) WITH ORDINALITY AS new (fact, place)
     ORDER BY place"""
"""Writes all facts of `as_parameter`: hundreds may become true in one transaction. Read once, as jsonb."""


def wake_for(kinds: Iterable[str]) -> tuple[str, list[str]]:
    """The statement, and its values, that wakes at the commit whoever tells facts of these kinds: others sleep on."""
    return "SELECT pg_notify(%s, %s)", [WAKE_CHANNEL, ",".join(dict.fromkeys(kinds))]


def as_parameter(facts: Iterable[Fact]) -> str:
    """Facts as the one parameter of RECORD."""
    rows = [
        {"kind": fact.kind, "channel": fact.channel, "person": fact.person, "data": fact.data}
        for fact in facts
    ]
    return orjson.dumps(rows).decode()


def record(facts: Iterable[Fact], *, wake: bool = True) -> None:
    """Write facts into the outbox of the running transaction, in this order, and wake the relay at its commit.

    wake  False where nobody waits for it: the relay looks by itself a few times in a second, and transactions that
          wake it can only commit one after the other
    """
    told = list(facts)
    if not told:
        return
    if not connection.in_atomic_block:
        raise RuntimeError("facts are recorded inside the transaction that makes them true")
    with connection.cursor() as cursor:
        cursor.execute(RECORD, [as_parameter(told)])
        if wake:
            cursor.execute(*wake_for(fact.kind for fact in told))
