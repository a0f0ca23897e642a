"""A product with a number of units, orders and their lines."""

from __future__ import annotations

from django.db import models


class Product(models.Model):
    title = models.CharField(max_length=100)
    price = models.DecimalField(max_digits=8, decimal_places=2)
    stock = models.PositiveIntegerField()

    class Meta:
        app_label = "naive"


class Order(models.Model):
    product = models.ForeignKey(Product, on_delete=models.PROTECT)
    buyer = models.BigIntegerField()
    placed_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        app_label = "naive"
        constraints = [models.UniqueConstraint(fields=["product", "buyer"], name="naive_once")]


class Line(models.Model):
    order = models.ForeignKey(Order, on_delete=models.CASCADE)
    quantity = models.PositiveIntegerField()
    price = models.DecimalField(max_digits=8, decimal_places=2)

    class Meta:
        app_label = "naive"
