"""Telling a person that their cart is not what it was."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection

from livestore.base.outbox import Fact


def touch_carts(cart_ids: Iterable[int]) -> list[Fact]:
    """Count `rev` of these carts up, locked in primary-key order (after stock rows and offers).

    Returns one `shop.cart_updated` for each of their people.
    """
    ids = sorted(set(cart_ids))
    if not ids:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM cart WHERE id = ANY(%s::bigint[]) ORDER BY id FOR UPDATE", [ids]
        )
        cursor.execute(
            "UPDATE cart SET rev = rev + 1 WHERE id = ANY(%s::bigint[]) RETURNING user_id", [ids]
        )
        return [Fact("shop.cart_updated", person=user) for (user,) in sorted(cursor.fetchall())]
