"""Reading what a batch has to know: one statement for each question, whatever the number of requests.

Every function fills one part of the batch. What depends on the locks runs after them (`shop.checkout.placement`), each
as a statement of its own, so READ COMMITTED shows them everything that was committed before the locks came.
Inside of `asking.together` they travel together, outside each runs at once.
"""

from __future__ import annotations

from livestore.base.money import Money
from shop.carts.changes import touch_carts
from shop.catalogue.titles import line_title
from shop.checkout.asking import ask, rows_of
from shop.checkout.batch import (
    PAY_WITHIN,
    Batch,
    Buyer,
    CartState,
    Earlier,
    Good,
    OfferState,
    Rows,
    array,
)
from shop.offers.facts import offer_ended
from shop.offers.models import Offer
from shop.stock.models import Stock

KEYS = 0x6B6579
"""The family of advisory locks of idempotency keys."""


def meet_deletions(batch: Batch) -> None:
    """Who deletes a person waits for this lock, and we for theirs: a buyer read below is there until the commit."""
    ask(batch, None, "LOCK TABLE purchase IN ROW EXCLUSIVE MODE")


def wait_for_keys(batch: Batch) -> None:
    """Who asks for the same order in another transaction waits here, before anything is locked, not in the index.

    An order is written before its stock is locked, or after it (`shop.checkout.plenty`): two that met at UNIQUE
    (user, key) in opposite ways would wait for each other. Numbers of 31 bits: who shares one only waits a moment.
    """
    asked = [batch.requests[place] for place in batch.open_places]
    numbers = {(request.key.int ^ request.user_id * 0x9E3779B1) & 0x7FFFFFFF for request in asked}
    ask(
        batch,
        None,
        "SELECT pg_advisory_xact_lock(%s::integer, number) FROM unnest(%s::integer[]) AS asked (number)",
        KEYS,
        array(sorted(numbers)),
    )


def lock_stocks(batch: Batch, *, lock: bool = True) -> None:
    """The stock rows, in primary-key order. As `shop.stock.ledger.lock_stock`, but able to travel with others."""

    def take(rows: Rows) -> None:
        batch.stocks = {
            variant: Stock(
                variant_id=variant, opening=opening, on_hand=on_hand, reserved=reserved, rev=rev
            )
            for variant, opening, on_hand, reserved, rev in rows
        }

    ask(
        batch,
        take,
        f"""SELECT variant_id, opening, on_hand, reserved, rev FROM stock
             WHERE variant_id = ANY(%s::bigint[]) ORDER BY variant_id {"FOR UPDATE" if lock else ""}""",
        batch.variant_array,
    )


def read_now(batch: Batch) -> None:
    def take(rows: Rows) -> None:
        [(batch.now,)] = rows
        batch.expires_at = batch.now + PAY_WITHIN

    ask(batch, take, "SELECT clock_timestamp()")


def read_order_ids(batch: Batch) -> None:
    """An id for every order that may come of this batch. Those that are not used leave gaps, which mean nothing."""

    def take(rows: Rows) -> None:
        [(batch.order_ids,)] = rows
        batch.order_ids.reverse()

    ask(
        batch,
        take,
        "SELECT array_agg(nextval('purchase_id_seq')) FROM generate_series(1, %s::integer)",
        len(batch.open_places),
    )


def read_offers(batch: Batch, *, lock: bool = True) -> None:
    """The running offers of these variants, locked in primary-key order, with what deals have left."""

    def take(rows: Rows) -> None:
        batch.deals, batch.show_prices = {}, {}
        for id_, variant, channel, kind, minor, currency, per_buyer, ends_at, rev, sold in rows:
            deal = kind == Offer.Kind.DEAL
            by_place = batch.deals if deal else batch.show_prices
            price = Money(minor, currency)
            by_place[channel, variant] = OfferState(
                id_, variant, channel, deal, price, per_buyer, ends_at, rev, sold, 0
            )

    def take_left(rows: Rows) -> None:
        left: dict[int, int] = dict(rows)
        for offer in batch.deals.values():
            offer.left = left.get(offer.id, 0)

    variants = batch.variant_array
    ask(
        batch,
        take,
        f"""SELECT id, variant_id, channel, kind, price_minor, currency, per_buyer, ends_at, rev, sold
              FROM offer
             WHERE variant_id = ANY(%s::bigint[]) AND state = 'running'
             ORDER BY id {"FOR UPDATE" if lock else ""}""",
        variants,
    )
    ask(
        batch,
        take_left,
        """SELECT hold.owner_id, hold.quantity
             FROM offer
             JOIN stock_hold hold ON hold.owner = 'deal' AND hold.owner_id = offer.id
            WHERE offer.variant_id = ANY(%s::bigint[]) AND state = 'running' AND kind = 'deal'""",
        variants,
    )


def read_earlier(batch: Batch) -> None:
    """Orders that stand already under the keys of this batch."""

    def take(rows: Rows) -> None:
        batch.earlier = {
            (user, key): Earlier(id_, public_id, Money(minor, currency), body_hash)
            for user, key, id_, public_id, minor, currency, body_hash in rows
        }

    asked = [batch.requests[place] for place in batch.open_places]
    ask(
        batch,
        take,
        """SELECT o.user_id, o.key, o.id, o.public_id, o.total_minor, o.currency, o.body_hash
             FROM unnest(%s::bigint[], %s::uuid[]) AS asked (user_id, key)
             JOIN purchase o ON o.user_id = asked.user_id AND o.key = asked.key""",
        array(request.user_id for request in asked),
        array(request.key.hex for request in asked),
    )


