"""What colour a word means."""

from __future__ import annotations

import re
import zlib

COLOURS = {
    "amber": "#C98A3A", "beige": "#D9C7A9", "berry": "#7C2E4C", "black": "#2A282B", "blue": "#3F5F94",
    "blush": "#E2B3AB", "bronze": "#A5733F", "brown": "#6B4A35", "burgundy": "#61202F", "camel": "#B98F5E",
    "champagne": "#DCC29A", "charcoal": "#46474B", "chocolate": "#4E3226", "clay": "#B5694A", "copper": "#B5704A",
    "coral": "#E4705C", "cream": "#EADFC8", "denim": "#44618A", "ecru": "#E3D9C3", "emerald": "#1F6A52",
    "forest": "#33503F", "fuchsia": "#C2307E", "gold": "#C9A24F", "green": "#567A56", "grey": "#8A8C90",
    "gunmetal": "#50565D", "harvest": "#B8863B", "indigo": "#39457A", "ivory": "#EFE7D6", "khaki": "#A3976F",
    "lavender": "#B0A2CE", "lilac": "#B7A6CF", "lime": "#A8C248", "magenta": "#B52C7A", "maroon": "#6A2432",
    "mint": "#A3CDB8", "moss": "#66714A", "mustard": "#C99B36", "natural": "#DDD0B8", "navy": "#2A3656",
    "nutmeg": "#8A5E3C", "oat": "#D9CBB2", "ochre": "#C8963E", "olive": "#71744A", "orange": "#D9713A",
    "peach": "#EFB08E", "pearl": "#EAE4DA", "petrol": "#1F5560", "pink": "#E29AAE", "plum": "#5D3A5E",
    "purple": "#6B4A8A", "red": "#B8323A", "rose": "#D08A8C", "rust": "#A9532F", "sage": "#9DAE8E",
    "sand": "#CDB48D", "silver": "#B9BEC4", "sky": "#9CC0D9", "slate": "#5F6A75", "stone": "#B9B0A2",
    "tan": "#C29B6C", "taupe": "#9A8B7C", "teal": "#2B6F74", "terracotta": "#B4623F", "turquoise": "#4FAFAF",
    "violet": "#7350A0", "walnut": "#5F4230", "water": "#2F5F78", "white": "#F0EDE7", "wine": "#6A2236",
    "yellow": "#DDB945",
    "blau": "#3F5F94", "braun": "#6B4A35", "gelb": "#DDB945", "grau": "#8A8C90", "grün": "#567A56",
    "rot": "#B8323A", "schwarz": "#2A282B", "silber": "#B9BEC4", "weiß": "#F0EDE7", "gray": "#8A8C90",
}  # fmt: skip
# Colours for things whose colour nobody names; they look well together on any ground.
QUIET = (
    "#8C5A4B", "#5F7A6E", "#4A5F82", "#B98F5E", "#7A6A8C", "#A86A52", "#6C7A54", "#3F5E6B", "#9C7A8A",
    "#C29B6C", "#56606B", "#8A7A4E",
)  # fmt: skip
TINTS = ("#EFE3C6", "#DDE6D6", "#D5DFE8", "#E8DBC8", "#E8D6DC", "#DCDAE8", "#F0D9D0", "#DDE3DF")


def colour_of(words: str) -> str | None:
    """`Burnt Orange` is orange: the last word that names a colour, or None."""
    found = [word for word in re.findall(r"[\wß]+", words.lower()) if word in COLOURS]
    return COLOURS[found[-1]] if found else None


def quiet(seed: str) -> str:
    """A colour for something, always the same for the same seed."""
    return QUIET[zlib.crc32(seed.encode()) % len(QUIET)]


def tint_for(name: str) -> str:
    """A ground for a category, always the same for the same name."""
    return TINTS[zlib.crc32(name.encode()) % len(TINTS)]
