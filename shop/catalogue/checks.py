"""What the values of a product and a variant have to be; every wrong one is named in a sentence."""

from __future__ import annotations

import re
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_slug

from livestore.base.errors import Invalid
from livestore.base.money import Money
from shop.catalogue.models import Category, Product, Variant

MOST_MINOR = 100_000_000  # a million with two decimals; more is a slip of the keyboard
MOST_UNITS = 1_000_000
MOST_GRAMS = 1_000_000
MOST_OPTIONS = 3
_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")


def _text(
    fields: dict[str, str], name: str, value: object, most: int, *, needed: bool = False
) -> None:
    if not isinstance(value, str) or "\x00" in value:
        fields[name] = "This has to be text."
    elif needed and not value.strip():
        fields[name] = "This can not be empty."
    elif len(value) > most:
        fields[name] = f"At most {most} characters, please."


def _whole(fields: dict[str, str], name: str, value: object, most: int) -> None:
    if type(value) is not int:
        fields[name] = "This has to be a whole number."
    elif value < 0:
        fields[name] = "This can not be negative."
    elif value > most:
        fields[name] = f"More than {most:,} can not be right."


def product(values: dict[str, Any]) -> dict[str, Any]:
    """The values of a product, trimmed; only those that are named. Raises Invalid with all fields."""
    fields: dict[str, str] = {}
    values = {
        name: value.strip() if isinstance(value, str) else value for name, value in values.items()
    }
    limits = {"title": 160, "handle": 120, "vendor": 80, "description": 100_000}
    for name, most in limits.items():
        if name in values:
            _text(fields, name, values[name], most, needed=name in {"title", "handle"})
    if "handle" in values and "handle" not in fields:
        try:
            validate_slug(values["handle"])
        except ValidationError:
            fields["handle"] = "Only letters, digits and hyphens, please."
    if "status" in values and values["status"] not in Product.Status.values:
        fields["status"] = "This is draft, active or archived."
    category = values.get("category")
    if category is not None and not isinstance(category, Category):
        fields["category"] = "There is no such category."
    tags = values.get("tags", [])
    if not isinstance(tags, list) or not all(isinstance(tag, str) for tag in tags):
        fields["tags"] = "This has to be a list of words."
    facts = values.get("attributes", {})
    if not isinstance(facts, dict) or not all(
        isinstance(key, str) and isinstance(value, str) for key, value in facts.items()
    ):
        fields["attributes"] = 'This has to be a list of facts like {"material": "silk"}.'
    if fields:
        raise Invalid(fields=fields)
    return values


def quantity(name: str, value: object) -> int:
    """A number of units, 0 to a million."""
    fields: dict[str, str] = {}
    _whole(fields, name, value, MOST_UNITS)
    if fields:
        raise Invalid(fields=fields)
    assert isinstance(value, int)
    return value


def amounts(changes: dict[str, Any], *, currency: str) -> dict[str, Any]:
    """`price`, `compare_at` and `cost` as columns. A new price may bring a new currency; the rest follows it."""
    price: Money | None = changes.pop("price", None)
    if price is not None:
        changes["price_minor"] = price.minor
        changes["currency"] = currency = price.currency
    for name in ("compare_at", "cost"):
        if name not in changes:
            continue
        amount: Money | None = changes.pop(name)
        if amount is not None and amount.currency != currency:
            raise Invalid(fields={name: f"This variant is sold in {currency}."})
        changes[f"{name}_minor"] = None if amount is None else amount.minor
    return changes


def _options(fields: dict[str, str], options: object) -> None:
    if not isinstance(options, list) or len(options) > MOST_OPTIONS:
        fields["options"] = f"At most {MOST_OPTIONS} options, as a list."
        return
    for option in options:
        if (
            not isinstance(option, dict)
            or not set(option) <= {"name", "value", "swatch"}
            or not option.get("name")
            or not option.get("value")
        ):
            fields["options"] = 'Each option looks like {"name": "Size", "value": "M"}.'
        elif option.get("swatch") and not _COLOUR.fullmatch(str(option["swatch"])):
            fields["options"] = "A swatch is a colour like #9C4A4F."


def variant(values: dict[str, Any], *, before: Variant | None = None) -> dict[str, Any]:
    """The columns of a variant; only those that are named. Raises Invalid with all fields."""
    fields: dict[str, str] = {}
    values = {
        name: value.strip() if isinstance(value, str) else value for name, value in values.items()
    }
    for name, most in {"title": 120, "sku": 64, "barcode": 32}.items():
        if name in values:
            _text(fields, name, values[name], most, needed=name != "barcode")
    for name, most in {"price_minor": MOST_MINOR, "weight_grams": MOST_GRAMS}.items():
        if name in values:
            _whole(fields, name, values[name], most)
    for name in ("compare_at_minor", "cost_minor"):
        if values.get(name) is not None:
            _whole(fields, name, values[name], MOST_MINOR)
    if "options" in values:
        _options(fields, values["options"])
    price = values.get("price_minor", before.price_minor if before else None)
    was = values.get("compare_at_minor", before.compare_at_minor if before else None)
    if not fields and price is not None and was is not None and was <= price:
        fields["compare_at_minor"] = "The old price has to be higher than the price."
    if fields:
        raise Invalid(fields=fields)
    return values
