"""Make-up."""

from __future__ import annotations

from shop.demo_catalogue.model import Demo
from shop.demo_catalogue.shades import LIPS, NAILS, SKIN

PRODUCTS: tuple[Demo, ...] = (
    Demo(
        "velvet-hour-lipstick", "Velvet Hour lipstick", "Maison Okra", 2400, "lipstick",
        "One lipstick, a hundred and twenty shades. Four finishes, from soft matte to full gloss.\n\nThe bullet is cut by hand, the case clicks shut and can be refilled.",
        {"material": "rice wax, jojoba oil and pure pigment", "feels": "like a balm, never sticky", "lasts": "about seven hours, coffee included", "fits": "every skin tone, there are 120 shades", "origin": "poured in a small workshop in Lyon", "care": "keep it under 25 degrees", "made_for": "lips that dry out under other lipsticks", "scent": "a little vanilla that fades in a minute", "tip": "blot once and put on a second layer"},
        looks=LIPS, option="Shade", drawing={"accent": "#211B1C", "metal": "gold"}, tags=("lips", "refillable", "vegan"), grams=38, stock=(18, 70),
    ),
    Demo(
        "glasswork-nail-polish", "Glasswork nail polish", "Maison Okra", 1190, "polish",
        "High shine in two coats. The wide brush covers a nail in three strokes.",
        {"material": "a formula without the ten usual suspects", "feels": "thin and even, it levels itself", "lasts": "up to eight days with a top coat", "dries": "in ninety seconds", "origin": "made in Italy", "care": "shake well, close it tightly", "made_for": "unsteady hands", "tip": "leave a hair's width free at the edge"},
        looks=NAILS, option="Shade", drawing={"accent": "#F3EDE4", "metal": "gold"}, tags=("nails", "vegan"), grams=42,
    ),
    Demo(
        "long-story-mascara", "Long Story mascara", "Studio Iris", 1890, "mascara",
        "Length first, volume second. Comes off with warm water, not with rubbing.",
        {"material": "tubing polymers and carnauba wax", "feels": "light, lashes stay soft", "lasts": "from breakfast to the last train", "fits": "short and straight lashes most of all", "origin": "developed in Copenhagen", "care": "use it up within six months", "made_for": "contact lenses and sensitive eyes", "tip": "wiggle at the root, then pull"},
        looks=(("Black", "#1B1A1C"), ("Espresso", "#4A2F23", {"volume": 1.2}), ("Plum", "#4D2140", {"volume": 0.85})), option="Shade", drawing={"accent": "#1D2A3C", "metal": "silver"}, tags=("eyes",), grams=30,
    ),
    Demo(
        "twelve-rooms-eye-palette", "Twelve Rooms eye palette", "Studio Iris", 4200, "palette",
        "Twelve colours that all get along: six mattes, four satins, two sparkles.",
        {"material": "pressed pigment with a touch of argan oil", "feels": "buttery, hardly any fall-out", "lasts": "ten hours over a primer", "fits": "day on the left, evening on the right", "origin": "pressed in Milan", "care": "wipe the mirror with a dry cloth", "made_for": "people who use two colours and dream of twelve", "in_the_box": "palette, mirror, a card with four looks"},
        looks=(
            ("Attic", "#6E3B4C"),
            ("Garden", "#5E7A55", {"pans": ["#E9E2C8", "#C9CFA0", "#8FA36B", "#4E6B45", "#E7D3B2", "#BFA06A", "#7D6A3C", "#3B3A26", "#F0E4DC", "#B7C7BE", "#6F8F8A", "#26413F"]}),
            ("Seaside", "#4F7896", {"pans": ["#F1EADF", "#D8C7AE", "#A8B8C0", "#6E8FA6", "#E9D2C4", "#C79F8C", "#5F7F99", "#2F4A66", "#F4EFEA", "#B9C9CF", "#7E6F66", "#1F2C3D"]}),
            ("Sunset", "#C4553B", {"pans": ["#F4D9B8", "#EDB27C", "#DE7F4E", "#B04A32", "#F0C4B4", "#D98878", "#A64C57", "#6B2A40", "#F3E3C6", "#D7A24A", "#8E5A2E", "#42241F"]}),
        ), option="Story", drawing={"accent": "#2A2224", "metal": "gold"}, tags=("eyes", "gift"), was=4900, grams=160,
    ),
    Demo(
        "flush-cream-blush", "Flush pressed blush", "Studio Iris", 2250, "compact",
        "The colour you have after a walk. Builds from hardly there to clearly there.",
        {"material": "silk powder and squalane", "feels": "weightless, melts in", "lasts": "six hours and more", "fits": "cheeks, lids and lips", "origin": "pressed in Milan", "care": "a soft brush is enough", "made_for": "tired Mondays", "tip": "smile, start at the apple, brush upwards"},
        looks=(("Peach", "#EFA283"), ("Rose", "#DE8391"), ("Coral", "#E9705B"), ("Fig", "#A5566A"), ("Brick", "#B5563F"), ("Bronze", "#B07A4C")), option="Shade", drawing={"accent": "#34282B", "metal": "rose"}, tags=("cheeks",), grams=62,
    ),
    Demo(
        "second-skin-foundation", "Second Skin foundation", "Nordlicht", 3450, "foundation",
        "Medium cover that still looks like skin. Twelve tones, each with a clear undertone.",
        {"material": "water, mineral pigment and hyaluronic acid", "feels": "like a light fluid", "lasts": "twelve hours without touching up", "fits": "normal, dry and mixed skin", "origin": "made in Hamburg", "care": "shake before use, close the cap", "made_for": "cameras and daylight", "good_to_know": "sun protection factor 20 is in it"},
        looks=SKIN, option="Tone", drawing={"accent": "#23262A", "metal": "silver"}, tags=("face",), grams=140,
    ),
    Demo(
        "spotless-concealer", "Spotless concealer", "Nordlicht", 1750, "concealer",
        "A small wand for big nights. Covers shadows without settling into lines.",
        {"material": "pigment in a caffeine gel", "feels": "cool at first, then like nothing", "lasts": "ten hours", "fits": "under the eyes and on small spots", "origin": "made in Hamburg", "care": "wipe the wand now and then", "made_for": "short sleepers", "tip": "three dots, then tap with a finger"},
        looks=tuple(SKIN[at] for at in (0, 2, 4, 6, 8, 10)), option="Tone", drawing={"accent": "#2B2F36", "metal": "silver"}, tags=("face",), grams=36,
    ),
    Demo(
        "wet-paint-lip-gloss", "Wet Paint lip gloss", "Maison Okra", 1650, "gloss",
        "Glass shine, no glue. Alone, or over any Velvet Hour shade.",
        {"material": "plant oils and a little vitamin E", "feels": "smooth, hair does not stick to it", "lasts": "three hours, then again", "fits": "over every lipstick", "origin": "poured in Lyon", "care": "keep it upright", "made_for": "lips that want to look fuller", "scent": "fresh pear"},
        looks=(("Clear Sky", "#F0D8D4"), ("Guava", "#EE7F78"), ("Candy", "#EE86AE"), ("Cherry", "#BE1F3A"), ("Plum Jam", "#7C2A57"), ("Caramel", "#B5734A")), option="Shade", drawing={"accent": "#F4EDE6", "metal": "gold"}, tags=("lips", "vegan"), grams=34,
    ),
    Demo(
        "sharp-line-eye-pencil", "Sharp Line eye pencil", "Studio Iris", 980, "pencil",
        "Soft for thirty seconds, then it stays. Sharpener included in the cap.",
        {"material": "cedar wood and waxes", "feels": "creamy, does not pull", "lasts": "all day, even on the waterline", "fits": "a fine line as well as a smoky one", "origin": "made near Nuremberg", "care": "sharpen before each use", "made_for": "hooded lids", "tip": "smudge it before it sets"},
        looks=(("Black", "#232124"), ("Brown", "#5A3A29"), ("Navy", "#26345C"), ("Bottle", "#1E4D43"), ("Violet", "#5C3B7A")), option="Shade", drawing={"accent": "#DED6CB", "metal": "silver"}, tags=("eyes",), grams=9,
    ),
    Demo(
        "cloud-nine-powder", "Cloud Nine loose powder", "Nordlicht", 2600, "powder",
        "Sets without a cast. The puff lies in the lid.",
        {"material": "talc-free, rice starch and silica", "feels": "like air", "lasts": "eight hours of matt", "fits": "oily and mixed skin", "origin": "made in Hamburg", "care": "wash the puff by hand", "made_for": "warm rooms and bright lights", "in_the_box": "jar and velvet puff"},
        looks=(("Translucent", "#F1E2D2"), ("Banana", "#EBCF8E"), ("Deep", "#9E6A45")), option="Shade", drawing={"accent": "#2A2A2E"}, tags=("face",), grams=95,
    ),
    Demo(
        "five-friends-brush-set", "Five Friends brush set", "Atelier Borste", 3900, "brushes",
        "The five brushes that are used every day, and none of those that are not.",
        {"material": "vegan fibre and beech wood", "feels": "dense and very soft", "lasts": "years, if washed", "fits": "powder, blush, shadow and brow", "origin": "tied by hand in the Allgäu", "care": "wash with mild soap, dry lying down", "made_for": "beginners and professionals", "in_the_box": "five brushes and a roll of felt"},
        looks=(("Ivory", "#C9A27E", {"accent": "#F1E9DC"}), ("Ebony", "#3B302B", {"accent": "#26211F"})), option="Handle", drawing={"metal": "gold"}, tags=("tools", "gift", "vegan"), was=5200, grams=180,
    ),
    Demo(
        "late-checkout-eau-de-parfum", "Late Checkout eau de parfum", "Maison Okra", 6900, "perfume",
        "Fig leaf, clean sheets and a bar far away. Unisex, close to the skin.",
        {"material": "alcohol from wheat and 18 percent perfume oil", "feels": "fresh first, warm later", "lasts": "six to eight hours", "smells": "of fig leaf, cotton and cedar", "origin": "mixed in Grasse", "care": "keep it out of the sun", "made_for": "evenings without a plan", "tip": "one spray on the coat, not only on the wrist"},
        looks=(("Fig", "#B9C48E", {"form": "square"}), ("Amber", "#D9A45C", {"form": "round"}), ("Iris", "#B7A6CF", {"form": "tall"})), option="Scent", sizes=(("30 ml", 0), ("50 ml", 2600)), drawing={"accent": "#2A2522", "metal": "gold"}, tags=("scent", "gift"), grams=240, stock=(8, 30),
    ),
)  # fmt: skip
