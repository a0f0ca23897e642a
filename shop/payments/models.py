"""Attempts to be paid, and what the gateway told us about them."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from livestore.base.money import Money
from shop.orders.models import Order


class Payment(models.Model):
    """One attempt to pay one order. `attempt` is the idempotency key at the gateway."""

    class State(models.TextChoices):
        STARTED = "started", "Sent to the gateway"
        ACTION = "requires_action", "Waiting for 3-D Secure"
        SUCCEEDED = "succeeded", "Paid"
        DECLINED = "declined", "Declined"
        REFUND_DUE = (
            "refund_due",
            "Refund on its way",
        )  # charged, but the order could not use it any more
        REFUNDED = "refunded", "Refunded"

    id = models.BigAutoField(primary_key=True)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="payments")
    attempt = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    state = models.CharField(max_length=16, choices=State, default=State.STARTED)
    currency = models.CharField(max_length=3)
    amount_minor = models.PositiveBigIntegerField()
    card_last4 = models.CharField(max_length=4)
    card_number = models.CharField(max_length=19)
    reason = models.CharField(max_length=200, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True, db_default=Now())
    created_at = models.DateTimeField(db_default=Now())
    decided_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "payment"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["order"],
                condition=Q(state="succeeded"),
                name="payment_one_success_per_order",
            ),
            models.UniqueConstraint(
                fields=["order"],
                condition=Q(state__in=["started", "requires_action"]),
                name="payment_one_open_per_order",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_try_at"], name="payment_due", condition=Q(next_try_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount} for {self.order_id}: {self.state}"

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)


class WebhookReceipt(models.Model):
    """A webhook that has been taken; its event has its effect once.

    `due_at` is when it is to be settled, empty once it has been. A receipt that could not be settled is
    tried again later, so that one bad event never stops the others.
    """

    id = models.BigAutoField(primary_key=True)
    event_id = models.CharField(max_length=64, unique=True)
    kind = models.CharField(max_length=40)
    body = models.JSONField()
    received_at = models.DateTimeField(db_default=Now())
    due_at = models.DateTimeField(null=True, db_default=Now())
    tries = models.PositiveSmallIntegerField(default=0)

    class Meta:
        db_table = "webhook_receipt"
        indexes = [
            models.Index(fields=["due_at"], name="receipt_due", condition=Q(due_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.event_id}"
