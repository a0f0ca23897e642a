"""What was bought, what it cost, and everything that happened to it since."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from livestore.base.money import Money
from shop.catalogue.models import Variant
from shop.offers.models import Offer

# Foreign keys that every new order would pay for have no constraint of their own (ADR 0010): the order's
# transaction holds what they refer to, and a trigger of that table refuses to lose a row that is referred to.


class Order(models.Model):
    """One purchase. Lines, address and prices are copies: later changes elsewhere never reach an order."""

    class Status(models.TextChoices):
        PENDING = "pending", "Waiting for payment"  # its units are held until expires_at
        PAID = "paid", "Paid"
        PACKED = "packed", "Packed"
        SHIPPED = "shipped", "Shipped"
        DELIVERED = "delivered", "Delivered"
        EXPIRED = "expired", "Expired"  # not paid in time, units went back
        CANCELLED = "cancelled", "Cancelled"  # by the buyer or an admin, money (if any) went back

    id = models.BigAutoField(primary_key=True)
    public_id = models.CharField(max_length=24, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="orders",
        db_index=False,
        db_constraint=False,
    )
    key = models.UUIDField(help_text="The buyer's idempotency key.")
    body_hash = models.CharField(max_length=64)
    channel = models.CharField(max_length=120, blank=True, default="")
    status = models.CharField(max_length=10, choices=Status, default=Status.PENDING)
    currency = models.CharField(max_length=3)
    items_minor = models.PositiveBigIntegerField()
    discount_minor = models.PositiveBigIntegerField(default=0)
    shipping_minor = models.PositiveBigIntegerField(default=0)
    total_minor = models.PositiveBigIntegerField()
    rules_version = models.PositiveSmallIntegerField(help_text="Version of the pricing rules used.")
    address = models.JSONField(default=dict)
    card_number = models.CharField(
        max_length=19, help_text="A test number of the simulated gateway."
    )
    is_simulated = models.BooleanField(default=False)
    placed_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField(null=True)
    extended = models.BooleanField(
        default=False, help_text="3-D Secure has extended the hold once."
    )
    paid_at = models.DateTimeField(null=True)
    rev = models.PositiveIntegerField(default=1)

    class Meta:
        db_table = "purchase"
        verbose_name = "order"
        ordering = ["-id"]
        constraints = [
            # As a constraint and not `unique=True`, which adds a second index for LIKE; the index of
            # (user, key) is also the one by which a person's orders are found.
            models.UniqueConstraint(fields=["public_id"], name="order_public_id_once"),
            models.UniqueConstraint(fields=["user", "key"], name="order_one_effect_per_key"),
            models.CheckConstraint(
                condition=Q(
                    total_minor=F("items_minor") + F("shipping_minor") - F("discount_minor")
                ),
                name="order_total_adds_up",
            ),
            models.CheckConstraint(
                condition=~Q(status="pending") | Q(expires_at__isnull=False),
                name="order_pending_expires",
            ),
        ]
        indexes = [
            models.Index(fields=["expires_at"], name="order_due", condition=Q(status="pending")),
            models.Index(fields=["channel", "id"], name="order_of_channel"),
        ]

    def __str__(self) -> str:
        return self.public_id

    @property
    def total(self) -> Money:
        return Money(self.total_minor, self.currency)


class OrderLine(models.Model):
    """A copy of what was bought."""

    id = models.BigAutoField(primary_key=True)
    order = models.ForeignKey(
        Order, on_delete=models.CASCADE, related_name="lines", db_constraint=False
    )
    variant = models.ForeignKey(
        Variant,
        on_delete=models.PROTECT,
        related_name="order_lines",
        db_index=False,
        db_constraint=False,
    )
    offer = models.ForeignKey(
        Offer,
        on_delete=models.PROTECT,
        null=True,
        related_name="order_lines",
        db_index=False,
        db_constraint=False,
    )
    title = models.CharField(max_length=300)
    sku = models.CharField(max_length=64)
    quantity = models.PositiveIntegerField()
    unit_minor = models.PositiveIntegerField()
    total_minor = models.PositiveBigIntegerField()

    class Meta:
        db_table = "purchase_line"
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(total_minor=F("quantity") * F("unit_minor")), name="order_line_adds_up"
            ),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="order_line_of_something"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.title}"


class OrderMove(models.Model):
    """One line of an order's history."""

    id = models.BigAutoField(primary_key=True)
    order = models.ForeignKey(
        Order, on_delete=models.CASCADE, related_name="moves", db_constraint=False
    )
    before = models.CharField(max_length=10, blank=True)
    after = models.CharField(max_length=10)
    reason = models.CharField(max_length=200, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "purchase_move"
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.before} → {self.after}"
