"""The door for the gateway's webhooks: believe nothing unsigned, store first, then settle."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson
from django.conf import settings
from django.db import connection, transaction

from livestore.base.clock import database_now
from livestore.base.errors import Refusal
from livestore.base.outbox import Fact, record
from shop.gateway.signature import TOLERANCE_S, signed_at
from shop.payments.settlement import KINDS, Settlement

FEW_EVENTS = 20
"""So many new events are settled by whoever brought them; more are left to a worker, away from the rooms."""


class BadWebhook(Refusal):
    """Not signed by the gateway, too old, or not an event. Sending it again as it is will not help."""

    code, status = "bad_webhook", 400
    message = "This webhook can not be believed."


def take_webhook(*, raw: bytes, signature: str, settlement: Settlement | None = None) -> int:
    """Take a webhook of one event, or of several; how many were new. Repeats are 0 and as welcome.

    The receipts are stored and committed first; then everything that waits is settled here, unless another
    process is already at it. When there are many, `shop.webhooks_taken` has a worker settle them: this process
    serves rooms, and would be busy for a long moment. Raises BadWebhook for a wrong signature, an old one, or a
    body without events.
    """
    events = read_webhook(raw=raw, signature=signature)
    with transaction.atomic():
        new = _store(events)
        if new > FEW_EVENTS:
            record([Fact("shop.webhooks_taken")], wake=False)
    if new <= FEW_EVENTS:
        (settlement or Settlement()).settle()
    return new


def _store(events: Sequence[dict[str, Any]]) -> int:
    """Write receipts of the events that have none yet; how many those were."""
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO webhook_receipt (event_id, kind, body, received_at, due_at, tries)
               SELECT body ->> 'id', left(body ->> 'kind', 40), body, clock_timestamp(),
                      CASE WHEN body ->> 'kind' = ANY(%s::text[]) THEN clock_timestamp() END, 0
                 FROM jsonb_array_elements(%s::jsonb) WITH ORDINALITY AS new (body, place)
                ORDER BY place
               ON CONFLICT (event_id) DO NOTHING""",
            [list(KINDS), orjson.dumps(events).decode()],
        )
        return int(cursor.rowcount)


def read_webhook(*, raw: bytes, signature: str) -> list[dict[str, Any]]:
    """The events of a webhook that is really the gateway's and fresh. Raises BadWebhook.

    The body is one event `{"id", "kind", ...}`, or `{"events": [event, ...]}` when much happens at once.
    """
    stamp = signed_at(raw, signature, secret=settings.WEBHOOK_SECRET)
    if stamp is None:
        raise BadWebhook("The signature is not the gateway's.")
    if abs(database_now().timestamp() - stamp) > TOLERANCE_S:
        raise BadWebhook("The signature is too old.")
    if b"\\u0000" in raw:  # valid JSON, but PostgreSQL keeps no NUL
        raise BadWebhook("The body can not be stored.")
    try:
        body = orjson.loads(raw)
    except orjson.JSONDecodeError as problem:
        raise BadWebhook("The body is not JSON.") from problem
    if not isinstance(body, dict):
        raise BadWebhook("The body is not an event.")
    events = body.get("events", [body])
    if not isinstance(events, list) or not all(_is_event(event) for event in events):
        raise BadWebhook("An event needs an id and a kind.")
    # Two webhooks with the same events wait for each other in the same order.
    return sorted(events, key=lambda event: str(event["id"]))


def _is_event(event: object) -> bool:
    if not isinstance(event, dict):
        return False
    name, kind = event.get("id"), event.get("kind")
    return isinstance(name, str) and 0 < len(name) <= 64 and isinstance(kind, str) and kind != ""
