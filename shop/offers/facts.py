"""What the world hears when an offer starts or ends."""

from __future__ import annotations

from livestore.base.outbox import Fact
from shop.offers.models import Offer


def offer_started(offer: Offer) -> Fact:
    """`shop.offer_started {offer, variant, kind, rev}` in the offer's channel."""
    data = {"offer": offer.pk, "variant": offer.variant_id, "kind": offer.kind, "rev": offer.rev}
    return Fact("shop.offer_started", data, channel=offer.channel)


def offer_ended(offer: Offer) -> Fact:
    """`shop.offer_ended {offer, variant, kind, reason, rev}` in the offer's channel."""
    data = {
        "offer": offer.pk,
        "variant": offer.variant_id,
        "kind": offer.kind,
        "reason": offer.end_reason,
        "rev": offer.rev,
    }
    return Fact("shop.offer_ended", data, channel=offer.channel)
