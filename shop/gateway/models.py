"""The simulated gateway's own books. It knows attempts, amounts and cards, and nothing of orders."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


class Charge(models.Model):
    """What the gateway decided about one attempt."""

    class State(models.TextChoices):
        WAITING = "waiting", "Deciding"
        ACTION = "requires_action", "Waiting for 3-D Secure"
        SUCCEEDED = "succeeded", "Charged"
        DECLINED = "declined", "Declined"
        REFUNDED = "refunded", "Refunded"

    id = models.BigAutoField(primary_key=True)
    attempt = models.UUIDField(unique=True)
    currency = models.CharField(max_length=3)
    amount_minor = models.PositiveBigIntegerField()
    card_number = models.CharField(max_length=19)
    state = models.CharField(max_length=16, choices=State)
    reason = models.CharField(max_length=120, blank=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "gateway_charge"

    def __str__(self) -> str:
        return f"{self.attempt}: {self.state}"


class Delivery(models.Model):
    """A webhook that the gateway still has to deliver, or has delivered."""

    id = models.BigAutoField(primary_key=True)
    event_id = models.CharField(max_length=64)
    body = models.JSONField()
    due_at = models.DateTimeField(db_default=Now())
    tries = models.PositiveSmallIntegerField(default=0)
    delivered_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "gateway_delivery"
        verbose_name_plural = "deliveries"
        indexes = [
            models.Index(
                fields=["due_at"], name="delivery_due", condition=Q(delivered_at__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event_id} due {self.due_at}"
