"""The register of kinds, and the options that a drawing may carry."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from shop.catalogue.drawing.canvas import METALS, Canvas
from shop.catalogue.drawing.colour import is_colour


@dataclass(frozen=True, slots=True)
class Options:
    """What a drawing says about itself; anything odd falls back, so a picture is always drawn.

    {"kind": "lipstick", "colour": "#9C4A4F", "accent": "#1E1B1B", "metal": "gold", "finish": "satin"}
    """

    values: Mapping[str, Any]

    def hue(self, name: str, fallback: str) -> str:
        value = self.values.get(name)
        return str(value).upper() if is_colour(value) else fallback

    @property
    def colour(self) -> str:
        return self.hue("colour", "#B9A48F")

    @property
    def accent(self) -> str:
        return self.hue("accent", "#26221F")

    @property
    def metal(self) -> str:
        value = self.values.get("metal")
        return value if value in METALS else "gold"

    def word(self, name: str, fallback: str = "") -> str:
        """A word to compare with; never put into the picture."""
        value = self.values.get(name, fallback)
        return value if isinstance(value, str) else fallback

    def number(self, name: str, fallback: float, low: float, high: float) -> float:
        value = self.values.get(name, fallback)
        if isinstance(value, bool) or not isinstance(value, int | float):
            return fallback
        return min(high, max(low, float(value)))

    def hues(self, name: str, fallback: list[str]) -> list[str]:
        value = self.values.get(name)
        if not isinstance(value, list):
            return fallback
        return [str(one).upper() for one in value if is_colour(one)] or fallback


Draw = Callable[[Canvas, Options], None]
KINDS: dict[str, Draw] = {}


def kind(name: str) -> Callable[[Draw], Draw]:
    """Register a drawing function under its name."""

    def keep(function: Draw) -> Draw:
        assert name not in KINDS, name
        KINDS[name] = function
        return function

    return keep
