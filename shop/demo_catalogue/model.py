"""The shape of the demo catalogue's data, and how it becomes products."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from typing import Any

from livestore.base.money import Money
from shop.catalogue.drawing.canvas import METALS
from shop.catalogue.specs import PictureSpec, ProductSpec, VariantSpec

CURRENCY = "EUR"
# (name, colour) or (name, colour, further options of its drawing)
Look = tuple[str, str] | tuple[str, str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Demo:
    """One product of the demo: its looks times its sizes are its variants.

    price, was, cost  minor units of EUR, tax included
    looks             what can be seen: shades, colours, metals, scents
    sizes             what can not: S, M, L; `(name, extra minor units)` where a size costs more
    facts             what a host can say about it, in words of a sentence
    """

    handle: str
    title: str
    vendor: str
    price: int
    draws: str
    text: str
    facts: dict[str, str]
    looks: tuple[Look, ...] = ()
    option: str = "Colour"
    sizes: tuple[str | tuple[str, int], ...] = ()
    size_option: str = "Size"
    drawing: dict[str, Any] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    was: int | None = None
    cost: int | None = None
    grams: int = 200
    stock: tuple[int, int] = (14, 80)


def ean13(number: int) -> str:
    """A valid EAN-13 of the range that shops may use for themselves (prefix 20 to 29)."""
    digits = f"20{number:010d}"
    total = sum(int(digit) * (3 if at % 2 else 1) for at, digit in enumerate(digits))
    return digits + str(-total % 10)


def sku_of(handle: str, look: int, size: int) -> str:
    """`VELVET-HOUR-014`, `TEMPO-LEGGINGS-02-3`: the same on every run."""
    return f"{'-'.join(handle.split('-')[:2])}-{look:03d}".upper() + (f"-{size}" if size else "")


def _opening(sku: str, stock: tuple[int, int]) -> int:
    """A different number for each variant, the same on every run; one in eleven is nearly gone."""
    low, high = stock
    mark = zlib.crc32(sku.encode())
    return 2 + mark % 4 if mark % 11 == 0 else low + mark % max(1, high - low)


def _swatch(look: Look) -> str:
    return METALS.get(look[1], look[1])


def _picture(demo: Demo, look: Look | None, variant: int | None) -> PictureSpec:
    drawing: dict[str, Any] = {"kind": demo.draws, **demo.drawing}
    alt = demo.title
    if look is not None:
        drawing |= {"metal": look[1]} if look[1] in METALS else {"colour": look[1]}
        drawing |= look[2] if len(look) > 2 else {}
        drawing["look"] = look[0]
        alt = f"{demo.title}, {look[0]}"
    return PictureSpec(drawing=drawing, alt=alt, variant=variant)


def spec_of(demo: Demo, category: str, number: int) -> ProductSpec:
    """The product to be made. `number` is its place in the catalogue; barcodes are counted from it."""
    variants: list[VariantSpec] = []
    pictures: list[PictureSpec] = []
    looks: tuple[Look | None, ...] = demo.looks or (None,)
    sizes: tuple[str | tuple[str, int] | None, ...] = demo.sizes or (None,)
    for at, look in enumerate(looks, start=1):
        pictures.append(_picture(demo, look, len(variants) if look else None))
        for step, size in enumerate(sizes, start=1):
            options: list[dict[str, str]] = []
            if look is not None:
                options.append({"name": demo.option, "value": look[0], "swatch": _swatch(look)})
            extra = 0
            if size is not None:
                name, extra = size if isinstance(size, tuple) else (size, 0)
                options.append({"name": demo.size_option, "value": name})
            sku = sku_of(demo.handle, at, step if size is not None else 0)
            price = demo.price + extra
            variants.append(
                VariantSpec(
                    sku=sku,
                    options=tuple(options),
                    price=Money(price, CURRENCY),
                    compare_at=Money(demo.was + extra, CURRENCY) if demo.was else None,
                    cost=Money(demo.cost or price * 38 // 100, CURRENCY),
                    weight_grams=demo.grams,
                    barcode=ean13(number * 1000 + len(variants) + 1),
                    opening=_opening(sku, demo.stock),
                )
            )
    return ProductSpec(
        handle=demo.handle,
        title=demo.title,
        vendor=demo.vendor,
        category=category,
        description="".join(f"<p>{part}</p>" for part in demo.text.split("\n\n")),
        tags=demo.tags,
        attributes=demo.facts,
        variants=tuple(variants),
        pictures=tuple(pictures),
    )
