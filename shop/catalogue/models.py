"""What is sold: products, their variants, categories and pictures."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from livestore.base.money import Money


class Category(models.Model):
    """A shelf. `tint` is the ground of its drawn pictures (a CSS colour)."""

    name = models.CharField(max_length=60, unique=True)
    slug = models.SlugField(max_length=60, unique=True)
    tint = models.CharField(max_length=32, default="#EFE7DD")
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        db_table = "category"
        ordering = ["position", "name"]
        verbose_name_plural = "categories"

    def __str__(self) -> str:
        return self.name


class Product(models.Model):
    """Something with a name; its variants are what has a price and a stock. `rev` grows with every change."""

    class Status(models.TextChoices):
        DRAFT = "draft", "Draft"  # being written, nobody can see or buy it
        ACTIVE = "active", "On sale"
        ARCHIVED = "archived", "Archived"  # kept for old orders, can not be bought

    handle = models.SlugField(max_length=120, unique=True)
    title = models.CharField(max_length=160)
    description = models.TextField(blank=True, help_text="HTML, cleaned when saved.")
    vendor = models.CharField(max_length=80, blank=True)
    category = models.ForeignKey(
        Category, on_delete=models.PROTECT, null=True, blank=True, related_name="products"
    )
    tags = models.JSONField(default=list, blank=True, help_text="A list of words.")
    attributes = models.JSONField(
        default=dict, blank=True, help_text='Facts a host can talk about: {"material": "silk"}.'
    )
    status = models.CharField(max_length=10, choices=Status, default=Status.ACTIVE)
    rev = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        db_table = "product"
        ordering = ["title"]

    def __str__(self) -> str:
        return self.title


class Variant(models.Model):
    """One thing that can be put into a parcel. Prices include tax."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="variants")
    title = models.CharField(max_length=120, help_text="The options in words: `Rosewood / M`.")
    options = models.JSONField(
        default=list,
        blank=True,
        help_text='[{"name": "Shade", "value": "Rosewood", "swatch": "#9C4A4F"}]',
    )
    sku = models.CharField("SKU", max_length=64, unique=True)
    barcode = models.CharField(max_length=32, blank=True)
    currency = models.CharField(max_length=3, default="EUR")
    price_minor = models.PositiveIntegerField("price in minor units")
    compare_at_minor = models.PositiveIntegerField("compare-at price", null=True, blank=True)
    cost_minor = models.PositiveIntegerField("cost", null=True, blank=True)
    weight_grams = models.PositiveIntegerField(default=0)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        db_table = "variant"
        ordering = ["product_id", "position", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(compare_at_minor__isnull=True)
                | models.Q(compare_at_minor__gt=models.F("price_minor")),
                name="variant_compare_at_is_higher",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product.title} · {self.title}"

    @property
    def price(self) -> Money:
        return Money(self.price_minor, self.currency)

    @property
    def compare_at(self) -> Money | None:
        return (
            None if self.compare_at_minor is None else Money(self.compare_at_minor, self.currency)
        )


class Picture(models.Model):
    """A picture of a product, or of one of its variants: drawn by livestore, uploaded, or linked."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="pictures")
    variant = models.ForeignKey(
        Variant, on_delete=models.CASCADE, null=True, blank=True, related_name="pictures"
    )
    drawing = models.JSONField(null=True, blank=True, help_text="What the drawing kit draws.")
    image = models.ImageField(upload_to="pictures/", blank=True)
    link = models.URLField(max_length=500, blank=True)
    alt = models.CharField("description", max_length=200, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        db_table = "picture"
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.alt or f"picture of {self.product}"
