"""Ending offers whose rows (and whose variants' stock rows) the caller has locked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from django.db import connection

from livestore.base.outbox import Fact
from shop.offers.facts import offer_ended
from shop.offers.models import Offer
from shop.stock import ledger
from shop.stock.models import Hold, Stock


def lock_offers(offer_ids: Iterable[int]) -> list[Offer]:
    """Lock offers in primary-key order. Stock rows, where they are needed, are locked before."""
    return list(
        Offer.objects.filter(pk__in=set(offer_ids)).order_by("pk").select_for_update(of=("self",))
    )


def close(
    offers: Sequence[Offer], *, reason: str, now: dt.datetime, stocks: dict[int, Stock]
) -> list[Fact]:
    """End the running ones among these locked offers; unsold units of deals go to the shelf.

    Changes `stocks` in memory, for the caller to write; returns `shop.offer_ended` for each that ended.
    """
    ended = [offer for offer in offers if offer.state == Offer.State.RUNNING]
    if not ended:
        return []
    deals = [offer.pk for offer in ended if offer.kind == Offer.Kind.DEAL]
    if deals:
        ledger.drop_holds(stocks, owner=Hold.Owner.DEAL, owner_ids=deals)
    for offer in ended:
        offer.state = Offer.State.ENDED
        offer.end_reason = reason
        offer.ended_at = now
        offer.rev += 1
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE offer SET state = 'ended', end_reason = %s, ended_at = %s, rev = rev + 1
                WHERE id = ANY(%s::bigint[])""",
            [reason, now, [offer.pk for offer in ended]],
        )
    return [offer_ended(offer) for offer in ended]
