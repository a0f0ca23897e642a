"""POST /payments/webhook: where the gateway reports. No session, no CSRF: the signature is the proof."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import Router

from livestore.base.threads import in_database
from shop.gateway.signature import HEADER
from shop.payments.webhooks import BadWebhook, take_webhook

router = Router(tags=["payments"])
LONGEST = 256 * 1024  # bytes; an event has under 400, and no more than 200 come together


@router.post("/payments/webhook", auth=None, summary="A signed event of the payment gateway")
async def webhook(request: HttpRequest) -> dict[str, int]:
    """200 `{"new": how many}` for everything that is the gateway's, also repeated or unknown events; else 400."""
    raw = request.body
    if len(raw) > LONGEST:
        raise BadWebhook("The body is too long.")
    signature = request.headers.get(HEADER, "")
    new = await in_database(take_webhook, raw=raw, signature=signature)
    return {"new": new}
