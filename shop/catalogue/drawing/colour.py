"""Colours that stay themselves when they are lit: shading happens in OKLab, where steps look even."""

from __future__ import annotations

import re
from functools import lru_cache

_HEX = re.compile(r"#[0-9A-Fa-f]{6}")
Lab = tuple[float, float, float]


def is_colour(text: object) -> bool:
    return isinstance(text, str) and _HEX.fullmatch(text) is not None


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4


def _gamma(channel: float) -> float:
    channel = min(1.0, max(0.0, channel))
    return channel * 12.92 if channel <= 0.0031308 else 1.055 * channel ** (1 / 2.4) - 0.055


@lru_cache(maxsize=4096)
def lab(colour: str) -> Lab:
    """OKLab of `#RRGGBB` (Björn Ottosson's matrices)."""
    r, g, b = (_linear(int(colour[at : at + 2], 16) / 255) for at in (1, 3, 5))
    long = (0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b) ** (1 / 3)
    middle = (0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b) ** (1 / 3)
    short = (0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b) ** (1 / 3)
    return (
        0.2104542553 * long + 0.7936177850 * middle - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * middle + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * middle - 0.8086757660 * short,
    )


@lru_cache(maxsize=8192)
def from_lab(value: Lab) -> str:
    light, a, b = value
    long = (light + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (light - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (light - 0.0894841775 * a - 1.2914855480 * b) ** 3
    channels = (
        4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short,
    )
    return "#" + "".join(f"{round(_gamma(channel) * 255):02X}" for channel in channels)


def shade(colour: str, step: float) -> str:
    """Lighter (step > 0) or darker, on the 0..1 scale of perceived lightness; very light keeps its hue."""
    light, a, b = lab(colour)
    new = min(0.985, max(0.06, light + step))
    calm = 1 - max(0.0, new - 0.86) * 2.2  # near white less colour fits into the screen
    return from_lab((new, a * min(1.0, calm), b * min(1.0, calm)))


def mix(first: str, second: str, part: float) -> str:
    """`part` of the second colour in the first."""
    one, two = lab(first), lab(second)
    light, a, b = (x + (y - x) * part for x, y in zip(one, two, strict=True))
    return from_lab((light, a, b))


def lightness(colour: str) -> float:
    """0 is black, 1 is white."""
    return lab(colour)[0]
