"""Writing what a batch has decided: a handful of statements, whatever the number of orders.

Numbers that were read under the locks are written as absolute values. Inside of `asking.together` everything
travels at once; what nearly never happens (a deal that ends, a cart that was bought) goes ahead of that.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from livestore.base.outbox import RECORD, Fact, as_parameter, wake_for
from shop.carts.changes import touch_carts
from shop.checkout.asking import ask, rows_of
from shop.checkout.batch import Batch, NewBasket, NewLine, NewOrder, array
from shop.offers.facts import offer_ended
from shop.offers.models import Offer
from shop.offers.pricing import RULES_VERSION
from shop.stock.facts import DealLeft, stock_fact
from shop.stock.ledger import WRITE_STOCK, written
from shop.stock.shelf import RECORD_CHANGED


def insert_orders(batch: Batch) -> None:
    """Orders in (buyer, key) order, so that two batches with the same keys wait instead of deadlocking.

    They get their ids in this order too: an index to which values are added at its end costs half as much. What all
    orders of a basket share is sent once; each order has the number of its basket.
    """
    orders = sorted(batch.orders.values(), key=lambda order: (order.buyer.id, order.key))
    for order in orders:
        order.id = batch.order_ids.pop()
    baskets = list(batch.baskets.values())
    ask(
        batch,
        None,
        """INSERT INTO purchase (id, public_id, user_id, key, card_number, is_simulated, body_hash, channel,
                                 currency, items_minor, shipping_minor, total_minor, address, status,
                                 discount_minor, rules_version, placed_at, expires_at, extended, rev)
           SELECT new.id, new.public_id, new.user_id, new.key, new.card, new.simulated,
                  (%s::text[])[basket], (%s::text[])[basket], (%s::text[])[basket],
                  (%s::bigint[])[basket], (%s::bigint[])[basket], (%s::bigint[])[basket],
                  coalesce((%s::jsonb[])[basket],
                           jsonb_object('{full_name,line1,line2,postal_code,city,country}'::text[],
                                        ARRAY[a.full_name, a.line1, a.line2, a.postal_code, a.city,
                                              a.country]::text[])),
                  'pending', 0, %s::smallint, %s::timestamptz, %s::timestamptz, false, 1
             FROM unnest(%s::bigint[], %s::text[], %s::bigint[], %s::uuid[], %s::text[], %s::boolean[],
                         %s::integer[]) AS new (id, public_id, user_id, key, card, simulated, basket)
             LEFT JOIN address a ON a.user_id = new.user_id""",
        [basket.body.hash for basket in baskets],
        [basket.channel for basket in baskets],
        [basket.items.currency for basket in baskets],
        array(basket.items.minor for basket in baskets),
        array(basket.shipping.minor for basket in baskets),
        array(basket.total.minor for basket in baskets),
        [basket.body.address for basket in baskets],
        RULES_VERSION,
        batch.now,
        batch.expires_at,
        array(order.id for order in orders),
        array(order.public_id for order in orders),
        array(order.buyer.id for order in orders),
        array(order.key.hex for order in orders),
        array(order.card for order in orders),
        array("t" if order.buyer.simulated else "f" for order in orders),
        array(order.basket.number for order in orders),
    )


def insert_lines_moves_and_holds(batch: Batch) -> None:
    """Each order's lines, the first line of its history, and a hold on its units until it has to be paid."""
    first: dict[int, int] = {}  # number of a basket -> number of its first line
    lines: list[NewLine] = []
    for basket in batch.baskets.values():
        first[basket.number] = len(lines) + 1
        lines += basket.lines
    orders = sorted(batch.orders.values(), key=lambda order: order.id)
    ids = array(order.id for order in orders)
    if len(lines) == len(first):  # every basket has one line, so basket and line have one number
        of_orders = ids
        numbers = array(order.basket.number for order in orders)
    else:
        pairs = [
            (order.id, first[order.basket.number] + place)
            for order in orders
            for place in range(len(order.basket.lines))
        ]
        of_orders = array(id_ for id_, _ in pairs)
        numbers = array(number for _, number in pairs)
    variants = array(line.variant for line in lines)
    quantities = array(line.quantity for line in lines)
    ask(
        batch,
        None,
        """INSERT INTO purchase_line (order_id, variant_id, offer_id, title, sku, quantity, unit_minor,
                                      total_minor)
           SELECT order_id, (%s::bigint[])[line], nullif((%s::bigint[])[line], 0), (%s::text[])[line],
                  (%s::text[])[line], (%s::integer[])[line], (%s::integer[])[line], (%s::bigint[])[line]
             FROM unnest(%s::bigint[], %s::integer[]) AS new (order_id, line)""",
        variants,
        array(line.offer.id if line.offer else 0 for line in lines),
        [line.title for line in lines],
        [line.sku for line in lines],
        quantities,
        array(line.unit.minor for line in lines),
        array(line.total.minor for line in lines),
        of_orders,
        numbers,
    )
    ask(
        batch,
        None,
        """INSERT INTO stock_hold (variant_id, owner, owner_id, quantity, expires_at, created_at)
           SELECT (%s::bigint[])[line], 'order', order_id, (%s::integer[])[line], %s::timestamptz,
                  %s::timestamptz
             FROM unnest(%s::bigint[], %s::integer[]) AS new (order_id, line)""",
        variants,
        quantities,
        batch.expires_at,
        batch.now,
        of_orders,
        numbers,
    )
    ask(
        batch,
        None,
        """INSERT INTO purchase_move (order_id, before, after, reason, at)
           SELECT order_id, '', 'pending', '', %s::timestamptz
             FROM unnest(%s::bigint[]) AS new (order_id)""",
        batch.now,
        ids,
    )


