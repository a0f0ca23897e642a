"""A darkroom, a scene, and rooms to point the camera at."""

from __future__ import annotations

import numpy as np

from livestore.base.money import Money
from streams.video.camera.darkroom import Darkroom
from streams.video.camera.picture import Scene
from streams.video.camera.planes import Box, Bytes
from streams.video.camera.room import Deal, Look, Pinned, Room, Shade

NOW = 1_790_000_000_000
HEAD, PRODUCT, CAPTION = Box(52, 92, 372, 160), Box(100, 170, 360, 400), Box(130, 420, 428, 476)
DEAL, CLOCK, FACE = Box(108, 116, 428, 158), Box(340, 160, 428, 178), Box(52, 413, 116, 477)
LOWER = Box(0, 500, 480, 854)


def eur(minor: int) -> Money:
    return Money(minor, "EUR")


def look(colour: str, kind: str = "lipstick", tint: str = "#F1DED6") -> Look:
    return Look(f"{kind} {colour} {tint}", {"kind": kind, "colour": colour}, tint)


SHADES = tuple(
    Shade(name, colour, look(colour))
    for name, colour in (("Rosewood", "#9C4A4F"), ("Plum", "#5D2A44"), ("Coral", "#E4705C"))
)
LIPSTICK = Pinned(
    7, "Velvet lipstick", eur(1290), eur(1690), False, 9, "It stays.", SHADES[0].look, SHADES
)
KETTLE = Pinned(
    3, "Kettle", eur(4900), None, False, 4, "Pours like a pen.",
    look("#2A3656", "kettle", "#DDE6D6"),
)  # fmt: skip
DEAL_ON = Deal(1, eur(990), eur(1290), NOW, NOW + 25_000)


def room(pinned: Pinned | None = None, **more: object) -> Room:
    facts = {"title": "The evening edit", "description": "Small things.", "host": "Hana"}
    return Room(**{**facts, "face": "hana", "pinned": pinned, **more})  # type: ignore[arg-type]


class Filmed:
    """A scene that has been looking at a room for a while; `see` draws the next frame."""

    def __init__(self, darkroom: Darkroom, first: Room, at: int = NOW) -> None:
        self.darkroom, self.scene = darkroom, Scene(darkroom)
        for moment in (at - 1000, at - 960, at - 500, at - 40):
            self.see(first, moment)

    def see(self, of: Room, at: int) -> Bytes:
        """The frame, with all its pictures developed."""
        self.scene.draw(of, at)
        self.darkroom.settle()
        return self.scene.front.y.copy()


def differ(one: Bytes, other: Bytes, box: Box) -> float:
    """How far two pictures are apart within a box, on average."""
    left, top, right, bottom = box
    first, second = (each[top:bottom, left:right].astype(np.float32) for each in (one, other))
    return float(np.abs(first - second).mean())
