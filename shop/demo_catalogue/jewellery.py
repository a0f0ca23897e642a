"""Jewellery and watches."""

from __future__ import annotations

from shop.demo_catalogue.model import Demo

PRODUCTS: tuple[Demo, ...] = (
    Demo(
        "one-word-ring", "One Word ring", "Goldhain", 12900, "ring",
        "One stone, four claws, no explanation needed.",
        {"material": "925 silver, gold plated or plain, lab-grown stone", "feels": "rounded inside", "lasts": "plating of three microns", "fits": "sizes 52 to 58, exchanged for free", "origin": "set in Pforzheim", "care": "off before you swim", "made_for": "questions and answers", "stone": "lab-grown sapphire, six millimetres"},
        looks=(("Gold", "gold", {"colour": "#7FB4D8"}), ("Silver", "silver", {"colour": "#C7DDE8"}), ("Rose", "rose", {"colour": "#E6A3B4"})), option="Metal", sizes=("52", "54", "56", "58"), tags=("ring", "gift"), grams=6, stock=(3, 12),
    ),
    Demo(
        "little-halo-ring", "Little Halo ring", "Goldhain", 15900, "ring",
        "A green stone in a ring of small ones. Catches light from across a room.",
        {"material": "925 silver, lab-grown stones", "feels": "flat enough for gloves", "lasts": "stones are checked twice", "fits": "sizes 52 to 56", "origin": "set in Pforzheim", "care": "soft brush and soap", "made_for": "people who talk with their hands", "stone": "lab-grown emerald"},
        looks=(("Gold", "gold"), ("Silver", "silver")), option="Metal", sizes=("52", "54", "56"), drawing={"form": "halo", "colour": "#2E9A72"}, tags=("ring",), was=18900, grams=6, stock=(3, 10),
    ),
    Demo(
        "first-name-signet", "First Name signet ring", "Goldhain", 9900, "ring",
        "A signet ring without a coat of arms. Wear it on the little finger.",
        {"material": "solid 925 silver", "feels": "solid, rounded edges", "lasts": "a lifetime, polishing is free", "fits": "sizes 52 to 60", "origin": "cast in Pforzheim", "care": "polish with a cloth", "made_for": "little fingers", "good_to_know": "can be engraved later"},
        looks=(("Onyx", "silver", {"colour": "#26252A"}), ("Carnelian", "gold", {"colour": "#B5482E"})), option="Stone", drawing={"form": "signet"}, tags=("ring", "unisex"), grams=12, stock=(3, 12),
    ),
    Demo(
        "falling-star-necklace", "Falling Star necklace", "Goldhain", 6900, "necklace",
        "A thin chain that does not catch hair, and a pendant to hold on to.",
        {"material": "gold-plated 925 silver", "feels": "weighs three grams", "lasts": "plating of three microns", "fits": "42 to 45 centimetres, adjustable", "origin": "made in Pforzheim", "care": "off before perfume", "made_for": "every day", "in_the_box": "necklace in a box of felt"},
        looks=(("Drop, sapphire", "gold", {"colour": "#3F66B0"}), ("Disc, star", "gold", {"form": "disc"}), ("Pearl", "silver", {"form": "pearl", "colour": "#F1E9DF"}), ("Bar, ruby", "rose", {"form": "bar", "colour": "#B8263F"})), option="Pendant", tags=("necklace", "gift"), grams=5, stock=(5, 24),
    ),
    Demo(
        "full-circle-hoops", "Full Circle hoops", "Goldhain", 4900, "hoops",
        "Hoops that close by themselves and stay closed.",
        {"material": "925 silver, gold plated or plain", "feels": "hollow, so they are light", "lasts": "hinges tested a thousand times", "fits": "35 millimetres across", "origin": "made in Pforzheim", "care": "soft cloth", "made_for": "short hair and long necks", "good_to_know": "free of nickel"},
        looks=(("Fine gold", "gold", {"width": 15}), ("Bold gold", "gold", {"width": 40}), ("Fine silver", "silver", {"width": 15}), ("Rose with stones", "rose", {"width": 24, "stones": "yes", "colour": "#E3EAF0"})), option="Design", tags=("earrings",), was=5900, grams=7, stock=(6, 28),
    ),
    Demo(
        "small-hours-studs", "Small Hours ear studs", "Goldhain", 3600, "studs",
        "Small enough for the office, bright enough for after.",
        {"material": "925 silver and lab-grown stones", "feels": "soft backs, good for sleeping", "lasts": "stones are set, not glued", "fits": "seven millimetres", "origin": "set in Pforzheim", "care": "soap and a soft brush", "made_for": "first piercings too", "good_to_know": "free of nickel"},
        looks=(("Clear", "silver", {"colour": "#DDE7EE"}), ("Amethyst", "gold", {"colour": "#8A5FB5"}), ("Pearl", "gold", {"form": "pearl", "colour": "#EFE6DA"}), ("Knot", "rose", {"form": "knot"})), option="Design", tags=("earrings", "gift"), grams=3, stock=(6, 30),
    ),
    Demo(
        "open-door-bracelet", "Open Door bracelet", "Goldhain", 5900, "bracelet",
        "A bangle, a chain or a string of beads: one clasp for all three.",
        {"material": "brass, gold plated; beads of real stone", "feels": "cool, then warm", "lasts": "two years of guarantee on the plating", "fits": "15 to 18 centimetres", "origin": "made in Pforzheim", "care": "keep it dry", "made_for": "stacking", "tip": "wear the chain over the bangle"},
        looks=(("Bangle", "gold", {"colour": "#E3ECF1"}), ("Chain", "silver", {"form": "chain", "colour": "#5FA08A"}), ("Beads, lapis", "gold", {"form": "beads", "colour": "#2F4C94"}), ("Beads, rose quartz", "rose", {"form": "beads", "colour": "#E3B1B4"})), option="Design", tags=("bracelet",), grams=24, stock=(5, 22),
    ),
    Demo(
        "ten-past-ten-watch", "Ten Past Ten watch", "Goldhain", 14900, "watch",
        "Twelve marks, two hands and a red one for the seconds. Swiss quartz.",
        {"material": "steel case, calf leather strap", "feels": "flat, seven millimetres", "lasts": "three years per battery", "fits": "38 millimetres, straps change without tools", "origin": "assembled in Glashütte", "care": "keep leather out of the shower", "made_for": "people who are on time", "good_to_know": "sapphire glass, five bar"},
        looks=(("Cognac", "#A2653B", {"accent": "#F2ECE0", "metal": "gold"}), ("Black", "#2B292B", {"accent": "#1F2226", "metal": "silver"}), ("Navy", "#2C3A5A", {"accent": "#EDEFF0", "metal": "silver"}), ("Blush", "#D9A79C", {"accent": "#FBF3EC", "metal": "rose"})), option="Strap", tags=("watch", "gift"), was=17900, grams=55, stock=(4, 16),
    ),
)  # fmt: skip
