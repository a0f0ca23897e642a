"""A drawing for a product that brings none: chosen by the words of its title, type and tags."""

from __future__ import annotations

import re
from typing import Any

from shop.catalogue.drawing.colour import shade
from shop.catalogue.hues import quiet

# The first line with one of its words in the text wins; special things come before general ones.
_WORDS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("lipstick|lippenstift", {"kind": "lipstick"}),
    ("nail polish|nagellack", {"kind": "polish"}),
    ("mascara", {"kind": "mascara"}),
    ("lip balm|balm|salve", {"kind": "tin"}),
    ("eyeshadow|palette", {"kind": "palette"}),
    ("foundation|make-up", {"kind": "foundation"}),
    ("perfume|parfum|cologne|fragrance", {"kind": "perfume"}),
    ("kit|gift set|geschenkset", {"kind": "gift_tin", "metal": "silver"}),
    ("serum|face oil|essence", {"kind": "dropper"}),
    ("cream|mask|scrub jar|creme", {"kind": "jar"}),
    ("soap|seife", {"kind": "soap", "flecks": 22}),
    ("shampoo|conditioner|lotion|wash|cleanser", {"kind": "pump"}),
    ("sunscreen|tube|toothpaste", {"kind": "tube"}),
    ("wig|perücke", {"kind": "wig_long"}),
    ("cable|kabel", {"kind": "cable"}),
    ("power bank|battery", {"kind": "power_bank"}),
    ("charger|adapter|ladegerät", {"kind": "charger"}),
    ("headlamp|head lamp|stirnlampe", {"kind": "headlamp"}),
    ("headphone|kopfhörer", {"kind": "headphones"}),
    ("earphone|earbud|earbuds", {"kind": "earbuds"}),
    ("phone case|case|hülle", {"kind": "phone_case"}),
    ("speaker|lautsprecher", {"kind": "speaker"}),
    ("lunch bag|lunch", {"kind": "tote", "form": "lunch"}),
    ("trolley|duffel|duffle|weekender|luggage|koffer", {"kind": "tote", "form": "duffel"}),
    ("backpack|rucksack", {"kind": "backpack"}),
    ("tote|handbag|bag|bags|tasche|pouch", {"kind": "tote"}),
    ("wallet|purse|cardholder|geldbörse", {"kind": "wallet"}),
    ("notebook|notebooks|journal|book|report|magazine|buch|heft|print|poster", {"kind": "book"}),
    ("cardigan", {"kind": "sweater", "open": "yes", "knit": "rib"}),
    ("sweater|pullover|jumper|knit|strick", {"kind": "sweater", "knit": "rib"}),
    ("hoodie|sweatshirt", {"kind": "hoodie"}),
    ("quilted|woolfill|puffer|down jacket", {"kind": "jacket", "quilt": "yes"}),
    ("jacket|coat|parka|vest|jacke|mantel", {"kind": "jacket"}),
    ("plaid|flannel|checked", {"kind": "shirt", "check": "yes"}),
    ("chambray|button down|button-down|blouse|hemd|bluse|oxford", {"kind": "shirt"}),
    ("swing shirt|long sleeve|longsleeve|thermal", {"kind": "tee", "sleeve": "long"}),
    ("legging|leggings|tights", {"kind": "leggings"}),
    ("shorts|trunks|swim", {"kind": "shorts"}),
    ("jeans|pants|trouser|trousers|chino|hose", {"kind": "trousers"}),
    ("dress|skirt|kleid|rock", {"kind": "dress"}),
    ("bra|bralette", {"kind": "bra"}),
    ("beanie|mütze", {"kind": "hat"}),
    ("cap|hat|hut|kappe", {"kind": "cap"}),
    ("sock|socks|socken", {"kind": "socks"}),
    ("boot|boots|stiefel", {"kind": "boot"}),
    ("slipper|slippers|sandal|sandals|flip flop", {"kind": "slippers"}),
    ("shoe|shoes|sneaker|sneakers|trainer|footwear|schuh|schuhe", {"kind": "shoe"}),
    ("tee|t-shirt|tshirt|shirt|shirts|tank|polo|top", {"kind": "tee", "print": "chest"}),
    ("mug|cup|becher|tasse", {"kind": "mug", "glaze": "no"}),
    ("bottle|flask|flasche|thermos", {"kind": "bottle"}),
    ("stool|chair|hocker|stuhl", {"kind": "stool"}),
    ("candle|kerze", {"kind": "candle"}),
    ("lamp|light|lantern|lampe", {"kind": "lamp"}),
    ("kettle|wasserkocher|teapot", {"kind": "kettle"}),
    ("toaster", {"kind": "toaster"}),
    ("blender|mixer", {"kind": "blender"}),
    ("grinder|mühle", {"kind": "grinder"}),
    ("coffee|tea|granola|snack|chocolate|seeds|kaffee|tee", {"kind": "bag_of"}),
    ("cushion|pillow|kissen", {"kind": "cushion", "weave": "line"}),
    ("towel|blanket|handtuch|decke", {"kind": "towel"}),
    ("vase|planter|pot", {"kind": "vase"}),
    ("ring", {"kind": "ring", "form": "signet"}),
    ("necklace|pendant|kette", {"kind": "necklace"}),
    ("hoop|hoops", {"kind": "hoops"}),
    ("earring|earrings|stud|studs|ohrringe", {"kind": "studs"}),
    ("bracelet|bangle|armband", {"kind": "bracelet"}),
    ("watch|uhr", {"kind": "watch"}),
    ("mat|matte", {"kind": "mat"}),
    ("dumbbell|kettlebell|weights", {"kind": "dumbbell"}),
    ("toy|bear|plush|spielzeug", {"kind": "toy"}),
    ("accessories|accessoires", {"kind": "gift_tin", "metal": "silver"}),
)  # fmt: skip
_RULES = tuple((re.compile(rf"\b(?:{words})\b"), drawing) for words, drawing in _WORDS)


def drawing_for(*texts: str, seed: str, colour: str | None = None) -> dict[str, Any]:
    """What to draw for a product. The title is looked at before the type, the type before the tags.

    seed: makes the colour (when none is known) and details differ from one product to the next.
    """
    chosen: dict[str, Any] = {"kind": "box"}
    for text in texts:
        found = next((drawing for rule, drawing in _RULES if rule.search(text.lower())), None)
        if found is not None:
            chosen = found
            break
    body = colour or quiet(seed)
    return {**chosen, "colour": body, "accent": shade(quiet(seed + "/accent"), 0.12), "seed": seed}
