"""What the buying tests share: requests, deals, rivals in threads, and the invariants after every test."""

from __future__ import annotations

import datetime as dt
import threading
import uuid
from collections.abc import Callable, Sequence
from typing import TypeVar

from django.db import connection
from django.db.models import Sum

from accounts.models import User
from livestore.base.money import Money
from livestore.base.outbox import OutboxRow
from shop.checkout.requests import LineRequest, Outcome, Placed, PlaceRequest
from shop.models import Hold, Movement, Offer, OfferUse, Order, OrderLine, Stock, Variant
from shop.offers.services import start_deal
from tests.emptying import clear

SHOW = "evening-edit"
T = TypeVar("T")


def ask(
    buyer: User,
    *lines: tuple[Variant, int, int | None],
    channel: str = "",
    key: uuid.UUID | None = None,
    from_cart: bool = False,
    **more: object,
) -> PlaceRequest:
    """`ask(mina, (variant, quantity, seen price))`"""
    return PlaceRequest(
        user_id=buyer.pk,
        key=key or uuid.uuid4(),
        lines=tuple(LineRequest(variant.pk, quantity, seen) for variant, quantity, seen in lines),
        channel=channel,
        from_cart=from_cart,
        **more,  # type: ignore[arg-type]
    )


def deal(
    variant: Variant,
    *,
    units: int = 10,
    price: int = 900,
    per_buyer: int | None = None,
    seconds: int | None = 60,
    channel: str = SHOW,
) -> Offer:
    return start_deal(
        variant=variant,
        channel=channel,
        price=Money(price, variant.currency),
        units=units,
        per_buyer=per_buyer,
        seconds=seconds,
    )


def past(seconds: float = 1) -> dt.datetime:
    return dt.datetime.now(dt.UTC) - dt.timedelta(seconds=seconds)


def codes(outcomes: Sequence[Outcome]) -> list[str]:
    return ["placed" if isinstance(outcome, Placed) else outcome.code for outcome in outcomes]


def placed(outcome: Outcome) -> Placed:
    assert isinstance(outcome, Placed), outcome
    return outcome


def facts(kind: str) -> list[OutboxRow]:
    return list(OutboxRow.objects.filter(kind=kind).order_by("id"))


def faults() -> list[str]:
    """Every broken promise about stock, holds, deals and limits, as sentences; empty when all is well."""
    found = []
    for stock in Stock.objects.all():
        moved = Movement.objects.filter(variant=stock.pk).aggregate(n=Sum("quantity"))["n"] or 0
        held = Hold.objects.filter(variant=stock.pk).aggregate(n=Sum("quantity"))["n"] or 0
        if stock.opening + moved != stock.on_hand:
            found.append(f"ledger of {stock.pk}: {stock.opening} + {moved} != {stock.on_hand}")
        if held != stock.reserved:
            found.append(f"holds of {stock.pk}: {held} != {stock.reserved}")
        if not 0 <= stock.reserved <= stock.on_hand:
            found.append(f"reserved of {stock.pk}: {stock.reserved} of {stock.on_hand}")
        promised = OrderLine.objects.filter(
            variant=stock.pk,
            order__status__in=["pending", "paid", "packed", "shipped", "delivered"],
        ).aggregate(n=Sum("quantity"))["n"]
        # What was sold and what came back cancel out against the orders that stand.
        by_hand = Movement.objects.filter(variant=stock.pk, kind__in=["received", "correction"])
        if (promised or 0) > stock.opening + (by_hand.aggregate(n=Sum("quantity"))["n"] or 0):
            found.append(f"oversold {stock.pk}: {promised} promised")
    for offer in Offer.objects.filter(kind="deal"):
        standing = OrderLine.objects.filter(
            offer=offer, order__status__in=["pending", "paid", "packed", "shipped", "delivered"]
        )
        bought = standing.aggregate(n=Sum("quantity"))["n"] or 0
        if bought != offer.sold or bought > (offer.units or 0):
            found.append(
                f"deal {offer.pk}: {bought} bought, {offer.sold} counted, {offer.units} units"
            )
        hold = Hold.objects.filter(owner="deal", owner_id=offer.pk).first()
        left = hold.quantity if hold else 0
        if offer.state == "running" and left != (offer.units or 0) - offer.sold:
            found.append(f"deal {offer.pk}: {left} left of {offer.units} with {offer.sold} sold")
        if offer.state == "ended" and left:
            found.append(f"deal {offer.pk} has ended and holds {left}")
        if offer.per_buyer is not None:
            per_user = standing.values("order__user").annotate(n=Sum("quantity"))
            for row in per_user:
                if row["n"] > offer.per_buyer:
                    found.append(f"over the limit of deal {offer.pk}: {row['n']}")
                use = OfferUse.objects.filter(offer=offer, user=row["order__user"]).first()
                if use is None or use.units != row["n"]:
                    found.append(f"use of deal {offer.pk} is not what was bought")
    found += [
        f"order {hold.owner_id} holds {hold.quantity} and is not pending"
        for hold in Hold.objects.filter(owner="order")
        if not Order.objects.filter(pk=hold.owner_id, status="pending").exists()
    ]
    return found


def at_once(*acts: Callable[[], T]) -> list[T | Exception]:
    """Run every act in a thread of its own with its own connection, all let go at the same moment."""
    start = threading.Barrier(len(acts))
    results: list[T | Exception | None] = [None] * len(acts)

    def run(place: int, act: Callable[[], T]) -> None:
        try:
            connection.ensure_connection()
            start.wait(timeout=30)
            results[place] = act()
        except Exception as problem:
            results[place] = problem
        finally:
            connection.close()

    threads = [
        threading.Thread(target=run, args=(place, act), daemon=True)
        for place, act in enumerate(acts)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
        assert not thread.is_alive(), "a rival never came back"
    return results  # type: ignore[return-value]


def wait(barrier: threading.Barrier) -> None:
    """Meet the rival, or go on alone when no rival can come (a lock keeps it away: all is well then)."""
    try:
        barrier.wait(timeout=1)
    except threading.BrokenBarrierError:
        return


def fresh(variant: Variant, stock: int = 1) -> None:
    """Back to the beginning of a round."""
    clear(connection, "purchase", "offer", "cart", "stock_hold", "stock_movement", "outbox")
    Stock.objects.update(opening=stock, on_hand=stock, reserved=0, rev=1)
