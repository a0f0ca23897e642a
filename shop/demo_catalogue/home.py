"""Small appliances and the table they stand on."""

from __future__ import annotations

from shop.demo_catalogue.model import Demo

PRODUCTS: tuple[Demo, ...] = (
    Demo(
        "slow-pour-kettle", "Slow Pour kettle", "Haldor", 7900, "kettle",
        "A gooseneck for coffee people, a jug for tea people. Heats to the degree.",
        {"material": "stainless steel, cool handle", "feels": "light when full, 0.9 litres", "lasts": "two years of guarantee, parts for ten", "fits": "every hob-free kitchen", "origin": "built in Tallinn", "care": "citric acid once a month", "made_for": "pour-over and green tea", "power": "1,200 watts, 40 to 100 degrees"},
        looks=(("Matt black", "#333134", {"accent": "#7A5235"}), ("Cream", "#E6DAC2", {"accent": "#7A5235"}), ("Jug red", "#B23A34", {"form": "jug", "accent": "#2B2A2B"})), option="Model", tags=("kitchen",), was=9400, grams=1150, stock=(6, 24),
    ),
    Demo(
        "sunday-toaster", "Sunday toaster", "Haldor", 6900, "toaster",
        "Two wide slots, seven shades of brown, and it is quiet about it.",
        {"material": "enamelled steel", "feels": "a solid lever, soft click", "lasts": "heating wires can be changed", "fits": "thick slices and half bagels", "origin": "built in Tallinn", "care": "empty the crumb drawer", "made_for": "breakfast in bed", "power": "900 watts"},
        looks=(("Cream", "#EADFC8"), ("Sage", "#A3B193"), ("Tomato", "#C2452F")), drawing={"accent": "#2B2A2B"}, tags=("kitchen",), grams=1700, stock=(6, 22),
    ),
    Demo(
        "green-light-blender", "Green Light blender", "Haldor", 9900, "blender",
        "Crushes ice without waking the house. The jug is glass.",
        {"material": "borosilicate glass, steel blades", "feels": "stands like a rock", "lasts": "motor guarantee of ten years", "fits": "1.5 litres", "origin": "built in Tallinn", "care": "water, a drop of soap, thirty seconds", "made_for": "soups, smoothies and frozen bananas", "power": "900 watts"},
        looks=(("Cream", "#E7DCC6", {"juice": "#E58A4E"}), ("Graphite", "#47494E", {"juice": "#8DAF4E"}), ("Coral", "#DF6D57", {"juice": "#C94F72"})), drawing={"accent": "#2B2A2B"}, tags=("kitchen",), was=12900, grams=3200, stock=(5, 18),
    ),
    Demo(
        "mushroom-table-lamp", "Low Light table lamp", "Studio Ostseite", 8900, "lamp",
        "A warm light that flatters everyone. Dims with a touch.",
        {"material": "spun steel and brass", "feels": "heavy foot, light shade", "lasts": "25,000 hours, the bulb can be changed", "fits": "night tables and shelves", "origin": "turned in Dresden", "care": "a dry cloth", "made_for": "evenings", "light": "2,200 to 2,700 kelvin, 420 lumens"},
        looks=(("Mushroom olive", "#6B6E45"), ("Cone plaster", "#E2D6C4", {"form": "cone"}), ("Ball opal", "#F3E6CC", {"form": "ball"}), ("Mushroom rust", "#A9502F")), option="Shade", drawing={"accent": "#3A332D", "metal": "gold"}, tags=("light",), grams=1600, stock=(5, 18),
    ),
    Demo(
        "flat-out-steam-iron", "Flat Out steam iron", "Haldor", 5900, "iron",
        "Steam before you can say shirt. Switches itself off.",
        {"material": "ceramic sole", "feels": "glides over buttons", "lasts": "lime is caught in a cartridge", "fits": "0.35 litres of water", "origin": "built in Tallinn", "care": "change the cartridge twice a year", "made_for": "linen", "power": "2,400 watts, 45 grams of steam"},
        looks=(("Petrol", "#2C6470"), ("Lilac", "#A493C4", {"light": "on"})), drawing={"accent": "#2C2D31"}, tags=("household",), grams=1350, stock=(6, 20),
    ),
    Demo(
        "hand-made-coffee-grinder", "Hand Made coffee grinder", "Studio Ostseite", 6400, "grinder",
        "Forty turns for two cups. Steel burrs, no battery.",
        {"material": "steel burrs, aluminium and beech", "feels": "smooth, with two bearings", "lasts": "burrs for 20 years of mornings", "fits": "25 grams of beans", "origin": "turned in Dresden", "care": "brush it, no water", "made_for": "camping and quiet mornings", "tip": "one click finer for espresso"},
        looks=(("Black", "#333236", {"accent": "#6B4631", "metal": "silver"}), ("Brass", "#B98D4A", {"accent": "#4A3325", "metal": "gold"})), option="Finish", tags=("coffee",), grams=520, stock=(6, 22),
    ),
    Demo(
        "stove-song-moka-pot", "Stove Song moka pot", "Studio Ostseite", 3900, "moka",
        "Four cups that gurgle. For gas, ceramic and induction.",
        {"material": "stainless steel", "feels": "the handle stays cool", "lasts": "seals cost three euros", "fits": "four small cups", "origin": "pressed in Piedmont", "care": "water only, no soap", "made_for": "strong opinions in the morning", "tip": "take it off when it begins to sing"},
        looks=(("Steel", "#B5B9BE", {"accent": "#26262A"}), ("Copper", "#B9714C", {"accent": "#3A2A22"}), ("Forest", "#4A6B57", {"accent": "#1F2A24"})), option="Finish", tags=("coffee",), grams=640,
    ),
    Demo(
        "office-hours-coffee-maker", "Office Hours coffee maker", "Haldor", 11900, "coffee_maker",
        "Eight cups, right temperature, no buttons to learn.",
        {"material": "recycled plastic and glass", "feels": "one switch, that is all", "lasts": "every part can be bought", "fits": "under kitchen cupboards, 35 cm", "origin": "built in Tallinn", "care": "descale when the light says so", "made_for": "teams of eight", "power": "1,400 watts, 1.25 litres"},
        looks=(("Cream", "#E8DECB"), ("Ink", "#2F3650"), ("Sage", "#9FAF95")), drawing={"accent": "#2B2A2C"}, tags=("coffee", "kitchen"), grams=2700, stock=(4, 16),
    ),
    Demo(
        "blue-hour-candle", "Blue Hour candle", "Seifenwerk Sieben", 2600, "candle",
        "Rapeseed wax, cotton wick, fifty hours. The glass becomes a tumbler.",
        {"material": "rapeseed wax and cotton", "feels": "burns evenly to the edge", "lasts": "fifty hours", "smells": "clear, not loud", "fits": "a room of twenty square metres", "origin": "poured in Leipzig", "care": "cut the wick to five millimetres", "made_for": "rainy evenings", "good_to_know": "wash the glass and keep it"},
        looks=(("Fig tree", "#8C9A6B"), ("Amber", "#D29A54"), ("Linen", "#E8DFD0"), ("Cassis", "#6C2E4C")), option="Scent", drawing={"accent": "#2E2824"}, tags=("gift", "vegan"), grams=410,
    ),
    Demo(
        "daily-bread-mug", "Daily Bread mug", "Studio Ostseite", 1890, "mug",
        "Thrown by hand, dipped twice. No two rims are the same.",
        {"material": "stoneware", "feels": "heavy and warm", "lasts": "survives the dishwasher", "fits": "0.3 litres", "origin": "fired in Dresden", "care": "dishwasher and microwave", "made_for": "the first coffee", "good_to_know": "each one differs a little"},
        looks=(("Oat and ink", "#DCCDB2", {"accent": "#2F3B5C"}), ("Clay and cream", "#B5694A", {"accent": "#EFE4D0"}), ("Moss", "#6C7A54", {"accent": "#DDE0C4"}), ("Plain white", "#EFEBE3", {"glaze": "no"})), option="Glaze", tags=("table", "gift"), grams=380,
    ),
    Demo(
        "still-life-vase", "Still Life vase", "Studio Ostseite", 4500, "vase",
        "A vase that looks good empty, and better with three dry stems.",
        {"material": "matt stoneware", "feels": "like fine sandpaper", "lasts": "stands firmly", "fits": "28 centimetres high", "origin": "fired in Dresden", "care": "rinse by hand", "made_for": "windowsills", "in_the_box": "vase, the stems are extra"},
        looks=(("Plaster", "#E6DCCB", {"accent": "#B98E5A"}), ("Terracotta", "#B4623F", {"accent": "#E2C79A"}), ("Ink", "#353D55", {"accent": "#C9A66B"})), tags=("table",), grams=950, stock=(5, 18),
    ),
    Demo(
        "afternoon-cushion", "Afternoon cushion", "Studio Ostseite", 3900, "cushion",
        "Linen, washed until it is soft. With a filling that stays in shape.",
        {"material": "washed linen, filled with wool", "feels": "cool and soft", "lasts": "linen gets softer", "fits": "50 by 50 centimetres", "origin": "sewn in Saxony", "care": "30 degrees, the filling airs", "made_for": "naps at three", "good_to_know": "a hidden zip"},
        looks=(("Ochre", "#C8963E"), ("Fog line", "#B9BDBE", {"weave": "line", "accent": "#6B7780"}), ("Brick check", "#B5593F", {"weave": "check", "accent": "#EBD9C0"})), drawing={"accent": "#F1E9DB"}, tags=("linen",), grams=720,
    ),
)  # fmt: skip
