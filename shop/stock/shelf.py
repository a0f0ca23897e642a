"""What a transaction does to the shelf: collected while nobody waits, written last.

Everybody who buys a variant waits while its stock row is locked, and a worker that stepped back (`livestore.celery`)
can be without a processor for a long moment. So whoever pays, cancels or expires orders collects in a Shelf what
becomes of the stock, and `conclude` sends everything that needs the rows at once, together with the facts and the
COMMIT: between the lock and the COMMIT there is only PostgreSQL, no Python and no journey.

What is collected has to be true without the lock. Orders' holds are: they belong to whoever has the order's row.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.db import connection

from livestore.base.outbox import RECORD, Fact, as_parameter, wake_for
from livestore.base.pipeline import Rows, Statement, keep_plans, travel

PLAN = """SELECT set_config('enable_seqscan', 'off', true), set_config('plan_cache_mode', 'force_generic_plan', true),
       set_config('jit', 'off', true)"""
"""Plans are kept, made for tables of any size; all rows here are found by a key."""
LOCK = "SELECT variant_id FROM stock WHERE variant_id = ANY(%s::bigint[]) ORDER BY variant_id FOR UPDATE"
CHANGE = """UPDATE stock SET on_hand = on_hand + new.units, reserved = reserved + new.held, rev = rev + 1
     FROM unnest(%s::bigint[], %s::integer[], %s::integer[]) AS new (id, units, held)
    WHERE stock.variant_id = new.id"""
LOCK_DEALS = "SELECT id FROM offer WHERE id = ANY(%s::bigint[]) ORDER BY id FOR UPDATE"
# `sold` follows the orders that stand, whether or not the deal still runs; units are kept only for one that does.
GIVE_BACK_DEALS = """WITH given AS (
        UPDATE offer SET sold = sold - back.units, rev = rev + 1
          FROM unnest(%s::bigint[], %s::integer[]) AS back (id, units)
         WHERE offer.id = back.id
     RETURNING offer.id, offer.variant_id, back.units,
               state = 'running' AND (ends_at IS NULL OR ends_at > clock_timestamp()) AS runs),
    kept AS (
        INSERT INTO stock_hold (variant_id, owner, owner_id, quantity, created_at)
        SELECT variant_id, 'deal', id, units, clock_timestamp() FROM given WHERE runs ORDER BY id
            ON CONFLICT (owner, owner_id, variant_id)
            DO UPDATE SET quantity = stock_hold.quantity + EXCLUDED.quantity),
    sums AS (
        SELECT variant_id, sum(units) AS units FROM given WHERE runs GROUP BY variant_id)
    UPDATE stock SET reserved = reserved + sums.units FROM sums WHERE stock.variant_id = sums.variant_id"""
# A row at zero would be the limit's memory of nothing.
GIVE_BACK_USES = """WITH back AS (
        SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::integer[]) AS back (offer_id, user_id, units)),
    gone AS (
        DELETE FROM offer_use USING back
         WHERE offer_use.offer_id = back.offer_id AND offer_use.user_id = back.user_id
           AND offer_use.units <= back.units)
    UPDATE offer_use SET units = offer_use.units - back.units FROM back
     WHERE offer_use.offer_id = back.offer_id AND offer_use.user_id = back.user_id
       AND offer_use.units > back.units"""
STOCK_CHANGED = "shop.stock_changed"
STOCK_FACT = """jsonb_build_object('variant', stock.variant_id, 'left', stock.on_hand - stock.reserved,
                              'rev', stock.rev, 'deal', running.first -> 0, 'deal_left', running.first -> 1,
                              'deals', running.deals)"""
RUNNING = """LATERAL (
           SELECT coalesce(jsonb_object_agg(o.channel, jsonb_build_object('deal', o.id, 'left', h.quantity)
                                            ORDER BY o.id), '{}') AS deals,
                  coalesce(jsonb_agg(jsonb_build_array(o.id, h.quantity) ORDER BY o.id) -> 0,
                           '[null, null]') AS first
             FROM offer o JOIN stock_hold h ON h.owner = 'deal' AND h.owner_id = o.id
            WHERE o.variant_id = stock.variant_id AND o.state = 'running' AND o.kind = 'deal') AS running"""
"""With `stock`, the data of `shop.stock_changed`: `shop.stock.facts.stock_fact` in SQL."""
RECORD_CHANGED = f"""INSERT INTO outbox (kind, channel, person, data, created_at)
    SELECT '{STOCK_CHANGED}', '', NULL, {STOCK_FACT}, statement_timestamp()
      FROM stock, {RUNNING}
     WHERE stock.variant_id = ANY(%s::bigint[]) ORDER BY stock.variant_id"""
"""`shop.stock.facts.stock_facts`, written by PostgreSQL, which alone knows what the rows have become."""


@dataclass(slots=True)
class Shelf:
    """Signed changes by variant, and what goes back to deals; nothing of it has happened yet.

    on_hand, reserved  units by variant; every variant in either is told anew
    deals              units of cancelled or expired orders, by offer
    uses               the same by (offer, buyer): how much less of a limit is used up
    """

    on_hand: Counter[int] = field(default_factory=Counter)
    reserved: Counter[int] = field(default_factory=Counter)
    deals: Counter[int] = field(default_factory=Counter)
    uses: Counter[tuple[int, int]] = field(default_factory=Counter)

    @property
    def variants(self) -> list[int]:
        """In the order in which everybody locks them."""
        return sorted({*self.on_hand, *self.reserved})

    def add(self, other: Shelf) -> None:
        """Both changes are one."""
        self.on_hand.update(other.on_hand)
        self.reserved.update(other.reserved)
        self.deals.update(other.deals)
        self.uses.update(other.uses)

    def statements(self) -> list[Statement]:
        """Lock, change, give back to deals, tell. Units of an order come free before a deal keeps them again."""
        variants = self.variants
        if not variants:
            return []
        found: list[Statement] = [
            (LOCK, [variants]),
            (
                CHANGE,
                [
                    variants,
                    [self.on_hand[each] for each in variants],
                    [self.reserved[each] for each in variants],
                ],
            ),
        ]
        if self.deals:
            uses = sorted(self.uses)
            found += [
                (LOCK_DEALS, [list(self.deals)]),
                (GIVE_BACK_DEALS, [list(self.deals), list(self.deals.values())]),
                (
                    GIVE_BACK_USES,
                    [
                        [offer for offer, _ in uses],
                        [user for _, user in uses],
                        [self.uses[use] for use in uses],
                    ],
                ),
            ]
        return [*found, (RECORD_CHANGED, [variants])]


def conclude(shelf: Shelf, facts: Iterable[Fact] = (), *, wake: bool = True) -> None:
    """The last thing in a transaction: write the shelf, record the facts behind it, COMMIT, in one journey.

    wake  whether the relay is told. While it is, everybody else who tells it waits for this COMMIT; it looks by itself
          a few times in a second, which is soon enough for hundreds of changes that are nobody's click.

    Inside of a transaction that somebody else has begun, that one's COMMIT counts, and the rows stay locked until then.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("the shelf is changed inside the transaction that moves the orders")
    told = list(facts)
    statements = shelf.statements()
    if not statements and not told:
        return
    if told:
        statements.append((RECORD, [as_parameter(told)]))
    if wake:
        changed = [STOCK_CHANGED] if shelf.variants else []
        statements.append(wake_for([*changed, *(fact.kind for fact in told)]))
    send_and_commit(statements)


def send_and_commit(statements: Sequence[Statement]) -> list[Rows]:
    """Statements that lock the stock, and the COMMIT of the running transaction, in one journey; the rows of each."""
    own = not connection.savepoint_ids
    plan: list[Statement] = [(PLAN, [])] if own else []
    connection.ensure_connection()
    with connection.wrap_database_errors:
        keep_plans(connection.connection)
        found = travel(connection.connection, [*plan, *statements], commit=own)
    return found[len(plan) :]
