"""How a product page offers the variants of a product: one row of choices for each option."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from shop.catalogue.models import Product, Variant


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of an option. `variant` is where choosing it leads: as close to the present choice as possible."""

    value: str
    swatch: str | None
    variant: int
    chosen: bool
    left: int


@dataclass(slots=True)
class Option:
    """One row of choices. `colours`: every value has a swatch, so colours say more than words."""

    name: str
    value: str
    choices: list[Choice] = field(default_factory=list)

    @property
    def colours(self) -> bool:
        return bool(self.choices) and all(choice.swatch for choice in self.choices)

    @property
    def many(self) -> bool:
        """So many that a search helps."""
        return len(self.choices) > 16


def values_of(variant: Variant) -> dict[str, str]:
    return {str(each["name"]): str(each["value"]) for each in variant.options}


def left_of(variant: Variant) -> int:
    stock = getattr(variant, "stock", None)
    return stock.left if stock else 0


def pick(variants: Sequence[Variant], wanted: str | None) -> Variant | None:
    """The asked variant, else the first that can be bought, else the first."""
    if wanted and wanted.isdecimal():
        asked = next((each for each in variants if each.pk == int(wanted)), None)
        if asked is not None:
            return asked
    return next((each for each in variants if left_of(each) > 0), variants[0] if variants else None)


def options_of(product: Product, chosen: Variant) -> list[Option]:
    """The rows of choices; a product whose variants have no options but several titles gets one row of titles."""
    variants = list(product.variants.all())
    if len(variants) < 2:
        return []
    now = values_of(chosen)
    if not now:
        row = Option("Variant", chosen.title)
        for each in variants:
            row.choices.append(
                Choice(each.title, None, each.pk, each.pk == chosen.pk, left_of(each))
            )
        return [row]
    table = [(each, values_of(each)) for each in variants]
    return [row for name in now if len((row := _row(name, now, chosen, table)).choices) > 1]


def _row(
    name: str, now: dict[str, str], chosen: Variant, table: Sequence[tuple[Variant, dict[str, str]]]
) -> Option:
    row = Option(name, now[name])
    best: dict[str, tuple[tuple[int, bool], Variant]] = {}
    for each, values in table:
        if name not in values:
            continue
        same = sum(values.get(other) == value for other, value in now.items() if other != name)
        rank = (same, left_of(each) > 0)
        found = best.get(values[name])
        if found is None or rank > found[0]:
            best[values[name]] = (rank, each)
    for value, (_, each) in best.items():
        swatches = {
            str(option["value"]): option.get("swatch")
            for option in each.options
            if str(option["name"]) == name
        }
        row.choices.append(
            Choice(value, swatches.get(value), each.pk, value == now[name], left_of(each))
        )
    return row
