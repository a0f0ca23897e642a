"""Hair."""

from __future__ import annotations

from shop.demo_catalogue.model import Demo

PRODUCTS: tuple[Demo, ...] = (
    Demo(
        "opening-night-wig", "Opening Night long wig", "Parroque", 12900, "wig_long",
        "Long, light and ready to wear. The lace front is cut already.",
        {"material": "heat-safe fibre on a lace front", "feels": "soft, hardly warmer than a cap", "lasts": "about a year of weekends", "fits": "heads from 54 to 58 cm, adjustable", "origin": "knotted by hand in Busan", "care": "cold water, mild shampoo, dry on the stand", "made_for": "a new person by eight o'clock", "heat": "up to 160 degrees", "in_the_box": "wig, cap, net and clips"},
        looks=(("Jet black", "#211D20"), ("Chestnut", "#5B3522"), ("Honey blonde", "#C99A58", {"wave": 0.6}), ("Rose ombre", "#6E3B3E", {"tip": "#E3A0A6", "wave": 0.7}), ("Silver", "#A9ABB2", {"wave": 0.1}), ("Copper", "#A3522A", {"wave": 0.9})), option="Colour", tags=("wig", "lace front"), was=14900, grams=260, stock=(6, 22),
    ),
    Demo(
        "half-past-bob-wig", "Half Past bob wig", "Parroque", 9900, "wig_bob",
        "A sharp bob with a fringe that falls right by itself.",
        {"material": "heat-safe fibre, monofilament top", "feels": "light and cool", "lasts": "a year with care", "fits": "54 to 58 cm, two sizes of clips", "origin": "knotted in Busan", "care": "brush from the tips upwards", "made_for": "people who love a fringe but not the haircut", "heat": "up to 160 degrees"},
        looks=(("Raven", "#1E1B22"), ("Hazel", "#6B4630"), ("Platinum", "#E2D3B4"), ("Cherry", "#7E1F2D"), ("Ink blue", "#26355C"), ("Candy pink", "#DE86A4", {"fringe": "no"})), option="Colour", tags=("wig",), grams=190, stock=(6, 22),
    ),
    Demo(
        "cloud-curl-wig", "Cloud Curl wig", "Parroque", 13900, "wig_curly",
        "A halo of curls that keeps its shape after washing.",
        {"material": "curl-memory fibre, soft cap", "feels": "bouncy and light", "lasts": "eight months and more", "fits": "54 to 60 cm", "origin": "curled in Accra", "care": "fingers only, never a brush", "made_for": "days when your own curls need a rest", "tip": "a little water spray brings every curl back"},
        looks=(("Natural black", "#2A2224"), ("Dark cocoa", "#4A2E22"), ("Bronze", "#8A5430", {"size": 1.2}), ("Golden", "#C28E45", {"size": 0.85}), ("Burgundy", "#61202F", {"size": 1.1})), option="Colour", tags=("wig", "curls"), grams=280, stock=(5, 18),
    ),
    Demo(
        "good-night-silk-bonnet", "Good Night silk bonnet", "Parroque", 3450, "bonnet",
        "Mulberry silk inside and outside. Wakes up with the hairstyle you went to bed with.",
        {"material": "mulberry silk, 22 momme", "feels": "cool and smooth", "lasts": "three years of nights", "fits": "all hair, braids too", "origin": "sewn in Como", "care": "hand wash, no sun", "made_for": "curls, braids and blow-outs", "good_to_know": "the band is wide, it leaves no mark"},
        looks=(("Rosewood", "#9C4A4F", {"accent": "#5E2A30"}), ("Champagne", "#DCC29A", {"accent": "#B8976A"}), ("Ink", "#28304C", {"accent": "#151B30"}), ("Emerald", "#1F5C4A", {"accent": "#123A2F"}), ("Lilac", "#AD97C9", {"accent": "#7C66A0"}), ("Black", "#232125", {"accent": "#3A363C"})), option="Colour", tags=("silk", "night", "gift"), grams=70,
    ),
    Demo(
        "calm-down-paddle-brush", "Calm Down paddle brush", "Atelier Borste", 2190, "paddle",
        "Wide cushion, rounded pins. Goes through wet hair without a fight.",
        {"material": "beech wood and natural rubber", "feels": "like a head massage", "lasts": "years, the cushion can be changed", "fits": "long and thick hair", "origin": "made in the Allgäu", "care": "clean it with the little rake", "made_for": "children who run away from brushes", "tip": "begin at the tips"},
        looks=(("Beech", "#D2A777", {"accent": "#7A2E2E"}), ("Walnut", "#6B4631", {"accent": "#2B2523", "pins": "#D9C7A8"}), ("Sage", "#9DAE8E", {"accent": "#3E4A3A"})), option="Wood", tags=("brush",), grams=150,
    ),
    Demo(
        "wide-awake-comb", "Wide Awake comb", "Atelier Borste", 1290, "comb",
        "Seventeen round teeth, sawn and polished one by one.",
        {"material": "cellulose acetate from cotton", "feels": "smooth, no seam scratches", "lasts": "as long as you do not sit on it", "fits": "curls and thick hair", "origin": "sawn in the Jura", "care": "lukewarm water", "made_for": "wet curls with conditioner in", "good_to_know": "no static"},
        looks=(("Tortoise", "#9C5A27", {"accent": "#3F200F"}), ("Ivory", "#E9DFCB", {"accent": "#CDBB98"}), ("Smoke", "#6F6A70", {"accent": "#36333A"})), option="Colour", tags=("comb",), grams=45,
    ),
    Demo(
        "big-catch-claw-clip", "Big Catch claw clip", "Atelier Borste", 990, "claw",
        "Holds everything with one hand. The spring is steel.",
        {"material": "cellulose acetate and spring steel", "feels": "light for its size", "lasts": "thousands of clicks", "fits": "thick hair down to the waist", "origin": "made in the Jura", "care": "wipe it dry", "made_for": "five minutes before the door bell", "tip": "twist upwards, then clip downwards"},
        looks=(("Tortoise", "#8A4A22", {"accent": "#33190C"}), ("Butter", "#E9CE8C", {"accent": "#D3AE58"}), ("Cherry", "#A3263C", {"accent": "#6A1224"}), ("Mint", "#9CCBB4", {"accent": "#6FA68C"})), option="Colour", drawing={"metal": "silver"}, tags=("clip",), grams=38,
    ),
    Demo(
        "silk-loop-scrunchie", "Silk Loop scrunchie", "Parroque", 890, "scrunchie",
        "A loop of silk that leaves no dent and pulls no hair.",
        {"material": "mulberry silk, 19 momme", "feels": "like a ribbon", "lasts": "two years of ponytails", "fits": "wrist and hair", "origin": "sewn in Como", "care": "hand wash", "made_for": "fine hair that breaks", "good_to_know": "the elastic can be changed"},
        looks=(("Blush", "#E2B3AB"), ("Terracotta", "#B5603F"), ("Forest", "#2F5540"), ("Night", "#232A44"), ("Gold", "#CBA24E"), ("Pearl", "#EAE4DA")), option="Colour", tags=("silk", "gift"), grams=14,
    ),
    Demo(
        "quick-weather-hair-dryer", "Quick Weather hair dryer", "Haldor", 8900, "dryer",
        "Quiet, light and fast. Cold air on the second button.",
        {"material": "a brushless motor in recycled plastic", "feels": "light, 390 grams", "lasts": "2,000 hours of motor life", "fits": "travel bags, the cable is 2.5 m", "origin": "built in Tallinn", "care": "rinse the filter once a month", "made_for": "thick hair before work", "power": "1,600 watts, 62 decibels", "in_the_box": "dryer, nozzle, diffuser"},
        looks=(("Coral", "#E2705A"), ("Graphite", "#4A4D52"), ("Sage", "#A9B79C")), option="Colour", drawing={"accent": "#2A2B2E"}, tags=("appliance",), was=10900, grams=620, stock=(6, 24),
    ),
)  # fmt: skip
