"""Type for the picture: Inter, which comes with the admin's design (SIL Open Font License)."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from typing import Any

from PIL import ImageDraw, ImageFont

REGULAR, STRONG = "Regular", "SemiBold"
INK, PALE, PERSIMMON = "#17130F", "#F5F1EA", "#FF6B45"
FIGURES = ["tnum"]
"""Digits of one width: clocks and prices do not tremble."""


@lru_cache(maxsize=32)
def font(size: int, weight: str = REGULAR) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Inter, or what Pillow brings along."""
    path = files("unfold") / f"static/unfold/fonts/inter/Inter-{weight}.woff2"
    try:
        return ImageFont.truetype(str(path), size)
    except OSError:
        return ImageFont.load_default(size)


def width(text: str, size: int, weight: str = REGULAR, *, figures: bool = False) -> int:
    return round(font(size, weight).getlength(text, features=FIGURES if figures else None))


def write(
    pen: Any, place: tuple[float, float], text: str, size: int, fill: Any, weight: str = REGULAR,
    anchor: str = "la", *, figures: bool = False,
) -> None:  # fmt: skip
    """A line of text; `anchor` as Pillow's."""
    assert isinstance(pen, ImageDraw.ImageDraw)
    features = FIGURES if figures else None
    pen.text(place, text, font=font(size, weight), fill=fill, anchor=anchor, features=features)


def lines(text: str, size: int, room: int, most: int, weight: str = REGULAR) -> list[str]:
    """Words set into at most `most` lines of `room` pixels; what does not fit ends with an ellipsis."""
    found: list[str] = []
    line = ""
    words = text.split()
    for place, word in enumerate(words):
        longer = f"{line} {word}".strip()
        if line and width(longer, size, weight) > room:
            if len(found) == most - 1:
                return [*found, fitting(" ".join([line, *words[place:]]), size, room, weight)]
            found.append(fitting(line, size, room, weight))
            line = word
        else:
            line = longer
    return [*found, fitting(line, size, room, weight)] if line else found


def fitting(text: str, size: int, room: int, weight: str = REGULAR) -> str:
    """The text, shortened at its end if it is too long."""
    if width(text, size, weight) <= room:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if width(text[:middle].rstrip() + "…", size, weight) <= room:
            low = middle
        else:
            high = middle - 1
    return text[:low].rstrip(" ,.;:–-") + "…"
