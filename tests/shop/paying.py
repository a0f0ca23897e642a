"""Small steps that tests of orders, payments and the gateway share."""

from __future__ import annotations

import uuid
from typing import Any

import orjson
from django.conf import settings
from django.db import connection

from accounts.models import User
from livestore.base.clock import database_now
from shop.checkout.placement import place_many
from shop.checkout.requests import LineRequest, Placed, PlaceRequest
from shop.gateway.services import event_id
from shop.gateway.signature import sign
from shop.invariants import check
from shop.models import Order, Payment, Variant
from shop.payments import services
from shop.payments.port import Authorization, PaymentTrouble

DECLINES = "4000000000000002"
SECURE = "4000000000003220"
SLOW = "4000000000000077"
TIMES_OUT = "4000000000000119"
NOISY = "4000000000000259"


class SilentGateway:
    """Takes everything and says nothing: tests send the webhooks themselves. Remembers what it was asked."""

    def __init__(self) -> None:
        self.authorized: list[Authorization] = []
        self.captured: list[uuid.UUID] = []
        self.refunded: list[uuid.UUID] = []
        self.trouble: PaymentTrouble | None = None

    def authorize(self, attempt: uuid.UUID, amount: Any, card: str) -> None:
        (trouble,) = self.authorize_many([Authorization(attempt, amount, card)])
        if trouble:
            raise trouble

    def authorize_many(self, wanted: Any) -> list[PaymentTrouble | None]:
        self.authorized += wanted
        return [self.trouble for _ in wanted]

    def capture(self, attempt: uuid.UUID) -> None:
        self.captured.append(attempt)

    def refund(self, attempt: uuid.UUID) -> None:
        if self.trouble:
            raise self.trouble
        self.refunded.append(attempt)


def placed(user: User, variant: Variant, quantity: int = 1, **fields: Any) -> Order:
    """A pending order, made the way all orders are made."""
    request = PlaceRequest(user.pk, uuid.uuid4(), (LineRequest(variant.pk, quantity),), **fields)
    (outcome,) = place_many([request])
    assert isinstance(outcome, Placed), outcome
    return Order.objects.get(pk=outcome.order_id)


def attempted(order: Order, gateway: SilentGateway | None = None) -> Payment:
    """The order's first attempt, sent to a gateway that stays silent."""
    services.start_attempts([order.pk], port=gateway or SilentGateway())
    return order.payments.get()


def event(payment: Payment, kind: str = "succeeded", **changes: Any) -> dict[str, Any]:
    """What the gateway would say about an attempt."""
    body: dict[str, Any] = {
        "id": event_id(payment.attempt, f"payment.{kind}"),
        "kind": f"payment.{kind}",
        "attempt": str(payment.attempt),
        "amount": payment.amount.as_json(),
        "reason": "The card was declined." if kind == "declined" else "",
        "at": 0,
    }
    return body | changes


def signed(body: dict[str, Any], *, age: int = 0, secret: str | None = None) -> dict[str, Any]:
    """Arguments of `take_webhook` for an event signed `age` seconds ago."""
    raw = orjson.dumps(body)
    stamp = int(database_now().timestamp()) - age
    return {
        "raw": raw,
        "signature": sign(raw, secret=secret or settings.WEBHOOK_SECRET, stamp=stamp),
    }


def hear(payment: Payment, kind: str = "succeeded", **changes: Any) -> bool:
    """The gateway's webhook arrives at the door's service."""
    return services.take_webhook(**signed(event(payment, kind, **changes)))


def let_time_pass(order: Order) -> None:
    """Now the order's ten minutes are over, by the database's clock."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE purchase SET expires_at = clock_timestamp() - interval '1 second' WHERE id = %s",
            [order.pk],
        )
    order.refresh_from_db()


def broken(*, but: tuple[str, ...] = ("I7",)) -> dict[str, int]:
    """The invariants that do not hold. I7 is about the relay, which does not run in these tests."""
    return {each.name: each.count for each in check() if each.count and each.name not in but}
