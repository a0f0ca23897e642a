"""Changing a cart. Each line keeps its units for ten minutes (a Hold); the cart keeps units, never prices.

Locks, as everywhere: the stock row of the line's variant first, then the cart. Units of a running flash deal
are not for carts: they go to who buys first.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from accounts.people.models import User
from livestore.base.clock import database_now
from livestore.base.errors import Invalid, KeyReused
from livestore.base.outbox import Fact, record
from shop.carts.changes import touch_carts
from shop.carts.errors import CartFull, NoSuchLine
from shop.carts.models import Cart, CartLine
from shop.catalogue.errors import NoSuchVariant
from shop.catalogue.models import Product, Variant
from shop.checkout.errors import MixedCurrencies, NotForSale, SoldOut
from shop.stock import ledger
from shop.stock.errors import NotEnoughStock
from shop.stock.facts import stock_facts
from shop.stock.models import Hold, Stock

HOLD = dt.timedelta(minutes=10)
MOST_OF_ONE = 99
MOST_LINES = 50


def add(
    *, user: User, variant: int, quantity: int = 1, channel: str = "", key: UUID
) -> CartLine | None:
    """Put units of a variant (by id) into the cart and keep all units of its line for ten minutes from now.

    channel  where it was picked; decides the line's price
    key      the same key and body again changes nothing; another body raises KeyReused
    Returns the line, or None when a repeated key finds it gone.
    Raises Invalid, NoSuchVariant, NotForSale, MixedCurrencies, CartFull, SoldOut.
    """
    _check_quantity(quantity)
    if len(channel) > 120 or "\0" in channel:
        raise Invalid(fields={"channel": "There is no such show."})
    with transaction.atomic():
        stocks = ledger.lock_stock([variant])
        cart = _locked_cart(user)
        if not _first_use(user, key, ["add", variant, quantity, channel]):
            return CartLine.objects.filter(cart=cart, variant_id=variant).first()
        _check_for_sale(cart, variant)
        line = CartLine.objects.filter(cart=cart, variant_id=variant).first()
        if line is None:
            if CartLine.objects.filter(cart=cart).count() >= MOST_LINES:
                raise CartFull()
            line = CartLine(cart=cart, variant_id=variant, quantity=0)
        line.quantity += quantity
        _check_quantity(line.quantity)
        line.channel = channel
        line.save()
        _keep(stocks, line)
        _tell(cart, stocks)
    return line


def set_quantity(*, user: User, line: int, quantity: int) -> CartLine | None:
    """Make a line (by id) exactly `quantity`; 0 removes it. More keeps all of it for ten minutes from now.

    Raises Invalid, NoSuchLine, NotForSale, SoldOut.
    """
    if quantity == 0:
        remove(user=user, line=line)
        return None
    _check_quantity(quantity)
    with transaction.atomic():
        stocks, cart, mine = _locked_line(user, line)
        hold = _live_hold(mine)
        if hold is not None and quantity < mine.quantity:
            kept = min(hold.quantity, quantity)
            _hold(stocks, mine, kept, hold.expires_at)
        grows, mine.quantity = quantity > mine.quantity, quantity
        mine.save(update_fields=["quantity"])
        if grows:
            _check_for_sale(cart, mine.variant_id)
            _keep(stocks, mine)
        _tell(cart, stocks)
    return mine


def remove(*, user: User, line: int) -> None:
    """Take a line out of the cart; its units are on the shelf again. A line that is gone is fine."""
    with transaction.atomic():
        try:
            stocks, cart, mine = _locked_line(user, line)
        except NoSuchLine:
            return
        _hold(stocks, mine, 0, None)
        mine.delete()
        _tell(cart, stocks)


def hold_again(*, user: User, line: int, key: UUID | None = None) -> CartLine:
    """Keep the units of a line for ten minutes from now, if they are still there.

    Raises NoSuchLine, NotForSale, SoldOut, KeyReused.
    """
    with transaction.atomic():
        stocks, cart, mine = _locked_line(user, line)
        if key is not None and not _first_use(user, key, ["hold", line]):
            return mine
        _check_for_sale(cart, mine.variant_id)
        _keep(stocks, mine)
        _tell(cart, stocks)
    return mine


def _check_quantity(quantity: int) -> None:
    if type(quantity) is not int or not 1 <= quantity <= MOST_OF_ONE:
        raise Invalid(fields={"quantity": f"A cart takes between 1 and {MOST_OF_ONE} of each."})


def _check_for_sale(cart: Cart, variant_id: int) -> None:
    variant = Variant.objects.select_related("product").filter(pk=variant_id).first()
    if variant is None:
        raise NoSuchVariant()
    if variant.product.status != Product.Status.ACTIVE:
        raise NotForSale()
    others = CartLine.objects.filter(cart=cart).exclude(variant__currency=variant.currency)
    if others.exists():
        raise MixedCurrencies("Your cart holds things in another currency. Check them out first.")


def _locked_cart(user: User) -> Cart:
    Cart.objects.bulk_create([Cart(user=user)], ignore_conflicts=True)
    return Cart.objects.select_for_update().get(user=user)


def _locked_line(user: User, line: int) -> tuple[dict[int, Stock], Cart, CartLine]:
    """Lock the stock row, then the cart of one of this person's lines, and read the line again."""
    mine = CartLine.objects.filter(pk=line, cart__user=user)
    found = mine.first()
    if found is None:
        raise NoSuchLine()
    stocks = ledger.lock_stock([found.variant_id])
    cart = Cart.objects.select_for_update().get(pk=found.cart_id)
    again = mine.first()
    if again is None:
        raise NoSuchLine()
    return stocks, cart, again


def _live_hold(line: CartLine) -> Hold | None:
    return Hold.objects.filter(
        owner=Hold.Owner.CART, owner_id=line.pk, expires_at__gt=database_now()
    ).first()


def _keep(stocks: dict[int, Stock], line: CartLine) -> None:
    """Hold exactly the line's units for ten minutes from now, or raise SoldOut."""
    if line.variant_id not in stocks:
        raise SoldOut([(line.variant_id, 0)])
    try:
        _hold(stocks, line, line.quantity, database_now() + HOLD)
    except NotEnoughStock as short:
        left = int((short.data or {}).get("left", 0))
        raise SoldOut([(line.variant_id, left)]) from short


def _hold(
    stocks: dict[int, Stock], line: CartLine, quantity: int, until: dt.datetime | None
) -> None:
    if line.variant_id in stocks:
        ledger.set_hold(
            stocks[line.variant_id],
            owner=Hold.Owner.CART,
            owner_id=line.pk,
            quantity=quantity,
            expires_at=until,
        )


def _first_use(user: User, key: UUID, body: list[Any]) -> bool:
    """Whether this key is new; False for the same body again. Raises KeyReused for another body."""
    digest = hashlib.sha256(json.dumps(body).encode()).hexdigest()
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO cart_key (user_id, key, body_hash, at)
               VALUES (%s, %s, %s, clock_timestamp())
               ON CONFLICT (user_id, key) DO NOTHING RETURNING 1""",
            [user.pk, key, digest],
        )
        if cursor.fetchone() is not None:
            return True
        cursor.execute(
            "SELECT body_hash FROM cart_key WHERE user_id = %s AND key = %s", [user.pk, key]
        )
        row = cursor.fetchone()
    if row is None or row[0] != digest:
        raise KeyReused()
    return False


def _tell(cart: Cart, stocks: dict[int, Stock]) -> None:
    ledger.write_stock(stocks.values())
    facts: list[Fact] = stock_facts(stocks)
    record([*facts, *touch_carts([cart.pk])])
