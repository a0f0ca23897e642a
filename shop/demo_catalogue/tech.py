"""Cables and small electronics."""

from __future__ import annotations

from shop.demo_catalogue.model import Demo

PRODUCTS: tuple[Demo, ...] = (
    Demo(
        "long-line-usb-c-cable", "Long Line USB-C cable", "Kabelwerk Nord", 1290, "cable",
        "Braided, bent ten thousand times in the test, still there. 100 watts.",
        {"material": "nylon braid over aramid fibre", "feels": "soft, does not tangle", "lasts": "10,000 bends in the test", "fits": "phones, tablets and most laptops", "origin": "made in Kiel", "care": "roll it, do not knot it", "made_for": "sockets that are too far away", "power": "100 watts, 480 Mbit", "in_the_box": "cable and a leather strap"},
        looks=(("Coral", "#E0705C"), ("Ink", "#2B3350"), ("Sand", "#CDB48D"), ("Forest", "#3C5B4A")), option="Colour", sizes=(("1 m", 0), ("2 m", 400)), size_option="Length", drawing={"accent": "#EFEBE4"}, tags=("usb-c", "cable"), grams=60, stock=(30, 140),
    ),
    Demo(
        "short-cut-cable", "Short Cut cable for power banks", "Kabelwerk Nord", 890, "cable",
        "Thirty centimetres that never get lost in a bag.",
        {"material": "smooth silicone jacket", "feels": "very soft", "lasts": "longer than your phone", "fits": "power banks and car chargers", "origin": "made in Kiel", "care": "wipe it with a damp cloth", "made_for": "trains", "power": "60 watts"},
        looks=(("White", "#ECE9E3", {"accent": "#D8D4CC"}), ("Black", "#2D2D31", {"accent": "#45464B"})), option="Colour", drawing={"turns": 1, "jacket": "smooth"}, tags=("usb-c", "cable"), grams=24, stock=(30, 120),
    ),
    Demo(
        "little-engine-charger", "Little Engine charger", "Kabelwerk Nord", 2490, "charger",
        "The size of a matchbox, the power for a laptop.",
        {"material": "gallium nitride in a matt shell", "feels": "stays cool enough to touch", "lasts": "five years of guarantee", "fits": "European sockets", "origin": "designed in Kiel", "care": "none", "made_for": "one plug for everything", "power": "30, 65 or 100 watts"},
        looks=(("30 W", "#E9E6E0"), ("65 W", "#3A3D42", {"ports": 2}), ("100 W", "#B7C2B4", {"ports": 3})), option="Power", tags=("charger", "usb-c"), grams=110, stock=(16, 60),
    ),
    Demo(
        "second-wind-power-bank", "Second Wind power bank", "Kabelwerk Nord", 3990, "power_bank",
        "10,000 mAh that fit a jacket. Full in ninety minutes.",
        {"material": "aluminium and new cells", "feels": "cool and solid", "lasts": "two full phone charges", "fits": "hand luggage rules", "origin": "cells from Korea, built in Kiel", "care": "charge it every three months", "made_for": "festival weekends", "power": "22 watts, 10,000 mAh"},
        looks=(("Slate", "#5B6470"), ("Rust", "#B05B3B", {"ribs": 8}), ("Mint", "#A6C8B8", {"lights": 4}), ("Sand", "#D2BE9C", {"ribs": 5})), option="Colour", tags=("battery",), was=4990, grams=215,
    ),
    Demo(
        "small-talk-earphones", "Small Talk earphones", "Haldor", 7900, "earbuds",
        "Noise away, voice in. Both ears for eight hours, the case for thirty more.",
        {"material": "recycled plastic, silicone tips", "feels": "4.1 grams each, easily forgotten", "lasts": "eight hours, plus thirty in the case", "fits": "four sizes of tips", "origin": "tuned in Tallinn", "care": "dry the tips after sport", "made_for": "calls in the wind", "sound": "warm, with clear voices", "in_the_box": "earphones, case, tips, short cable"},
        looks=(("Cloud", "#E6E4E0"), ("Night", "#2E3036"), ("Clay", "#C08468"), ("Moss", "#6E7C5C")), option="Colour", drawing={"accent": "#2A2B2E"}, tags=("audio",), was=9900, grams=58, stock=(10, 36),
    ),
    Demo(
        "long-haul-headphones", "Long Haul headphones", "Haldor", 14900, "headphones",
        "Soft cushions, fifty hours, and a cable for the plane.",
        {"material": "steel band, memory foam", "feels": "240 grams, soft even with glasses", "lasts": "fifty hours per charge", "fits": "folds flat", "origin": "tuned in Tallinn", "care": "cushions can be changed", "made_for": "open-plan offices", "sound": "even, with a deep bass"},
        looks=(("Ivory", "#E7DFD2", {"accent": "#B59A7A"}), ("Graphite", "#3C3F45", {"accent": "#22242A"}), ("Rust", "#B4553A", {"accent": "#E9E0D2"})), option="Colour", tags=("audio",), grams=420, stock=(5, 20),
    ),
    Demo(
        "landing-pad-wireless-charger", "Landing Pad wireless charger", "Kabelwerk Nord", 2990, "charging_pad",
        "Put it down, it charges. The ring shows where.",
        {"material": "aluminium and wool felt", "feels": "nothing slips", "lasts": "five years of guarantee", "fits": "all phones with Qi", "origin": "made in Kiel", "care": "brush the felt", "made_for": "night tables", "power": "15 watts"},
        looks=(("Felt grey", "#8B8D91"), ("Felt blue", "#4A5F82"), ("Felt rust", "#A65C43")), option="Colour", drawing={"accent": "#2A2B2E"}, tags=("charger",), grams=150,
    ),
    Demo(
        "soft-landing-phone-case", "Soft Landing phone case", "Haldor", 2290, "phone_case",
        "Falls from two metres and gets up again. Made from old ones.",
        {"material": "recycled TPU with a soft lining", "feels": "grippy, not rubbery", "lasts": "drops from two metres", "fits": "the 6.1-inch models of this year", "origin": "moulded in Porto", "care": "wash it with soap", "made_for": "people who drop phones", "good_to_know": "send it back, it becomes a new one"},
        looks=(("Plain ink", "#2C3654"), ("Ring coral", "#E2725B", {"pattern": "ring", "accent": "#F6E9D8"}), ("Stripe sand", "#D8C4A0", {"pattern": "stripe", "accent": "#A86A45"}), ("Plain sage", "#97A88C"), ("Ring lilac", "#AFA0CB", {"pattern": "ring", "accent": "#F4EFE6"}), ("Stripe teal", "#2F6A70", {"pattern": "stripe", "accent": "#8FC0B8"})), option="Design", tags=("case", "recycled"), grams=34,
    ),
    Demo(
        "kitchen-table-speaker", "Kitchen Table speaker", "Haldor", 9900, "speaker",
        "Fills a kitchen, fits beside the kettle. Twelve hours without a plug.",
        {"material": "woven cloth, recycled shell", "feels": "like a piece of furniture", "lasts": "twelve hours per charge", "fits": "a shelf of 15 cm", "origin": "tuned in Tallinn", "care": "vacuum the cloth", "made_for": "cooking with the radio on", "sound": "all around, clear at low volume"},
        looks=(("Oat", "#CFC0A6"), ("Charcoal", "#4A4A4E"), ("Brick", "#A85B44")), option="Cloth", drawing={"accent": "#2E2B29"}, tags=("audio",), was=11900, grams=890, stock=(5, 20),
    ),
    Demo(
        "upright-phone-stand", "Upright phone stand", "Haldor", 1990, "stand",
        "Holds the phone where the recipe is. Folds to the size of a pen.",
        {"material": "aluminium with a cork foot", "feels": "stands firmly", "lasts": "a solid hinge", "fits": "phones and small tablets", "origin": "milled in Porto", "care": "none", "made_for": "video calls and recipes", "tip": "turn it for wide films"},
        looks=(("Silver", "#A9ADB2", {"metal": "silver", "accent": "#E8B79A"}), ("Gold", "#C9A76A", {"metal": "gold", "accent": "#9FB8C9"})), option="Finish", tags=("desk",), grams=130,
    ),
)  # fmt: skip
