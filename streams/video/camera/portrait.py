"""The host in the picture: the portrait that the pages show, alive: it breathes, blinks, and talks."""

from __future__ import annotations

import math
import zlib
from functools import lru_cache

from PIL import Image

from accounts.people.faces import draw_avatar
from streams.video.camera.cards import plate
from streams.video.camera.planes import Sprite
from streams.video.camera.svg import rasterise

SMILE = '<path d="M106 147C113 155 127 155 134 147"/>'
"""As `draw_avatar` draws it; a test fails when it does not any more."""
EYES = ('<circle cx="100" cy="115" r="4.4" ', '<circle cx="140" cy="115" r="4.4" ')
_LIP, _TONGUE = "#5A2A26", "#C2655B"
MOUTHS = (
    SMILE,
    f'<ellipse cx="120" cy="150" rx="9" ry="4.5" fill="{_LIP}" stroke="none"/>',
    f'<ellipse cx="120" cy="151" rx="10" ry="8" fill="{_LIP}" stroke="none"/>'
    f'<ellipse cx="120" cy="155" rx="6" ry="3.5" fill="{_TONGUE}" stroke="none"/>',
)
CLOSED = '<ellipse cx="{x}" cy="116" rx="5.4" ry="1.5" '
BREATH = 4
"""Steps that the head goes up and down by."""


@lru_cache(maxsize=12)
def _face(seed: str, mouth: int, blinks: bool) -> Image.Image:
    text = draw_avatar(seed).replace(SMILE, MOUTHS[mouth])
    if blinks:
        for eye, x in zip(EYES, (100, 140), strict=True):
            text = text.replace(eye, CLOSED.format(x=x))
    return rasterise(text, 240)


@lru_cache(maxsize=96)
def portrait(seed: str, side: int, mouth: int, blinks: bool, breath: int) -> Sprite:
    """A round portrait with a rim. `breath` from -BREATH to BREATH."""
    rim = max(2, side // 28)
    inner = side - 2 * rim
    up = breath * 0.9
    box = (14, 18 + up, 226, 230 + up)
    face = _face(seed, mouth, blinks).resize((inner, inner), Image.Resampling.BICUBIC, box=box)
    face.putalpha(plate((inner, inner), inner // 2, "#000000").getchannel("A"))
    whole = plate((side, side), side // 2, "#F5F1EA").copy()
    whole.alpha_composite(face, (rim, rim))
    return Sprite.of(whole)


def pose(at_ms: int, talks: bool) -> tuple[int, bool, int]:
    """Mouth, blink and breath of a moment; the same moment always looks the same."""
    blinks = at_ms % 4300 < 130 or at_ms % 7900 < 110
    breath = round(BREATH * math.sin(at_ms / 1000 * 2 * math.pi / (1.7 if talks else 4.2)))
    if not talks:
        return 0, blinks, breath
    syllable = zlib.crc32(str(at_ms // 125).encode()) % 5
    return (0, 1, 2, 1, 2)[syllable], blinks, breath
