"""A hundred and twenty lipsticks and two dozen nail colours: names and the colours they really are."""

from __future__ import annotations

from shop.catalogue.drawing.colour import mix, shade
from shop.demo_catalogue.model import Look

# Family: the lightest colour, the deepest one, and ten names from light to deep.
_LIPS: tuple[tuple[str, str, str], ...] = (
    ("#D9AE97", "#A8725C", "Oat Milk, Bare Linen, Sand Dune, Warm Biscuit, Undressed, Almond Skin, Soft Suede, Camel Hour, Toasted Fig, Cocoa Silk"),
    ("#EBA58E", "#C8684C", "Apricot Fizz, First Peach, Sun Cream, Nectarine, Soft Melon, Papaya Kiss, Golden Peach, Terrazzo, Clay Court, Amber Glow"),
    ("#F0806C", "#C63F35", "Coral Reef, Grapefruit, Salt Water, Flamingo Bay, Lobster Roll, Beach Towel, Campari Hour, Poppy Field, Hot Sand, Fire Opal"),
    ("#F2B4BE", "#D26A86", "Ballet Shoe, Sugared Almond, Powder Room, Pink Linen, Rosewater, Carnation, Bubble Tea, Peony Market, Sweet Pea, Love Letter"),
    ("#D48B8A", "#94454E", "Dusty Rose, Tea Rose, Rosewood, Old Velvet, English Garden, Mauve Tale, Antique Rose, Dried Petals, Rose Absolute, Sunday Rose"),
    ("#E8559A", "#A81562", "Pink Neon, Hibiscus, Bougainvillea, Fuchsia Fever, Dragonfruit, Magenta Bloom, Party Trick, Cyclamen, Orchid Night, Electric Plum"),
    ("#C24668", "#7A1634", "Raspberry Ice, Wild Berry, Cranberry, Redcurrant, Sloe Gin, Cherry Jam, Blackberry, Mulberry, Cassis, Bramble"),
    ("#9B5A86", "#4A1E42", "Heather, Wisteria, Lavender Ink, Damson, Violet Hour, Aubergine, Plum Job, Velvet Plum, Purple Rain, Midnight Fig"),
    ("#E02B38", "#8E0F1E", "Red Carpet, Signal, Cherry Lip, Scarlet Letter, Opera Red, Post Box, Lucky Red, Tango, Ruby Slipper, Classic Red"),
    ("#C4553B", "#7E2A1E", "Brick Lane, Rust Belt, Paprika, Burnt Sienna, Harissa, Red Clay, Maple Leaf, Cayenne, Old Barn, Mahogany Red"),
    ("#B47A5E", "#5C3326", "Cinnamon Bun, Latte Art, Hazelnut, Maple Brown, Nutmeg, Brown Sugar, Gingerbread, Espresso Bar, Truffle, Bitter Cocoa"),
    ("#7C2B36", "#2E1116", "Merlot, Oxblood, Black Cherry, Garnet, Vampire Novel, Port Wine, Dark Rose, Theatre Box, Noir, After Midnight"),
)  # fmt: skip
_FINISHES = ("matte", "satin", "gloss", "satin", "matte", "metallic")


def _lips() -> tuple[Look, ...]:
    found: list[Look] = []
    for family, (light, deep, names) in enumerate(_LIPS):
        for at, name in enumerate(names.split(", ")):
            # Neighbours differ in light and in warmth, as they do on a real counter.
            colour = shade(mix(light, deep, at / 9), 0.018 if at % 2 else -0.012)
            colour = mix(colour, "#B8402F" if at % 3 else "#A03060", 0.05)
            number = family * 10 + at + 1
            found.append((f"{number:03d} {name}", colour, {"finish": _FINISHES[number % 6]}))
    return tuple(found)


LIPS = _lips()

NAILS: tuple[Look, ...] = (
    ("Clean Sheet", "#F3E9E2"), ("Ballerina", "#F1CFCB", {"finish": "jelly"}), ("Bare Minimum", "#D9B3A0"),
    ("Cashmere", "#C79C86"), ("Terracotta", "#B9603F"), ("Paprika Pop", "#D2452A"), ("Stop Sign", "#C8102E"),
    ("Cherry Cola", "#7D1128", {"finish": "jelly"}), ("Oxford Wine", "#541A2B"), ("Pink Slip", "#EE8FA8"),
    ("Flamingo", "#F2607D"), ("Hot Line", "#E0218A"), ("Lilac Wine", "#B79AC8"), ("Grape Soda", "#6B3F86", {"finish": "jelly"}),
    ("Ink Pot", "#24294E"), ("Swimming Pool", "#4FA7C9"), ("Dive Bar", "#0F5C75", {"finish": "shimmer"}),
    ("Pistachio", "#B5C99A"), ("Garden Party", "#4E7A4C"), ("Pine Forest", "#1F4437", {"finish": "shimmer"}),
    ("Lemon Curd", "#EBC94B"), ("Champagne", "#D9BE91", {"finish": "shimmer"}), ("Mushroom", "#9B8C80"),
    ("Blackout", "#1C1A1D"),
)  # fmt: skip

SKIN: tuple[Look, ...] = (
    ("01 Porcelain", "#F6DFCB"), ("02 Ivory", "#F2D5BB"), ("03 Shell", "#EBC8A9"), ("04 Sand", "#E3B990"),
    ("05 Beige", "#D9A97F"), ("06 Honey", "#CD986B"), ("07 Almond", "#C08758"), ("08 Amber", "#AF7549"),
    ("09 Caramel", "#9A6239"), ("10 Chestnut", "#82502D"), ("11 Mocha", "#693E24"), ("12 Espresso", "#4C2C1B"),
)  # fmt: skip
