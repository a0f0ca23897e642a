"""What a variant costs somewhere for a while."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from livestore.base.money import Money
from shop.catalogue.models import Variant


class Offer(models.Model):
    """A price for one variant in one channel (an opaque string).

    A show price has no units. A flash deal reserves its units when it starts (a Hold with owner DEAL),
    buys move them from the deal to the order, its end lets the rest go.
    """

    class Kind(models.TextChoices):
        SHOW_PRICE = "show_price", "Show price"
        DEAL = "deal", "Flash deal"

    class State(models.TextChoices):
        RUNNING = "running", "Running"
        ENDED = "ended", "Ended"

    class EndReason(models.TextChoices):
        TIME = "time", "Time was up"
        UNITS = "units", "All units sold"
        HAND = "hand", "Stopped by hand"
        CHANNEL = "channel", "The show ended"
        REPLACED = "replaced", "Replaced by another price"

    id = models.BigAutoField(primary_key=True)
    variant = models.ForeignKey(Variant, on_delete=models.CASCADE, related_name="offers")
    channel = models.CharField(max_length=120)
    kind = models.CharField(max_length=10, choices=Kind)
    currency = models.CharField(max_length=3)
    price_minor = models.PositiveIntegerField()
    units = models.PositiveIntegerField(null=True, blank=True)
    sold = models.PositiveIntegerField(default=0)
    per_buyer = models.PositiveIntegerField(null=True, blank=True)
    starts_at = models.DateTimeField(db_default=Now())
    ends_at = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=8, choices=State, default=State.RUNNING)
    end_reason = models.CharField(max_length=8, choices=EndReason, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    rev = models.PositiveIntegerField(default=1)

    class Meta:
        db_table = "offer"
        constraints = [
            models.UniqueConstraint(
                fields=["variant", "channel", "kind"],
                condition=Q(state="running"),
                name="offer_one_running_of_a_kind",
            ),
            models.CheckConstraint(
                condition=Q(kind="show_price", units__isnull=True) | Q(kind="deal", units__gt=0),
                name="offer_deals_have_units",
            ),
            models.CheckConstraint(
                condition=Q(units__isnull=True) | Q(sold__lte=F("units")),
                name="offer_sold_within_units",
            ),
        ]
        indexes = [
            models.Index(
                fields=["ends_at"],
                name="offer_due",
                condition=Q(state="running", ends_at__isnull=False),
            ),
            models.Index(fields=["channel", "state"], name="offer_channel"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.price} in {self.channel}"

    @property
    def price(self) -> Money:
        return Money(self.price_minor, self.currency)


class OfferUse(models.Model):
    """How many units of an offer a buyer has in orders that still stand; PostgreSQL refuses more than the limit."""

    id = models.BigAutoField(primary_key=True)
    # Without constraints and indexes of their own: see ADR 0010.
    offer = models.ForeignKey(
        Offer, on_delete=models.CASCADE, related_name="uses", db_index=False, db_constraint=False
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    units = models.PositiveIntegerField()
    per_buyer = models.PositiveIntegerField(null=True)

    class Meta:
        db_table = "offer_use"
        constraints = [
            models.UniqueConstraint(fields=["offer", "user"], name="offer_use_once"),
            models.CheckConstraint(
                condition=Q(per_buyer__isnull=True) | Q(units__lte=F("per_buyer")),
                name="offer_use_within_limit",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.units} units of offer {self.offer_id}"
