"""Facts for a host to talk about, found in what an imported product says about itself."""

from __future__ import annotations

import re

from shop.catalogue.html import plain
from shop.catalogue.shopify import COLOUR_NAMES, SIZE_NAMES, ReadProduct

MOST_FACTS = 10
_POINT = re.compile(r"<li[^>]*>(.*?)</li>", re.IGNORECASE | re.DOTALL)
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-ZÄÖÜ])")
# What a point is about, by its words; the first that fits names the fact.
_KEYS: tuple[tuple[str, str], ...] = (
    (
        "material",
        r"cotton|wool|leather|canvas|linen|silk|nylon|polyester|steel|titanium|fabric|suede|denim|"
        r"baumwolle|leder|merino|rubber|bamboo|chambray|fleece",
    ),
    (
        "care",
        r"machine wash|hand wash|wash (cold|warm|at|with|by|in)|dry clean|tumble dry|wipe|"
        r"do not (wash|bleach|iron)|waschen",
    ),
    (
        "fits",
        r"\bfit|\bfits|size|sleeve|waist|length|adjustable|inch|\bcm\b|litre|liter|dimensions|"
        r"\bmm\b|x \d",
    ),
    ("origin", r"made in|handmade|handcrafted|sewn|produced|hergestellt|\busa\b"),
    ("feels", r"soft|comfort|light|warm|cozy|breathable|stretch"),
    ("lasts", r"durable|resistant|lasting|guarantee|warranty|waterproof|sturdy|lifetime"),
    ("made_for", r"perfect for|ideal|designed for|great for|whether|for your|adventure|travel"),
)
_NOISE = re.compile(
    r"demonstration store|purchase products like|http|shipping|returns policy", re.IGNORECASE
)


def _shorten(text: str) -> str:
    text = text.strip(" .;:-–•")
    return text if len(text) <= 140 else text[:140].rsplit(" ", 1)[0] + " …"


def _named(text: str, taken: dict[str, str]) -> str:
    key = next((name for name, words in _KEYS if re.search(words, text.lower())), "detail")
    if key not in taken:
        return key
    return next(f"detail_{at}" for at in range(1, 99) if f"detail_{at}" not in taken)


def facts_of(product: ReadProduct) -> dict[str, str]:
    """Up to ten short facts: sizes, colours, what the lists and sentences of the description say."""
    found: dict[str, str] = {}
    for at, name in enumerate(product.options):
        values = list(
            dict.fromkeys(
                one.spec.options[at]["value"]
                for one in product.variants
                if len(one.spec.options) > at
            )
        )
        if name.lower() in SIZE_NAMES and values:
            found["sizes"] = (
                f"{values[0]} to {values[-1]}" if len(values) > 2 else " and ".join(values)
            )
        elif name.lower() in COLOUR_NAMES and values:
            found["colours"] = ", ".join(values)[:140]
    for column, key in (("gender", "made_for"), ("age group", "age"), ("condition", "condition")):
        if product.facts.get(column):
            found.setdefault(key, product.facts[column])
    points = [plain(point) for point in _POINT.findall(product.body)]
    text = plain(_POINT.sub(" ", product.body))
    for sentence in [*points, *_SENTENCE.split(text)]:
        short = _shorten(sentence)
        if len(found) >= MOST_FACTS:
            break
        if len(short) < 8 or _NOISE.search(short) or short in found.values():
            continue
        found[_named(short, found)] = short
    if product.vendor and len(found) < MOST_FACTS:
        found.setdefault("brand", product.vendor)
    return found
