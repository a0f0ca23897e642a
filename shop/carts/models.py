"""What somebody has picked but not bought yet."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from shop.catalogue.models import Variant


class Cart(models.Model):
    """The one cart of a person. `rev` grows with every change."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="cart"
    )
    rev = models.PositiveIntegerField(default=0)

    class Meta:
        db_table = "cart"

    def __str__(self) -> str:
        return f"cart of user {self.user_id}"


class CartLine(models.Model):
    """Some of one variant. While its Hold (owner CART) lives, the units are kept for this cart."""

    id = models.BigAutoField(primary_key=True)
    cart = models.ForeignKey(Cart, on_delete=models.CASCADE, related_name="lines")
    variant = models.ForeignKey(Variant, on_delete=models.CASCADE, related_name="cart_lines")
    quantity = models.PositiveIntegerField()
    channel = models.CharField(max_length=120, blank=True)
    added_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "cart_line"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["cart", "variant"], name="cart_line_once"),
            models.CheckConstraint(
                condition=models.Q(quantity__gt=0), name="cart_line_of_something"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × variant {self.variant_id}"


class CartKey(models.Model):
    """The idempotency key of a cart change: the same key and body is one change, another body is refused."""

    id = models.BigAutoField(primary_key=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    key = models.UUIDField()
    body_hash = models.CharField(max_length=64)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "cart_key"
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="cart_key_once")]

    def __str__(self) -> str:
        return str(self.key)
