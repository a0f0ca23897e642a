"""Skin care."""

from __future__ import annotations

from shop.demo_catalogue.model import Demo

PRODUCTS: tuple[Demo, ...] = (
    Demo(
        "first-light-serum", "First Light serum", "Nordlicht", 3200, "dropper",
        "Three serums, one bottle shape. Vitamin C for the morning, retinal for the night, hyaluron for both.",
        {"material": "fifteen percent actives in water and glycerine", "feels": "light, gone in a minute", "lasts": "about ten weeks per bottle", "fits": "all skin types, one drop more for dry skin", "origin": "made in Hamburg", "care": "close it quickly, light is its enemy", "made_for": "dull winter skin", "good_to_know": "no perfume in it", "tip": "press it in, do not rub"},
        looks=(("Vitamin C", "#C9772E"), ("Retinal", "#5B3A68"), ("Hyaluron", "#3F6F86")), option="Active", drawing={"accent": "#F2ECE2", "metal": "gold", "label": "#F8F3EA"}, tags=("face", "serum"), grams=110,
    ),
    Demo(
        "slow-morning-face-cream", "Slow Morning face cream", "Kornblume", 2800, "jar",
        "A rich cream that does not shine. In a jar of glass that can be refilled.",
        {"material": "oat lipids, shea and cornflower water", "feels": "rich, then dry to the touch", "lasts": "three months with a pea a day", "fits": "dry and normal skin", "smells": "faintly of oats", "origin": "stirred in Brandenburg", "care": "use the little spoon", "made_for": "cold wind and heated rooms", "good_to_know": "refills cost a third less"},
        looks=(("Classic", "#8FA6A0"), ("Rich", "#C9A78F", {"cream": "#F8E9D2"}), ("Light", "#DDE5DC", {"cream": "#FFFDF8"})), option="Texture", drawing={"accent": "#3C3A34"}, tags=("face", "refillable", "vegan"), grams=230,
    ),
    Demo(
        "rinse-and-shine-cleanser", "Rinse & Shine cleanser", "Kornblume", 1690, "pump",
        "A mild cleanser that takes make-up with it and leaves the rest alone.",
        {"material": "sugar tensides and aloe", "feels": "soft foam, no squeak", "lasts": "200 pumps", "fits": "sensitive skin, also around the eyes", "origin": "stirred in Brandenburg", "care": "keep the pump dry", "made_for": "evenings when you are too tired", "scent": "cucumber"},
        looks=(("Aloe", "#9DBB8A"), ("Rose", "#D9A3A0", {"form": "square"})), option="Scent", drawing={"accent": "#2F3A35"}, tags=("face", "vegan"), grams=280,
    ),
    Demo(
        "open-air-sun-cream", "Open Air sun cream", "Nordlicht", 1990, "tube",
        "Light protection that can be worn in the office. Dries clear.",
        {"material": "modern filters, none that harm reefs", "feels": "like a light lotion", "lasts": "two hours, then again", "fits": "face and neck", "origin": "made in Hamburg", "care": "not in a hot car", "made_for": "people who forget sun cream because it is sticky", "good_to_know": "water resistant for forty minutes"},
        looks=(("SPF 30", "#F0C35A"), ("SPF 50", "#EE8B4A")), option="Protection", drawing={"accent": "#F5F0E6", "label": "#FDF6E3"}, tags=("sun",), grams=70,
    ),
    Demo(
        "quiet-clay-mask", "Quiet Clay mask", "Kornblume", 2150, "jar",
        "Ten minutes of nothing. Clay takes the shine, oil gives back the glow.",
        {"material": "French clay and grape seed oil", "feels": "cool, does not crack", "lasts": "fifteen masks", "fits": "mixed and oily skin", "origin": "clay from the Provence", "care": "close it well, it dries out", "made_for": "Sunday evenings", "tip": "wash it off before it is dry"},
        looks=(("Green clay", "#6F7F58", {"cream": "#A9B58C", "accent": "#2C332A"}), ("Pink clay", "#C58F86", {"cream": "#E2B5AA", "accent": "#54352F"})), option="Clay", tags=("mask", "vegan"), grams=210,
    ),
    Demo(
        "ten-fingers-hand-cream", "Ten Fingers hand cream", "Kornblume", 890, "tube",
        "Absorbs before the phone rings. Four scents.",
        {"material": "almond oil, urea and beeswax", "feels": "not greasy after a minute", "lasts": "four hours and one hand wash", "fits": "every handbag", "origin": "stirred in Brandenburg", "care": "squeeze from the end", "made_for": "gardeners, nurses, climbers", "scent": "four to choose from"},
        looks=(("Lavender", "#A596C4"), ("Orange blossom", "#EBB078"), ("Mint", "#9CC7B0"), ("Unscented", "#D8D2C6")), option="Scent", drawing={"accent": "#4A423B"}, tags=("hands", "gift"), grams=85,
    ),
    Demo(
        "pocket-lip-balm", "Pocket lip balm", "Kornblume", 650, "tin",
        "A tin that survives the washing machine. Balm for a whole winter.",
        {"material": "beeswax, honey and calendula", "feels": "firm, melts on the lips", "lasts": "a winter", "fits": "the smallest pocket", "origin": "wax from the Uckermark", "care": "warm it with a finger", "made_for": "skiers and cyclists", "good_to_know": "without mineral oil"},
        looks=(("Honey", "#D9A23C", {"balm": "#F2D08C"}), ("Cherry", "#A8324A", {"balm": "#E6A3A8"}), ("Mint", "#5F9C86", {"balm": "#DCEBDD"})), option="Flavour", drawing={"accent": "#D9D3C8"}, tags=("lips", "gift"), grams=22,
    ),
    Demo(
        "square-meal-soap", "Square Meal soap", "Seifenwerk Sieben", 750, "soap",
        "Two bars, cut by hand, dried for six weeks. Nothing in it that you can not pronounce.",
        {"material": "olive oil, coconut oil, sea salt", "feels": "creamy, leaves no film", "lasts": "two months a bar", "fits": "hands, body and hair", "origin": "boiled in Leipzig", "care": "let it dry between showers", "made_for": "people who want less plastic", "in_the_box": "two bars in paper"},
        looks=(("Sea salt", "#DCE0DC", {"flecks": 14, "accent": "#8FA3A8"}), ("Oat", "#E2CFA9", {"flecks": 30, "accent": "#A9824E"}), ("Charcoal", "#43454A", {"flecks": 6, "accent": "#8C9096"}), ("Rose", "#DDA4A2", {"flecks": 18, "accent": "#A84F5C"})), option="Kind", tags=("body", "vegan", "plastic free"), grams=220,
    ),
    Demo(
        "soft-rain-face-mist", "Soft Rain face mist", "Nordlicht", 1450, "spray",
        "A fine mist for trains, offices and long flights. May be sprayed over make-up.",
        {"material": "thermal water and a little panthenol", "feels": "like standing at the sea", "lasts": "120 sprays", "fits": "hand luggage", "origin": "bottled in the Eifel", "care": "keep it in the fridge in summer", "made_for": "dry air", "tip": "close your eyes, arm's length"},
        looks=(("Sea", "#5E8CA8"), ("Green tea", "#8AA06A")), option="Scent", drawing={"accent": "#E9E4DA", "metal": "silver"}, tags=("face",), grams=130,
    ),
)  # fmt: skip
