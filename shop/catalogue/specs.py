"""What a variant is made from, before it has a row."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from livestore.base.money import Money


@dataclass(frozen=True, slots=True)
class VariantSpec:
    """A variant to be made.

    options  `({"name": "Shade", "value": "Rosewood", "swatch": "#9C4A4F"}, ...)`; the title is their values
    opening  units on the shelf before the first movement
    """

    sku: str
    price: Money
    options: tuple[dict[str, str], ...] = ()
    title: str = ""
    compare_at: Money | None = None
    cost: Money | None = None
    weight_grams: int = 0
    barcode: str = ""
    opening: int = 0

    @property
    def words(self) -> str:
        """`Rosewood / M`, or `Standard` without options."""
        return self.title or " / ".join(one["value"] for one in self.options) or "Standard"

    def columns(self) -> dict[str, Any]:
        """The columns of the variant's row."""
        return {
            "title": self.words,
            "options": [dict(one) for one in self.options],
            "sku": self.sku,
            "barcode": self.barcode,
            "currency": self.price.currency,
            "price_minor": self.price.minor,
            "compare_at_minor": None if self.compare_at is None else self.compare_at.minor,
            "cost_minor": None if self.cost is None else self.cost.minor,
            "weight_grams": self.weight_grams,
        }


@dataclass(frozen=True, slots=True)
class PictureSpec:
    """A picture to be made: drawn or linked; `variant` is the place of its variant in the product."""

    drawing: dict[str, Any] | None = None
    link: str = ""
    alt: str = ""
    variant: int | None = None


@dataclass(frozen=True, slots=True)
class ProductSpec:
    """A product to be made, with everything that belongs to it."""

    handle: str
    title: str
    variants: tuple[VariantSpec, ...]
    description: str = ""
    vendor: str = ""
    category: str = ""
    tags: tuple[str, ...] = ()
    attributes: dict[str, str] = field(default_factory=dict)
    status: str = "active"
    pictures: tuple[PictureSpec, ...] = ()
