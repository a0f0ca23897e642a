"""How a variant is called where its product is not shown beside it."""

from __future__ import annotations

PLAIN = {"", "default", "default title", "standard"}


def line_title(product_title: str, variant_title: str) -> str:
    """`Silk bonnet · Rosewood`; only the product's title when the variant has no name of its own."""
    if variant_title.strip().lower() in PLAIN or variant_title == product_title:
        return product_title
    return f"{product_title} · {variant_title}"
