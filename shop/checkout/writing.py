"""Writing what a batch has decided: a handful of statements, whatever the number of orders.

Numbers that were read under the locks are written as absolute values.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import orjson

from livestore.base.outbox import Fact, record
from shop.carts.changes import touch_carts
from shop.checkout.batch import Batch, NewOrder
from shop.checkout.reading import rows_of
from shop.offers.facts import offer_ended
from shop.offers.models import Offer
from shop.offers.pricing import RULES_VERSION
from shop.stock.facts import stock_facts
from shop.stock.ledger import write_stock

PAY_WITHIN_MINUTES = 10


def json_of(rows: Iterable[dict[str, Any]]) -> str:
    """Rows as one parameter: a statement with arrays of hundreds of values costs more to send than to run."""
    return orjson.dumps(list(rows)).decode()


class KeyTaken(Exception):
    """Another transaction has used a (buyer, key) of this batch meanwhile: roll back, read again."""


def insert_orders(batch: Batch) -> None:
    """Orders in (buyer, key) order, so that two batches with the same keys wait instead of deadlocking."""
    orders = sorted(batch.orders.values(), key=lambda order: (order.buyer.id, order.key))
    rows = rows_of(
        """INSERT INTO purchase (public_id, user_id, key, body_hash, channel, status, currency,
                                 items_minor, discount_minor, shipping_minor, total_minor, rules_version,
                                 address, card_number, is_simulated, placed_at, expires_at, extended, rev)
           SELECT public_id, user_id, key, body_hash, channel, 'pending', currency,
                  items, 0, shipping, items + shipping, %s,
                  address, card, simulated, %s, %s + make_interval(mins => %s), false, 1
             FROM json_to_recordset(%s::json)
                  AS new (public_id text, user_id bigint, key uuid, body_hash text, channel text,
                          currency text, items bigint, shipping bigint, address jsonb, card text,
                          simulated boolean)
            ORDER BY user_id, key
           ON CONFLICT (user_id, key) DO NOTHING
           RETURNING id, public_id""",
        RULES_VERSION,
        batch.now,
        batch.now,
        PAY_WITHIN_MINUTES,
        json_of(
            {
                "public_id": order.public_id,
                "user_id": order.buyer.id,
                "key": order.key,
                "body_hash": order.body_hash,
                "channel": order.channel,
                "currency": order.items.currency,
                "items": order.items.minor,
                "shipping": order.shipping.minor,
                "address": order.address,
                "card": order.card,
                "simulated": order.buyer.simulated,
            }
            for order in orders
        ),
    )
    if len(rows) < len(orders):
        raise KeyTaken
    ids = {public_id: id_ for id_, public_id in rows}
    for order in orders:
        order.id = ids[order.public_id]


def insert_lines_moves_and_holds(batch: Batch) -> None:
    """Each order's lines, the first line of its history, and a hold on its units until it has to be paid."""
    rows_of(
        """WITH new AS (
               SELECT * FROM json_to_recordset(%s::json)
                   AS new (order_id bigint, variant_id bigint, offer_id bigint, title text, sku text,
                           quantity integer, unit integer)),
           move AS (
               INSERT INTO purchase_move (order_id, before, after, reason, at)
               SELECT DISTINCT order_id, '', 'pending', '', %s::timestamptz FROM new),
           line AS (
               INSERT INTO purchase_line (order_id, variant_id, offer_id, title, sku, quantity,
                                          unit_minor, total_minor)
               SELECT order_id, variant_id, offer_id, title, sku, quantity, unit,
                      quantity::bigint * unit
                 FROM new)
           INSERT INTO stock_hold (variant_id, owner, owner_id, quantity, expires_at, created_at)
           SELECT variant_id, 'order', order_id, quantity, %s + make_interval(mins => %s), %s
             FROM new
           RETURNING 1""",
        json_of(
            {
                "order_id": order.id,
                "variant_id": line.variant,
                "offer_id": line.offer.id if line.offer else None,
                "title": line.title,
                "sku": line.sku,
                "quantity": line.quantity,
                "unit": line.unit.minor,
            }
            for order in batch.orders.values()
            for line in order.lines
        ),
        batch.now,
        batch.now,
        PAY_WITHIN_MINUTES,
        batch.now,
    )


