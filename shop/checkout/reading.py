"""Reading what a batch has to know: one statement for each question, whatever the number of requests.

Every function fills one part of the batch. They run after the locks (`shop.checkout.placement`), each as
a statement of its own, so READ COMMITTED shows them everything that was committed before the locks came.
"""

from __future__ import annotations

from typing import Any

from django.db import connection

from livestore.base.clock import database_now
from livestore.base.money import Money
from shop.carts.changes import touch_carts
from shop.catalogue.titles import line_title
from shop.checkout.batch import Batch, Buyer, CartState, Earlier, Good, OfferState, Rows
from shop.offers.facts import offer_ended
from shop.offers.models import Offer


def rows_of(sql: str, *values: Any) -> Rows:
    """All rows of one statement on this thread's connection."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()


def read_now(batch: Batch) -> None:
    batch.now = database_now()


def read_offers(batch: Batch, *, lock: bool = True) -> None:
    """The running offers of these variants, locked in primary-key order, with what deals have left."""
    rows = rows_of(
        f"""SELECT id, variant_id, channel, kind, price_minor, currency, per_buyer, ends_at, rev, sold
              FROM offer
             WHERE variant_id = ANY(%s::bigint[]) AND state = 'running'
             ORDER BY id {"FOR UPDATE" if lock else ""}""",
        batch.variants(),
    )
    batch.deals, batch.show_prices = {}, {}
    for id_, variant, channel, kind, minor, currency, per_buyer, ends_at, rev, sold in rows:
        deal = kind == Offer.Kind.DEAL
        by_place = batch.deals if deal else batch.show_prices
        by_place[channel, variant] = OfferState(
            id_, variant, channel, deal, Money(minor, currency), per_buyer, ends_at, rev, sold, 0
        )
    deals = {offer.id: offer for offer in batch.deals.values()}
    if deals:
        held = rows_of(
            """SELECT owner_id, quantity FROM stock_hold
                WHERE owner = 'deal' AND owner_id = ANY(%s::bigint[])""",
            list(deals),
        )
        for id_, quantity in held:
            deals[id_].left = quantity


def read_earlier(batch: Batch) -> None:
    """Orders that stand already under the keys of this batch."""
    asked = [batch.requests[place] for place in batch.open_places]
    rows = rows_of(
        """SELECT o.user_id, o.key, o.id, o.public_id, o.total_minor, o.currency, o.body_hash
             FROM unnest(%s::bigint[], %s::uuid[]) AS asked (user_id, key)
             JOIN purchase o ON o.user_id = asked.user_id AND o.key = asked.key""",
        [request.user_id for request in asked],
        [str(request.key) for request in asked],
    )
    batch.earlier = {
        (user, key): Earlier(id_, public_id, Money(minor, currency), body_hash)
        for user, key, id_, public_id, minor, currency, body_hash in rows
    }


def read_goods(batch: Batch) -> None:
    rows = rows_of(
        """SELECT v.id, p.title, v.title, v.sku, v.price_minor, v.currency, p.status
             FROM variant v JOIN product p ON p.id = v.product_id
            WHERE v.id = ANY(%s::bigint[])""",
        batch.variants(),
    )
    batch.goods = {
        id_: Good(id_, line_title(product, title), sku, Money(minor, currency), status == "active")
        for id_, product, title, sku, minor, currency, status in rows
    }


def read_buyers(batch: Batch) -> None:
    rows = rows_of(
        """SELECT p.id, p.display_name, p.username, p.is_simulated, p.is_active, c.number,
                  a.full_name, a.line1, a.line2, a.postal_code, a.city, a.country
             FROM person p
             LEFT JOIN card c ON c.user_id = p.id
             LEFT JOIN address a ON a.user_id = p.id
            WHERE p.id = ANY(%s::bigint[])""",
        batch.users(),
    )
    names = ("full_name", "line1", "line2", "postal_code", "city", "country")
    batch.buyers = {
        row[0]: Buyer(
            id=row[0],
            name=row[1] or row[2],
            simulated=row[3],
            active=row[4],
            card=row[5],
            address=dict(zip(names, row[6:], strict=True)) if row[6] is not None else None,
        )
        for row in rows
    }


def read_uses(batch: Batch) -> None:
    """How much of the limited deals these buyers have in orders that stand."""
    limited = [offer.id for offer in batch.deals.values() if offer.per_buyer is not None]
    batch.uses = {}
    if limited:
        rows = rows_of(
            """SELECT offer_id, user_id, units FROM offer_use
                WHERE offer_id = ANY(%s::bigint[]) AND user_id = ANY(%s::bigint[])""",
            limited,
            batch.users(),
        )
        batch.uses = {(offer, user): units for offer, user, units in rows}


def read_carts(batch: Batch) -> None:
    """The buyers' own cart lines of these variants; a hold whose time is up keeps nothing any more."""
    rows = rows_of(
        """SELECT cart.user_id, line.id, line.cart_id, line.variant_id, line.channel, line.quantity,
                  coalesce(hold.quantity, 0)
             FROM cart
             JOIN cart_line line ON line.cart_id = cart.id
             LEFT JOIN stock_hold hold ON hold.owner = 'cart' AND hold.owner_id = line.id
                                      AND hold.variant_id = line.variant_id AND hold.expires_at > %s
            WHERE cart.user_id = ANY(%s::bigint[]) AND line.variant_id = ANY(%s::bigint[])""",
        batch.now,
        batch.users(),
        batch.variants(),
    )
    batch.carts = {
        (user, variant): CartState(line, cart, variant, channel, quantity, held)
        for user, line, cart, variant, channel, quantity, held in rows
    }


def let_go_of_what_is_over(batch: Batch) -> None:
    """End deals and cart holds whose time is up, now that their rows are locked: no unit waits for a sweep."""
    over = [
        offer
        for offer in batch.offer_rows()
        if offer.ends_at is not None and offer.ends_at <= batch.now
    ]
    if over:
        ids = [offer.id for offer in over]
        rows_of(
            """UPDATE offer SET state = 'ended', end_reason = 'time', ended_at = %s, rev = rev + 1
                WHERE id = ANY(%s::bigint[]) RETURNING id""",
            batch.now,
            ids,
        )
        _release(batch, "owner = 'deal' AND owner_id = ANY(%s::bigint[])", ids)
        for offer in over:
            del (batch.deals if offer.deal else batch.show_prices)[offer.channel, offer.variant]
        batch.facts += [
            offer_ended(offer) for offer in Offer.objects.filter(pk__in=ids).order_by("pk")
        ]
    lines = _release(
        batch,
        "owner = 'cart' AND expires_at <= %s AND variant_id = ANY(%s::bigint[])",
        batch.now,
        list(batch.stocks),
    )
    if lines:
        carts = rows_of(
            "SELECT DISTINCT cart_id FROM cart_line WHERE id = ANY(%s::bigint[])", lines
        )
        batch.facts += touch_carts(cart for (cart,) in carts)


def _release(batch: Batch, which: str, *values: Any) -> list[int]:
    """Delete holds on locked rows and count `reserved` down in memory; returns their owners."""
    gone = rows_of(
        f"DELETE FROM stock_hold WHERE {which} RETURNING variant_id, quantity, owner_id", *values
    )
    for variant, quantity, _ in gone:
        batch.stocks[variant].reserved -= quantity
        batch.sold.add(variant)
    return [owner for _, _, owner in gone]
