"""Sport and what to wear for it."""

from __future__ import annotations

from shop.demo_catalogue.model import Demo

LETTERS = ("S", "M", "L", "XL")

PRODUCTS: tuple[Demo, ...] = (
    Demo(
        "tempo-leggings", "Tempo leggings", "Fjellvik", 5900, "leggings",
        "High waist, a pocket that holds a phone, and no see-through at the squat.",
        {"material": "76 percent recycled nylon, 24 percent elastane", "feels": "firm and cool", "lasts": "does not pill in fifty washes", "fits": "true to size, take one size up for yoga", "origin": "knitted in Braga", "care": "30 degrees, no softener", "made_for": "running and long sofas", "good_to_know": "a key pocket in the waistband"},
        looks=(("Black", "#29282C"), ("Petrol", "#1F5560", {"panel": "yes", "accent": "#3F8790"}), ("Berry", "#7C2E4C")), sizes=LETTERS, drawing={"accent": "#E9E4DC"}, tags=("women", "running"), was=6900, grams=240,
    ),
    Demo(
        "steady-sports-bra", "Steady sports bra", "Fjellvik", 3900, "bra",
        "Holds without squeezing. Cups stay in when it is washed.",
        {"material": "recycled nylon with a cotton lining", "feels": "soft on the seams", "lasts": "keeps its hold for two years", "fits": "medium support, A to D", "origin": "sewn in Braga", "care": "30 degrees in a bag", "made_for": "running, cycling, dancing", "good_to_know": "straps can be crossed"},
        looks=(("Black", "#2A292D"), ("Coral", "#E4705C"), ("Sage", "#9AAA8B")), sizes=LETTERS[:3], drawing={"accent": "#EDE7DE"}, tags=("women",), grams=110,
    ),
    Demo(
        "first-frost-hoodie", "First Frost hoodie", "Fjellvik", 6900, "hoodie",
        "Heavy cotton, brushed inside. The hood stands by itself.",
        {"material": "organic cotton, 400 grams per square metre", "feels": "heavy and soft", "lasts": "gets better with years", "fits": "straight, boxy, unisex", "origin": "sewn in Porto", "care": "40 degrees, inside out", "made_for": "the way home after training", "good_to_know": "cords with metal ends"},
        looks=(("Oat", "#D9CBB2"), ("Fjord", "#3F5A73", {"zip": "yes"}), ("Brick", "#A4513D")), sizes=LETTERS, drawing={"accent": "#EFEAE0"}, tags=("unisex", "organic"), grams=680,
    ),
    Demo(
        "everyday-heavy-tee", "Everyday heavy tee", "Fjellvik", 2900, "tee",
        "A T-shirt that keeps its collar. Pre-washed, so that it stays your size.",
        {"material": "organic cotton, 220 grams", "feels": "dense and dry", "lasts": "the collar holds", "fits": "straight, unisex", "origin": "sewn in Porto", "care": "40 degrees", "made_for": "every day", "tip": "one size up looks right too"},
        looks=(("White", "#F3F0EA", {"accent": "#D9D3C8"}), ("Navy stripe", "#EDE8DD", {"print": "stripes", "accent": "#2C3A5E"}), ("Sun", "#3C5A52", {"print": "sun", "accent": "#E9B45C"})), sizes=LETTERS, tags=("unisex", "organic"), grams=230, stock=(20, 90),
    ),
    Demo(
        "open-road-running-shoe", "Open Road running shoe", "Fjellvik", 11900, "shoe",
        "Soft in the heel, quick in front. For asphalt and park paths.",
        {"material": "engineered mesh, foam from algae", "feels": "soft, then springy", "lasts": "about 700 kilometres", "fits": "a little narrow, take half a size up", "origin": "glued in Northern Portugal", "care": "brush, never the machine", "made_for": "five to twenty kilometres", "weight": "268 grams in size 42"},
        looks=(("Cloud and coral", "#E6E4E0", {"accent": "#E4674C"}), ("Midnight", "#2B3450", {"accent": "#6E86C4", "lace": "#DDE3F0"})), sizes=("38", "39", "40", "41", "42", "43", "44"), tags=("running",), was=13900, grams=720, stock=(6, 26),
    ),
    Demo(
        "headwind-cap", "Headwind cap", "Fjellvik", 2400, "cap",
        "A light cap that dries on the head. The peak can be bent.",
        {"material": "recycled polyester with mesh sides", "feels": "light as a handkerchief", "lasts": "colour-fast in the sun", "fits": "54 to 61 cm", "origin": "sewn in Braga", "care": "hand wash", "made_for": "sun, rain and bad hair days", "good_to_know": "a sweatband of towel"},
        looks=(("Ochre", "#CE9A3C", {"accent": "#8A5A22"}), ("Navy", "#2C3A5C", {"accent": "#1E2842"}), ("Stone", "#BDB3A2", {"accent": "#948A79"})), tags=("unisex",), grams=75,
    ),
    Demo(
        "glacier-steel-bottle", "Glacier steel bottle", "Fjellvik", 2790, "bottle",
        "Cold for a day, hot for half of it. No taste of last week's tea.",
        {"material": "double-walled stainless steel", "feels": "solid, powder coated", "lasts": "24 hours cold, 12 hours hot", "fits": "cup holders and bike cages", "origin": "pressed in Solingen", "care": "dishwasher without the lid", "made_for": "long days out", "volume": "0.75 litres"},
        looks=(("Coral", "#DF6A55"), ("Fjord", "#3F6584"), ("Moss", "#5F6F4C"), ("White", "#EAE7E1"), ("Plum", "#5D3A5E")), drawing={"accent": "#2C2B2B"}, tags=("outdoor", "plastic free"), grams=390,
    ),
    Demo(
        "ground-floor-yoga-mat", "Ground Floor yoga mat", "Fjellvik", 4900, "mat",
        "Six millimetres of natural rubber that do not slide.",
        {"material": "natural rubber, cotton straps", "feels": "grippy, even with wet hands", "lasts": "five years of daily use", "fits": "183 by 66 centimetres", "origin": "rubber from Sri Lanka", "care": "wipe it with vinegar water", "made_for": "yoga, stretching and naps", "smells": "of rubber for two days"},
        looks=(("Clay", "#B9694C"), ("Sea", "#4C7C86"), ("Olive", "#77794A")), drawing={"accent": "#EFE6D6"}, tags=("yoga",), grams=2400, stock=(6, 28),
    ),
    Demo(
        "sprint-shorts", "Sprint shorts", "Fjellvik", 3400, "shorts",
        "Five inches, a lining that does not rub, and a back pocket with a zip.",
        {"material": "recycled polyester, four-way stretch", "feels": "light and dry", "lasts": "dries in half an hour", "fits": "five-inch inseam, cord at the waist", "origin": "sewn in Braga", "care": "30 degrees", "made_for": "hot days and fast legs", "good_to_know": "reflects at the side"},
        looks=(("Black", "#2B2B2F", {"accent": "#D9D4CA"}), ("Teal", "#1F6A6C", {"accent": "#F0C66A"})), sizes=LETTERS, tags=("running",), grams=130,
    ),
    Demo(
        "two-left-feet-socks", "Two Left Feet socks, pair", "Fjellvik", 1290, "socks",
        "Padded where it counts. One for the left, one for the right after all.",
        {"material": "merino wool and recycled polyamide", "feels": "warm when wet", "lasts": "heel and toe are reinforced", "fits": "marked for left and right", "origin": "knitted in Saxony", "care": "40 degrees", "made_for": "runs without blisters", "good_to_know": "merino does not smell"},
        looks=(("Oat", "#E1D5BE", {"accent": "#B4603F"}), ("Forest", "#33503F", {"accent": "#D8B45A"}), ("Sky", "#A9C2D6", {"accent": "#2F4A70"})), sizes=("36-40", "41-45"), tags=("unisex", "merino"), grams=60, stock=(20, 80),
    ),
    Demo(
        "carry-on-dumbbells", "Carry On dumbbells, pair", "Fjellvik", 3900, "dumbbell",
        "Hexagonal ends that stay where you put them.",
        {"material": "cast iron under rubber", "feels": "a dry, knurled grip", "lasts": "longer than any resolution", "fits": "under a sofa", "origin": "cast in the Sauerland", "care": "a damp cloth", "made_for": "living rooms", "tip": "begin with the light pair"},
        looks=(("2 kg", "#4F8A83", {"size": 0.75}), ("4 kg", "#C8694E", {"size": 1.0}), ("6 kg", "#3B3F52", {"size": 1.25})), option="Weight", drawing={"accent": "#EDE7DC"}, tags=("strength",), grams=4000, stock=(6, 24),
    ),
    Demo(
        "three-steps-bands", "Three Steps loop bands", "Fjellvik", 1590, "bands",
        "Light, medium, strong. In a bag that fits a pocket.",
        {"material": "natural latex with cotton", "feels": "does not roll up", "lasts": "thousands of repetitions", "fits": "legs, arms and suitcases", "origin": "made in Thuringia", "care": "keep it out of the sun", "made_for": "hotel rooms", "in_the_box": "three bands and a bag"},
        looks=(("Warm", "#D9A27A", {"accent": "#A9543C"}), ("Cool", "#A9BCC9", {"accent": "#3F5E7A"})), option="Set", tags=("strength", "travel"), grams=140,
    ),
)  # fmt: skip
