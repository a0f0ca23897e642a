"""The one table of what an order may become, and the one way to move it.

Lock order of everything that moves orders: orders, payments, then stock rows and offers, each in primary-key
order (docs/payments.md). A move is a conditional UPDATE: only the one who finds the order still in an allowed
state moves it, and only that one lets the effects on stock happen, in the same transaction. The stock comes last,
by `Moves.conclude`, because everybody who buys waits for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.db import connection, transaction

from livestore.base.errors import Conflict
from livestore.base.outbox import Fact
from shop.offers.returning import release_orders, return_orders
from shop.orders.models import Order
from shop.stock.ledger import consume_order_holds
from shop.stock.shelf import Shelf, conclude

Status = Order.Status

TABLE: Mapping[str, frozenset[str]] = {
    Status.PENDING: frozenset({Status.PAID, Status.EXPIRED, Status.CANCELLED}),
    Status.PAID: frozenset({Status.PACKED, Status.CANCELLED}),
    Status.PACKED: frozenset({Status.SHIPPED}),
    Status.SHIPPED: frozenset({Status.DELIVERED}),
    Status.DELIVERED: frozenset(),
    Status.EXPIRED: frozenset(),
    Status.CANCELLED: frozenset(),
}
# An order in one of these has been paid for and keeps its units.
SOLD = frozenset({Status.PAID, Status.PACKED, Status.SHIPPED, Status.DELIVERED})
TERMINAL = frozenset(status for status, after in TABLE.items() if not after)


def sources(to: str) -> list[str]:
    """The states from which an order may become `to`."""
    return sorted(status for status, after in TABLE.items() if to in after)


@dataclass(frozen=True, slots=True)
class Moved:
    """One order that was moved; `rev` is its new row counter."""

    id: int
    public_id: str
    user_id: int
    channel: str
    before: str
    after: str
    rev: int


@dataclass(slots=True)
class Moves:
    """What a call of `Mover.move` did, and what it leaves to `conclude`: the shelf, and the facts."""

    orders: list[Moved] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    shelf: Shelf = field(default_factory=Shelf)

    def conclude(self, *, wake: bool = True) -> None:
        """Write the shelf, tell everybody and COMMIT: last in the transaction. See `shop.stock.shelf.conclude`."""
        conclude(self.shelf, self.facts, wake=wake)


def updated(orders: Iterable[tuple[str, int, int]]) -> list[Fact]:
    """Facts that these orders `(public_id, user_id, rev)` have changed; their buyers' pages show them anew.

    `shop.order_updated {order, rev}` with its person, or one `shop.orders_updated {orders: [{order, user, rev}]}`
    for several: a rush moves hundreds in a transaction, and a row for each would cost more than the move.
    """
    changed = list(orders)
    if len(changed) == 1:
        [(public_id, user_id, rev)] = changed
        return [Fact("shop.order_updated", {"order": public_id, "rev": rev}, person=user_id)]
    if not changed:
        return []
    rows = [{"order": name, "user": user, "rev": rev} for name, user, rev in changed]
    return [Fact("shop.orders_updated", {"orders": rows})]


class Mover:
    """Moves orders, many at once, in small steps so that a test can take exactly one protection away."""

    def move(
        self,
        order_ids: Iterable[int],
        *,
        to: str,
        reason: str,
        by_id: int | None = None,
        only_from: Iterable[str] | None = None,
        due_only: bool = False,
    ) -> Moves:
        """Move every one of these orders that may become `to`; the others are left as they are.

        Runs inside the caller's transaction, which ends with `Moves.conclude`. `only_from` narrows the allowed
        states; `due_only` moves only orders whose time is up by the database's clock and leaves out those that
        somebody else is moving.
        """
        ids = sorted(set(order_ids))
        allowed = sources(to)
        if only_from is not None:
            allowed = sorted(set(allowed) & set(only_from))
        if not ids or not allowed:
            return Moves()
        moved = self.claim(ids, to=to, allowed=allowed, due_only=due_only)
        if not moved:
            return Moves()
        self.write_history(moved, reason=reason, by_id=by_id)
        shelf = self.effects(moved, to=to, reason=reason, by_id=by_id)
        facts = updated((each.public_id, each.user_id, each.rev) for each in moved)
        return Moves(orders=moved, facts=facts, shelf=shelf)

    def claim(
        self, ids: Sequence[int], *, to: str, allowed: Sequence[str], due_only: bool
    ) -> list[Moved]:
        """The conditional UPDATE. Its WHERE is read again by PostgreSQL after waiting for a row.

        From here on nobody else changes what these orders hold.
        """
        due = "AND expires_at <= clock_timestamp()" if due_only else ""
        skip = "SKIP LOCKED" if due_only else ""
        with connection.cursor() as cursor:
            cursor.execute(
                f"""WITH old AS (
                        SELECT id, status FROM purchase
                         WHERE id = ANY(%(ids)s::bigint[]) AND {self.guard()} {due}
                         ORDER BY id FOR NO KEY UPDATE {skip})
                    UPDATE purchase SET status = %(to)s, rev = rev + 1,
                           paid_at = CASE WHEN %(to)s = 'paid' THEN clock_timestamp() ELSE paid_at END
                      FROM old WHERE purchase.id = old.id
                 RETURNING purchase.id, public_id, user_id, channel, old.status, purchase.status, rev""",
                {"ids": list(ids), "allowed": list(allowed), "to": to},
            )
            return [Moved(*row) for row in sorted(cursor.fetchall())]

    def guard(self) -> str:
        """The condition under which an order may be moved (SQL)."""
        return "status = ANY(%(allowed)s::text[])"

    def write_history(self, moved: Sequence[Moved], *, reason: str, by_id: int | None) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO purchase_move (order_id, before, after, reason, by_id, at) "
                "SELECT id, before, after, %s, %s, clock_timestamp() "
                "FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS m (id, before, after)",
                [
                    reason[:200],
                    by_id,
                    [each.id for each in moved],
                    [each.before for each in moved],
                    [each.after for each in moved],
                ],
            )

    def effects(self, moved: Sequence[Moved], *, to: str, reason: str, by_id: int | None) -> Shelf:
        """What a move does to the shelf: sold, let go, or returned."""
        ids = [each.id for each in moved]
        if to == Status.PAID:
            return consume_order_holds(ids)
        if to == Status.EXPIRED:
            return release_orders(ids)
        shelf = Shelf()
        if to == Status.CANCELLED:
            unpaid = [each.id for each in moved if each.before == Status.PENDING]
            paid = [each.id for each in moved if each.before != Status.PENDING]
            if unpaid:
                shelf.add(release_orders(unpaid))
            if paid:
                shelf.add(return_orders(paid, reason=reason, by_id=by_id))
        return shelf


MOVER = Mover()


def move(*, order_id: int, to: str, reason: str, by_id: int | None = None) -> Moved:
    """Move one order and announce it. Raises Conflict when its state does not allow that."""
    with transaction.atomic():
        moves = MOVER.move([order_id], to=to, reason=reason, by_id=by_id)
        if not moves.orders:
            raise Conflict(_why_not(order_id, to))
        moves.conclude()
    return moves.orders[0]


def _why_not(order_id: int, to: str) -> str:
    found = Order.objects.filter(pk=order_id).values_list("status", flat=True).first()
    if found is None:
        return "There is no such order."
    return f"This order is {Status(found).label.lower()}, so it can not become {Status(to).label.lower()}."
