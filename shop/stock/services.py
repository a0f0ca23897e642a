"""Writing the ledger by hand: opening a stock, and posting movements with a reason."""

from __future__ import annotations

from django.db import transaction

from accounts.people.models import User
from livestore.base.errors import Invalid, NotAllowed, NotFound
from livestore.base.outbox import record
from shop.catalogue.models import Variant
from shop.stock.errors import NotEnoughStock
from shop.stock.facts import stock_facts
from shop.stock.ledger import lock_stock, write_stock
from shop.stock.models import Movement, Stock

MOST_AT_ONCE = 1_000_000
BY_HAND = {Movement.Kind.RECEIVED, Movement.Kind.CORRECTION}


def open_stock(*, variant: Variant, opening: int = 0) -> Stock:
    """Give a new variant its stock row, with what lies on the shelf before the first movement.

    A variant that already has one keeps it unchanged: later units are movements.
    """
    if not 0 <= opening <= MOST_AT_ONCE:
        raise Invalid(fields={"opening": f"The opening stock is between 0 and {MOST_AT_ONCE:,}."})
    stock, _ = Stock.objects.get_or_create(
        variant=variant, defaults={"opening": opening, "on_hand": opening}
    )
    return stock


def post_movement(
    *, variant: Variant, kind: str, quantity: int, reason: str, by: User | None
) -> Movement:
    """Add `quantity` (signed) to the shelf of a variant, with a reason that people can read later.

    kind  `received` (adds) or `correction` (either way); sales and returns are posted by orders only
    by    an admin, or None for a program on this machine (an import)

    Raises Invalid, NotAllowed, NotFound, and NotEnoughStock when units that somebody holds would go.
    """
    if by is not None and not by.is_staff:
        raise NotAllowed("Only an admin can post stock movements.")
    fields: dict[str, str] = {}
    if kind not in BY_HAND:
        fields["kind"] = "Post what was received, or a correction."
    if quantity == 0 or abs(quantity) > MOST_AT_ONCE:
        fields["quantity"] = f"Post a number other than 0, up to {MOST_AT_ONCE:,}."
    elif kind == Movement.Kind.RECEIVED and quantity < 0:
        fields["quantity"] = "What was received is more than 0. Take units away with a correction."
    if not reason.strip():
        fields["reason"] = "Say why, in a few words."
    elif len(reason.strip()) > 200:
        fields["reason"] = "Please use at most 200 letters."
    if fields:
        raise Invalid(fields=fields)
    with transaction.atomic():
        stock = lock_stock([variant.pk]).get(variant.pk)
        if stock is None:
            raise NotFound("This variant has no stock yet.")
        if quantity < 0 and -quantity > stock.left:
            raise NotEnoughStock(stock.left)
        stock.on_hand += quantity
        write_stock([stock])
        movement = Movement.objects.create(
            variant=variant, kind=kind, quantity=quantity, reason=reason.strip(), by=by
        )
        record(stock_facts([stock]))
    return movement
