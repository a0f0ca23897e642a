"""The shop's shelves and the page of one product."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from shop.catalogue import selectors
from shop.catalogue.choices import left_of, options_of, pick
from shop.catalogue.errors import NoSuchProduct
from shop.catalogue.models import Product, Variant
from shop.catalogue.pictures import address, choose, pictures_of, tint_of
from shop.offers.pricing import shipping

PAGE = 48
FEW = 10  # from here on the number left is worth saying
SHOWN = 5  # pictures in the gallery


@require_safe
def products(request: HttpRequest) -> HttpResponse:
    """Everything on sale, by category or by words."""
    q = request.GET.get("q", "").replace("\0", "").strip()[:80]
    category = request.GET.get("category", "").replace("\0", "")[:60]
    page = max(1, int(word)) if (word := request.GET.get("page", "1")[:4]).isdecimal() else 1
    found = selectors.search_products(q, category, PAGE, offset=(page - 1) * PAGE)
    count = selectors.count_products(q, category)
    context = {
        "cards": [card(each) for each in found],
        "categories": selectors.categories(),
        "category": category,
        "q": q,
        "count": count,
        "page": page,
        "more": page * PAGE < count,
    }
    return render(request, "shop/products.html", context)


def card(product: Product) -> dict[str, Any]:
    """What a shelf shows of a product: the lowest price and whether there is any."""
    variants = list(product.variants.all())
    prices = [each.price for each in variants]
    cheapest = min(variants, key=lambda each: each.price_minor, default=None)
    return {
        "product": product,
        "picture": selectors.picture_url(product),
        "price": cheapest.price if cheapest else None,
        "old": cheapest.compare_at if cheapest else None,
        "from": len({price.minor for price in prices}) > 1,
        "left": sum(left_of(each) for each in variants),
        "variants": len(variants),
    }


@require_safe
def product(request: HttpRequest, handle: str) -> HttpResponse:
    """One product with its options; `?variant=` is the chosen one, `?act=` what a guest had in hand."""
    try:
        found = selectors.product_by_handle(handle)
    except NoSuchProduct as problem:
        raise Http404("There is no such product.") from problem
    variants = list(found.variants.all())
    chosen = pick(variants, request.GET.get("variant"))
    context: dict[str, Any] = {"product": found, "chosen": chosen, "on_sale": on_sale(found)}
    if chosen is not None:
        context |= buy_box(found, chosen)
        context["pictures"] = gallery(found, chosen)
        context["in_hand"] = bool(request.GET.get("act")) and request.user.is_authenticated
    part = request.htmx and not request.htmx.boosted  # type: ignore[attr-defined]
    template = "shop/parts/product_body.html" if part else "shop/product.html"
    return render(request, template, context)


def on_sale(product: Product) -> bool:
    return product.status == Product.Status.ACTIVE


def buy_box(product: Product, chosen: Variant) -> dict[str, Any]:
    """What stands beside the pictures: options, price, stock, shipping."""
    left = left_of(chosen)
    return {
        "options": options_of(product, chosen),
        "left": left,
        "few": 0 < left < FEW,
        "most": range(1, min(left, 9) + 1),
        "shipping": shipping(chosen.currency),
        "key": uuid.uuid4(),
        "facts": [
            (str(name).replace("_", " ").capitalize(), value)
            for name, value in product.attributes.items()
        ],
    }


def gallery(product: Product, chosen: Variant) -> list[dict[str, str]]:
    """The chosen variant's picture first, then others of the product; none that looks the same twice."""
    tint = tint_of(product)
    all_of_them = pictures_of(product)
    first = choose(all_of_them, chosen)
    found: list[dict[str, str]] = []
    seen: list[Any] = []
    for each in [first, *all_of_them] if first else []:
        url = address(each, tint)
        look = {**each.drawing, "look": None} if each.drawing else url
        if url and look not in seen and each.variant_id in (None, chosen.pk):
            seen.append(look)
            words = f"{product.title}, {chosen.title}" if each is first else each.alt
            found.append({"url": url, "alt": words or product.title})
    return found[:SHOWN]
