"""Product pictures drawn by livestore: vector, parametric, deterministic, one photographer's series.

    draw({"kind": "lipstick", "colour": "#9C4A4F", "metal": "gold"}, ground="#F1DED6")

`KINDS` names everything that can be drawn. A picture never contains text from outside, so it can be
served as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shop.catalogue.drawing import (
    ends,
    generic,
    hair,
    home,
    jewellery,
    kitchen,
    makeup,
    skincare,
    sport,
    tech,
    vanity,
    wardrobe,
)
from shop.catalogue.drawing.canvas import Canvas
from shop.catalogue.drawing.colour import is_colour
from shop.catalogue.drawing.kit import KINDS, Options

__all__ = ["KINDS", "VERSION", "draw"]

VERSION = 1  # grows whenever the same drawing would look different
_MODULES = (
    ends, generic, hair, home, jewellery, kitchen, makeup, skincare, sport, tech, vanity, wardrobe,
)  # fmt: skip


def draw(drawing: Mapping[str, Any], *, ground: str = "#EFE7DD") -> str:
    """One picture as SVG text. Unknown kinds are a plain box, odd options fall back: it never fails.

    ground: the colour behind, `#RRGGBB`; `drawing["ground"]` wins over it.
    """
    own = drawing.get("ground")
    tint = own if is_colour(own) else ground
    canvas = Canvas(str(tint) if is_colour(tint) else "#EFE7DD")
    KINDS.get(str(drawing.get("kind")), KINDS["box"])(canvas, Options(drawing))
    return canvas.svg()
