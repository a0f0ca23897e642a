"""What may never happen in the shop. Each is one query, so each sees one moment, also during a sale."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection

from shop.facts import PERSONAL


@dataclass(frozen=True, slots=True)
class Result:
    """`count` is how many things are wrong; 0 is right. `sentence` says what should hold."""

    name: str
    sentence: str
    count: int

    @property
    def ok(self) -> bool:
        return self.count == 0


@dataclass(frozen=True, slots=True)
class Invariant:
    """`sql` selects one row for each thing that is wrong."""

    name: str
    sentence: str
    sql: str

    def check(self) -> Result:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT count(*) FROM ({self.sql}) AS wrong")
            row = cursor.fetchone()
        return Result(self.name, self.sentence, int(row[0]) if row else 0)


SOLD = "('paid', 'packed', 'shipped', 'delivered')"
STANDING = "('pending', 'paid', 'packed', 'shipped', 'delivered')"

INVARIANTS = (
    Invariant(
        "I1",
        "Opening stock plus all movements is what is on hand, and never below zero.",
        """SELECT 1 FROM stock
             LEFT JOIN (SELECT variant_id, sum(quantity) AS moved FROM stock_movement GROUP BY 1) m
                    USING (variant_id)
            WHERE opening + coalesce(moved, 0) <> on_hand OR on_hand < 0""",
    ),
    Invariant(
        "I2",
        "What carts, orders and deals hold is what is reserved, and never more than on hand.",
        """SELECT 1 FROM (SELECT variant_id, sum(quantity) AS held FROM stock_hold GROUP BY 1) h
             FULL JOIN stock USING (variant_id)
            WHERE coalesce(held, 0) <> coalesce(reserved, 0) OR reserved > on_hand""",
    ),
    Invariant(
        "I3",
        "A paid order has exactly one successful payment, of its total; no other order has any.",
        f"""SELECT 1 FROM purchase
              LEFT JOIN (SELECT order_id, count(*) AS times, min(amount_minor) AS amount,
                                min(currency) AS code
                           FROM payment WHERE state = 'succeeded' GROUP BY 1) p
                     ON p.order_id = purchase.id
             WHERE CASE WHEN status IN {SOLD}
                        THEN (times, amount, code) IS DISTINCT FROM (1, total_minor, currency)
                        ELSE times IS NOT NULL END""",
    ),
    Invariant(
        "I4",
        "Nobody has more units of a deal than its limit, and no deal sells more than its units.",
        f"""WITH had AS (
                SELECT line.offer_id, purchase.user_id, sum(line.quantity) AS units
                  FROM purchase_line line
                  JOIN purchase ON purchase.id = line.order_id AND purchase.status IN {STANDING}
                  JOIN offer ON offer.id = line.offer_id AND offer.kind = 'deal'
                 GROUP BY 1, 2)
            SELECT 1 FROM had JOIN offer ON offer.id = had.offer_id WHERE had.units > offer.per_buyer
            UNION ALL
            SELECT 1 FROM offer_use AS used
              LEFT JOIN had ON had.offer_id = used.offer_id AND had.user_id = used.user_id
             WHERE used.units <> coalesce(had.units, 0)
            UNION ALL
            SELECT 1 FROM offer
              LEFT JOIN (SELECT offer_id, sum(units) AS units FROM had GROUP BY 1) AS gone
                     ON gone.offer_id = offer.id
             WHERE offer.kind = 'deal'
               AND (coalesce(gone.units, 0) > offer.units OR coalesce(gone.units, 0) <> offer.sold)""",
    ),
    Invariant(
        "I5",
        "A pending order holds exactly its units; orders that are over, ended deals and lost carts hold none.",
        """SELECT 1 FROM (
               SELECT order_id, variant_id, sum(quantity) AS wanted
                 FROM purchase_line JOIN purchase ON purchase.id = order_id
                WHERE status = 'pending' GROUP BY 1, 2) AS open_line
             FULL JOIN (
               SELECT owner_id AS order_id, variant_id, quantity FROM stock_hold WHERE owner = 'order'
               ) AS held USING (order_id, variant_id)
            WHERE wanted IS DISTINCT FROM quantity
            UNION ALL
            SELECT 1 FROM stock_hold LEFT JOIN offer ON offer.id = owner_id
             WHERE owner = 'deal' AND offer.state IS DISTINCT FROM 'running'
            UNION ALL
            SELECT 1 FROM stock_hold LEFT JOIN cart_line ON cart_line.id = owner_id
             WHERE owner = 'cart' AND cart_line.id IS NULL""",
    ),
    Invariant(
        "I7",
        "No fact waits longer than five seconds to be announced, nor a minute when only its buyer waits for it.",
        f"""SELECT 1 FROM outbox
             WHERE created_at < clock_timestamp() - CASE WHEN kind IN {PERSONAL}
                                                         THEN interval '1 minute'
                                                         ELSE interval '5 seconds' END""",
    ),
    Invariant(
        "I9",
        "Orders add up to the last cent, and every unit of them is booked out and back exactly.",
        f"""SELECT 1 FROM purchase
              LEFT JOIN (SELECT order_id, sum(total_minor) AS items,
                                bool_or(total_minor <> quantity * unit_minor) AS wrong
                           FROM purchase_line GROUP BY 1) AS line ON line.order_id = purchase.id
             WHERE items IS DISTINCT FROM items_minor OR wrong
                OR total_minor <> items_minor + shipping_minor - discount_minor
            UNION ALL
            SELECT 1 FROM (
                SELECT order_id, variant_id, sum(quantity) AS units FROM purchase_line
                  JOIN purchase ON purchase.id = order_id AND status IN {SOLD} GROUP BY 1, 2) AS sold
              FULL JOIN (
                SELECT order_id, variant_id, sum(quantity) AS moved FROM stock_movement
                 WHERE order_id IS NOT NULL GROUP BY 1, 2) AS booked USING (order_id, variant_id)
             WHERE coalesce(units, 0) + coalesce(moved, 0) <> 0""",
    ),
    Invariant(
        "I10",
        "One key of one person has one order, one attempt has one payment, one event one effect.",
        """SELECT 1 FROM purchase GROUP BY user_id, key HAVING count(*) > 1
           UNION ALL SELECT 1 FROM payment GROUP BY attempt HAVING count(*) > 1
           UNION ALL SELECT 1 FROM webhook_receipt GROUP BY event_id HAVING count(*) > 1
           UNION ALL
           SELECT 1 FROM purchase_move GROUP BY order_id, after HAVING count(*) > 1""",
    ),
    Invariant(
        "I11",
        "Whatever an order, a line of its history, a hold or a limit refers to is there.",
        """SELECT 1 FROM purchase LEFT JOIN person ON person.id = user_id WHERE person.id IS NULL
           UNION ALL
           SELECT 1 FROM purchase_line
             LEFT JOIN purchase ON purchase.id = order_id
             LEFT JOIN variant ON variant.id = purchase_line.variant_id
             LEFT JOIN offer ON offer.id = offer_id
            WHERE purchase.id IS NULL OR variant.id IS NULL OR (offer_id IS NOT NULL AND offer.id IS NULL)
           UNION ALL
           SELECT 1 FROM purchase_move LEFT JOIN purchase ON purchase.id = order_id
            WHERE purchase.id IS NULL
           UNION ALL
           SELECT 1 FROM stock_hold LEFT JOIN variant ON variant.id = variant_id WHERE variant.id IS NULL
           UNION ALL
           SELECT 1 FROM offer_use
             LEFT JOIN offer ON offer.id = offer_id LEFT JOIN person ON person.id = user_id
            WHERE offer.id IS NULL OR person.id IS NULL""",
    ),
)


def check() -> list[Result]:
    """All of them, in order. A sale may go on meanwhile."""
    return [invariant.check() for invariant in INVARIANTS]