TAKE_UNITS = """SELECT shop_take_units(%s::bigint[], %s::integer[], %s::bigint[], %s::text[], %s::bigint[],
                                      %s::integer[])"""
"""Migration 0005: lock the stock, see that all is as it was read, take the units; or raise `serialization_failure`."""


def take_units(batch: Batch) -> None:
    """The units of orders that were decided without a lock, as long as goods and offers are what they were.

    Nothing but PostgreSQL works between the lock and the COMMIT that travels along.
    """
    units: dict[int, int] = dict.fromkeys(sorted(batch.sold), 0)
    for order in batch.orders.values():
        for line in order.basket.lines:
            units[line.variant] += line.quantity
    goods = [batch.goods[variant] for variant in units]
    offers = sorted(
        (offer for offer in batch.offer_rows() if offer.variant in units),
        key=lambda offer: offer.id,
    )
    variants = array(units)
    ask(
        batch,
        None,
        TAKE_UNITS,
        variants,
        array(units.values()),
        array(good.price.minor for good in goods),
        [good.price.currency for good in goods],
        array(offer.id for offer in offers),
        array(offer.rev for offer in offers),
    )
    ask(batch, None, RECORD_CHANGED, variants)


def write_deals(batch: Batch) -> None:
    """What deals have left; one without units ends."""
    deals = [deal for deal in batch.deals.values() if deal.touched]
    going_on = [deal for deal in deals if deal.left > 0]
    ended = [deal for deal in deals if deal.left == 0]
    if going_on:
        ids = array(deal.id for deal in going_on)
        ask(
            batch,
            None,
            """UPDATE stock_hold SET quantity = new.units
                 FROM unnest(%s::bigint[], %s::integer[]) AS new (id, units)
                WHERE owner = 'deal' AND owner_id = new.id""",
            ids,
            array(deal.left for deal in going_on),
        )
        ask(
            batch,
            None,
            """UPDATE offer SET sold = new.sold, rev = rev + 1
                 FROM unnest(%s::bigint[], %s::integer[]) AS new (id, sold) WHERE offer.id = new.id""",
            ids,
            array(deal.sold for deal in going_on),
        )
    if ended:
        ids = array(deal.id for deal in ended)
        rows_of(
            """DELETE FROM stock_hold WHERE owner = 'deal' AND owner_id = ANY(%s::bigint[])
               RETURNING 1""",
            ids,
        )
        rows_of(
            """UPDATE offer SET sold = new.sold, rev = rev + 1, state = 'ended', end_reason = 'units',
                                ended_at = %s
                 FROM unnest(%s::bigint[], %s::integer[]) AS new (id, sold) WHERE offer.id = new.id
               RETURNING 1""",
            batch.now,
            ids,
            array(deal.sold for deal in ended),
        )
        offers = Offer.objects.filter(pk__in=[deal.id for deal in ended]).order_by("pk")
        batch.facts += [offer_ended(offer) for offer in offers]
    if batch.used:
        limits = {deal.id: deal.per_buyer for deal in deals}
        uses = sorted(batch.used)
        ask(
            batch,
            None,
            """INSERT INTO offer_use (offer_id, user_id, units, per_buyer)
               SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::integer[], %s::integer[])
               ON CONFLICT (offer_id, user_id) DO UPDATE SET units = EXCLUDED.units""",
            array(offer for offer, _ in uses),
            array(user for _, user in uses),
            array(batch.uses[use] for use in uses),
            array(limits[offer] for offer, _ in uses),
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
        array(cart.line for cart in carts),
        array(cart.quantity for cart in carts),
        array(cart.held for cart in carts),
    )
    batch.facts += touch_carts(cart.cart for cart in carts)


