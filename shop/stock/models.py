"""How many there are, who holds them, and why the number changed."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from shop.catalogue.models import Variant


class Stock(models.Model):
    """The stock of one variant: `opening` + movements = `on_hand`; live holds = `reserved`.

    The row is locked (in primary-key order) by everything that changes it; `rev` grows with every change.
    """

    variant = models.OneToOneField(
        Variant, on_delete=models.CASCADE, primary_key=True, related_name="stock"
    )
    opening = models.PositiveIntegerField(default=0)
    on_hand = models.PositiveIntegerField(default=0)
    reserved = models.PositiveIntegerField(default=0)
    rev = models.PositiveIntegerField(default=1)

    class Meta:
        db_table = "stock"
        verbose_name_plural = "stock"
        constraints = [
            models.CheckConstraint(condition=Q(on_hand__gte=0), name="stock_on_hand_not_negative"),
            models.CheckConstraint(
                condition=Q(reserved__gte=0), name="stock_reserved_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(reserved__lte=F("on_hand")), name="stock_reserved_within_on_hand"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.left} left of variant {self.pk}"

    @property
    def left(self) -> int:
        """What can still be bought outside a flash deal."""
        return self.on_hand - self.reserved


class Movement(models.Model):
    """One line of the ledger. Only ever added (a trigger refuses changes)."""

    class Kind(models.TextChoices):
        RECEIVED = "received", "Received"
        CORRECTION = "correction", "Correction"
        SOLD = "sold", "Sold"
        RETURNED = "returned", "Returned"  # a paid order was cancelled before it was packed

    id = models.BigAutoField(primary_key=True)
    variant = models.ForeignKey(Variant, on_delete=models.PROTECT, related_name="movements")
    kind = models.CharField(max_length=12, choices=Kind)
    quantity = models.IntegerField(help_text="Signed: what is added to the shelf.")
    reason = models.CharField(max_length=200, blank=True)
    order = models.ForeignKey(
        "shop.Order", on_delete=models.PROTECT, null=True, blank=True, related_name="movements"
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "stock_movement"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=~Q(quantity=0), name="movement_moves_something"),
            models.UniqueConstraint(
                fields=["order", "variant", "kind"],
                condition=Q(order__isnull=False),
                name="movement_once_per_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity:+d} {self.kind}"


class Hold(models.Model):
    """Units that nobody else can buy. The row is deleted when they are sold or let go.

    owner_id is the id of a CartLine, an Order or an Offer. A deal's hold is what the deal has left.
    """

    class Owner(models.TextChoices):
        CART = "cart", "Cart"
        ORDER = "order", "Order waiting for payment"
        DEAL = "deal", "Flash deal"

    id = models.BigAutoField(primary_key=True)
    # Without a constraint and an index of its own: see ADR 0010.
    variant = models.ForeignKey(
        Variant,
        on_delete=models.CASCADE,
        related_name="holds",
        db_index=False,
        db_constraint=False,
    )
    owner = models.CharField(max_length=6, choices=Owner)
    owner_id = models.BigIntegerField()
    quantity = models.PositiveIntegerField()
    expires_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "stock_hold"
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "owner_id", "variant"], name="hold_once_per_owner"
            ),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="hold_holds_something"),
        ]
        indexes = [
            # Only carts: an order's hold ends with the order, whose own time has an index.
            models.Index(fields=["expires_at"], name="hold_expiry", condition=Q(owner="cart")),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} held for {self.owner} {self.owner_id}"