def write_deals(batch: Batch) -> None:
    """What deals have left; one without units ends."""
    deals = [deal for deal in batch.deals.values() if deal.touched]
    if deals:
        ids = [deal.id for deal in deals]
        rows_of(
            """WITH new AS (
                   SELECT * FROM unnest(%s::bigint[], %s::integer[], %s::integer[]) AS new (id, sold, units)),
               emptied AS (
                   DELETE FROM stock_hold USING new
                    WHERE owner = 'deal' AND owner_id = new.id AND new.units = 0),
               lowered AS (
                   UPDATE stock_hold SET quantity = new.units FROM new
                    WHERE owner = 'deal' AND owner_id = new.id AND new.units > 0)
               UPDATE offer
                  SET sold = new.sold, rev = rev + 1,
                      state = CASE WHEN new.units = 0 THEN 'ended' ELSE state END,
                      end_reason = CASE WHEN new.units = 0 THEN 'units' ELSE end_reason END,
                      ended_at = CASE WHEN new.units = 0 THEN %s ELSE ended_at END
                 FROM new WHERE offer.id = new.id
               RETURNING offer.id""",
            ids,
            [deal.sold for deal in deals],
            [deal.left for deal in deals],
            batch.now,
        )
        ended = [deal.id for deal in deals if deal.left == 0]
        if ended:
            offers = Offer.objects.filter(pk__in=ended).order_by("pk")
            batch.facts += [offer_ended(offer) for offer in offers]
    if batch.used:
        limits = {deal.id: deal.per_buyer for deal in deals}
        uses = sorted(batch.used)
        rows_of(
            """INSERT INTO offer_use (offer_id, user_id, units, per_buyer)
               SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::integer[], %s::integer[])
               ON CONFLICT (offer_id, user_id) DO UPDATE SET units = EXCLUDED.units
               RETURNING 1""",
            [offer for offer, _ in uses],
            [user for _, user in uses],
            [batch.uses[use] for use in uses],
            [limits[offer] for offer, _ in uses],
        )


def write_carts(batch: Batch) -> None:
    """What was bought out of a cart is in it no longer."""
    carts = [cart for cart in batch.carts.values() if cart.touched]
    if not carts:
        return
    rows_of(
        """WITH new AS (
               SELECT * FROM unnest(%s::bigint[], %s::integer[], %s::integer[])
                   AS new (line, units, held)),
           freed AS (
               DELETE FROM stock_hold USING new
                WHERE owner = 'cart' AND owner_id = new.line AND new.held = 0),
           lowered AS (
               UPDATE stock_hold SET quantity = new.held FROM new
                WHERE owner = 'cart' AND owner_id = new.line AND new.held > 0),
           emptied AS (
               DELETE FROM cart_line USING new WHERE cart_line.id = new.line AND new.units <= 0)
           UPDATE cart_line SET quantity = new.units FROM new
            WHERE cart_line.id = new.line AND new.units > 0
           RETURNING 1""",
        [cart.line for cart in carts],
        [cart.quantity for cart in carts],
        [cart.held for cart in carts],
    )
    batch.facts += touch_carts(cart.cart for cart in carts)


def write_stocks(batch: Batch) -> None:
    stocks = [batch.stocks[variant] for variant in sorted(batch.sold)]
    write_stock(stocks)
    batch.facts += stock_facts(stocks)


def record_facts(batch: Batch) -> None:
    """Last, after every lock: stock first, so that a room never hears of an order before its stock."""
    record([*batch.facts, *order_facts(list(batch.orders.values()))])


def order_facts(orders: Sequence[NewOrder]) -> list[Fact]:
    """`shop.order_placed {order, id, user, name, simulated, lines: [{variant, title, quantity}], total}`"""
    return [
        Fact(
            "shop.order_placed",
            {
                "order": order.public_id,
                "id": order.id,
                "user": order.buyer.id,
                "name": order.buyer.name,
                "simulated": order.buyer.simulated,
                "lines": [
                    {"variant": line.variant, "title": line.title, "quantity": line.quantity}
                    for line in order.lines
                ],
                "total": order.total.as_json(),
            },
            channel=order.channel,
        )
        for order in orders
    ]