def write_stocks(batch: Batch) -> None:
    """The stock rows, and what the world hears about them: the deals are those of the batch, which are locked."""
    stocks = [batch.stocks[variant] for variant in sorted(batch.sold)]
    if not stocks:
        return
    ask(batch, None, WRITE_STOCK, *written(stocks))
    running = sorted((deal for deal in batch.deals.values() if deal.left > 0), key=lambda d: d.id)
    batch.facts += [
        stock_fact(
            stock,
            [
                DealLeft(deal.id, deal.channel, deal.left)
                for deal in running
                if deal.variant == stock.pk
            ],
        )
        for stock in stocks
    ]


def record_facts(batch: Batch, *, wake: bool = True) -> None:
    """Last, after every lock: stock first, so that a room never hears of an order before its stock.

    wake  whether the relay is told, as in `livestore.base.outbox.record`
    """
    facts = [*batch.facts, *order_facts(list(batch.orders.values()))]
    if facts:
        ask(batch, None, RECORD, as_parameter(facts))
        if wake:
            sql, values = wake_for(fact.kind for fact in facts)
            ask(batch, None, sql, *values)


def order_facts(orders: Sequence[NewOrder]) -> list[Fact]:
    """`shop.order_placed {order, id, user, name, simulated, lines: [{variant, title, quantity}], total, request?}`.

    Several orders in one channel are one `shop.orders_placed {orders: [the same]}`: one row to write, to lock
    and to delete for hundreds of orders.
    """
    by_channel: dict[str, list[dict[str, Any]]] = {}
    bought: dict[int, tuple[Any, Any]] = {}
    for order in orders:
        basket = order.basket
        if basket.number not in bought:
            bought[basket.number] = _told(basket)
        lines, total = bought[basket.number]
        by_channel.setdefault(basket.channel, []).append(
            {
                "order": order.public_id,
                "id": order.id,
                "user": order.buyer.id,
                "name": order.buyer.name,
                "simulated": order.buyer.simulated,
                "lines": lines,
                "total": total,
                **({"request": order.request_id} if order.request_id else {}),
            }
        )
    return [
        Fact("shop.order_placed", told[0], channel=channel)
        if len(told) == 1
        else Fact("shop.orders_placed", {"orders": told}, channel=channel)
        for channel, told in by_channel.items()
    ]


def _told(basket: NewBasket) -> tuple[Any, Any]:
    """What a fact says of a basket, as JSON that is not made again for every order."""
    lines = [
        {"variant": line.variant, "title": line.title, "quantity": line.quantity}
        for line in basket.lines
    ]
    total = basket.total.as_json()
    return orjson.Fragment(orjson.dumps(lines)), orjson.Fragment(orjson.dumps(total))