def read_goods(batch: Batch) -> None:
    def take(rows: Rows) -> None:
        batch.goods = {
            id_: Good(
                id_, line_title(product, title), sku, Money(minor, currency), status == "active"
            )
            for id_, product, title, sku, minor, currency, status in rows
        }

    ask(
        batch,
        take,
        """SELECT v.id, p.title, v.title, v.sku, v.price_minor, v.currency, p.status
             FROM variant v JOIN product p ON p.id = v.product_id
            WHERE v.id = ANY(%s::bigint[])""",
        batch.variant_array,
    )


def read_buyers(batch: Batch) -> None:
    def take(rows: Rows) -> None:
        batch.buyers = {row[0]: Buyer(*row) for row in rows}

    ask(
        batch,
        take,
        """SELECT p.id, CASE WHEN p.display_name = '' THEN p.username ELSE p.display_name END,
                  p.is_simulated, p.is_active, c.number, a.user_id IS NOT NULL
             FROM person p
             LEFT JOIN card c ON c.user_id = p.id
             LEFT JOIN address a ON a.user_id = p.id
            WHERE p.id = ANY(%s::bigint[])""",
        batch.user_array,
    )


def read_uses(batch: Batch) -> None:
    """How much of the limited deals these buyers have in orders that stand."""

    def take(rows: Rows) -> None:
        batch.uses = {(offer, user): units for offer, user, units in rows}

    ask(
        batch,
        take,
        """SELECT used.offer_id, used.user_id, used.units
             FROM offer
             JOIN offer_use used ON used.offer_id = offer.id AND used.user_id = ANY(%s::bigint[])
            WHERE offer.variant_id = ANY(%s::bigint[]) AND offer.state = 'running'
              AND offer.per_buyer IS NOT NULL""",
        batch.user_array,
        batch.variant_array,
    )


def read_carts(batch: Batch) -> None:
    """The buyers' own cart lines of these variants; a hold whose time is up keeps nothing any more."""

    def take(rows: Rows) -> None:
        batch.carts = {
            (user, variant): CartState(
                line, cart, variant, channel, quantity, held if until and until > batch.now else 0
            )
            for user, line, cart, variant, channel, quantity, held, until in rows
        }

    ask(
        batch,
        take,
        """SELECT cart.user_id, line.id, line.cart_id, line.variant_id, line.channel, line.quantity,
                  hold.quantity, hold.expires_at
             FROM cart
             JOIN cart_line line ON line.cart_id = cart.id
             LEFT JOIN stock_hold hold ON hold.owner = 'cart' AND hold.owner_id = line.id
                                      AND hold.variant_id = line.variant_id
            WHERE cart.user_id = ANY(%s::bigint[]) AND line.variant_id = ANY(%s::bigint[])""",
        batch.user_array,
        batch.variant_array,
    )


def read_overdue(batch: Batch) -> None:
    """Whether carts hold units of these variants for longer than they may; the sweeps leave next to none.

    `statement_timestamp()` is at or after `batch.now`, and can be looked up in an index, which a clock can not.
    """

    def take(rows: Rows) -> None:
        [(batch.overdue,)] = rows

    ask(
        batch,
        take,
        """SELECT EXISTS (SELECT FROM stock_hold WHERE owner = 'cart' AND expires_at <= statement_timestamp()
                             AND variant_id = ANY(%s::bigint[]))""",
        batch.variant_array,
    )


def let_go_of_what_is_over(batch: Batch) -> None:
    """End deals and cart holds whose time is up, now that their rows are locked: no unit waits for a sweep."""
    over = batch.overdue_offers()
    if over:
        ids = [offer.id for offer in over]
        rows_of(
            """UPDATE offer SET state = 'ended', end_reason = 'time', ended_at = %s, rev = rev + 1
                WHERE id = ANY(%s::bigint[]) RETURNING id""",
            batch.now,
            array(ids),
        )
        _release(batch, "owner = 'deal' AND owner_id = ANY(%s::bigint[])", array(ids))
        for offer in over:
            del (batch.deals if offer.deal else batch.show_prices)[offer.channel, offer.variant]
        batch.facts += [
            offer_ended(offer) for offer in Offer.objects.filter(pk__in=ids).order_by("pk")
        ]
    if not batch.overdue:
        return
    lines = _release(
        batch,
        "owner = 'cart' AND expires_at <= %s AND variant_id = ANY(%s::bigint[])",
        batch.now,
        array(batch.stocks),
    )
    if lines:
        carts = rows_of(
            "SELECT DISTINCT cart_id FROM cart_line WHERE id = ANY(%s::bigint[])", array(lines)
        )
        batch.facts += touch_carts(cart for (cart,) in carts)


def _release(batch: Batch, which: str, *values: object) -> list[int]:
    """Delete holds on locked rows and count `reserved` down in memory; returns their owners."""
    gone = rows_of(
        f"DELETE FROM stock_hold WHERE {which} RETURNING variant_id, quantity, owner_id", *values
    )
    for variant, quantity, _ in gone:
        batch.stocks[variant].reserved -= quantity
        batch.sold.add(variant)
    return [owner for _, _, owner in gone]
