"""What the camera knows of the room: the facts that a frame is drawn from. Values only; `follow.py` makes them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from livestore.base.money import Money


@dataclass(frozen=True, slots=True)
class Look:
    """One picture of a product: `drawing` for the kit on a ground of `tint`, or the path of an uploaded file."""

    key: str
    drawing: Mapping[str, Any] | None = None
    tint: str = "#EFE7DD"
    file: str = ""


@dataclass(frozen=True, slots=True)
class Shade:
    """A variant as it comes through the picture. `swatch` is a colour, or None where there is none to show."""

    name: str
    swatch: str | None
    look: Look


@dataclass(frozen=True, slots=True)
class Deal:
    """A running deal on what is pinned; times in server milliseconds."""

    id: int
    price: Money
    was: Money
    starts_at: int
    ends_at: int | None


@dataclass(frozen=True, slots=True)
class Pinned:
    number: int
    title: str
    price: Money
    before: Money | None
    several: bool
    """Whether some of it costs more: then the price is the lowest one."""
    left: int
    line: str
    look: Look
    shades: tuple[Shade, ...] = ()
    deal: Deal | None = None

    @property
    def sold_out(self) -> bool:
        return self.left <= 0


@dataclass(frozen=True, slots=True)
class Said:
    """A caption, from `at` until `until` (server milliseconds)."""

    text: str
    at: int
    until: int


@dataclass(frozen=True, slots=True)
class Room:
    title: str = ""
    description: str = ""
    state: str = "live"
    mood: str = "#3A2A22"
    host: str = ""
    face: str = ""
    """What the host's portrait is drawn from."""
    pinned: Pinned | None = None
    said: Said | None = None
    coming: tuple[Look, ...] = field(default=())
    """What stands on the shelf: the next ones of the run of show."""


def first_sentence(text: str, longest: int = 110) -> str:
    """How a product is introduced when nobody speaks."""
    text = " ".join(text.split())
    found = re.match(r".+?[.!?](?=\s|$)", text)
    sentence = found[0] if found else text
    if len(sentence) <= longest:
        return sentence
    return sentence[:longest].rsplit(" ", 1)[0].rstrip(" ,;:–-") + "…"
