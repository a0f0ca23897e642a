"""The shop's shelves, one product with its options, and the start page."""

from __future__ import annotations

import re
from typing import Any

import pytest

from accounts.models import Follow
from shop.models import Product, Stock, Variant
from streams.models import Item, Show
from tests import cast
from tests.pages.shop import browser

pytestmark = pytest.mark.django_db


def many_options(product: Product) -> dict[str, Variant]:
    """Two colours in two sizes; rose in L is sold out."""
    product.variants.all().delete()
    made = {}
    for place, (colour, size) in enumerate(
        [("Rose", "S"), ("Rose", "L"), ("Midnight", "S"), ("Midnight", "L")]
    ):
        variant = Variant.objects.create(
            product=product,
            title=f"{colour} / {size}",
            options=[
                {"name": "Colour", "value": colour, "swatch": "#112233"},
                {"name": "Size", "value": size},
            ],
            sku=f"BON-{place}",
            price_minor=1000 + place,
            position=place,
        )
        left = 0 if title_is(variant, "Rose / L") else 5
        Stock.objects.create(variant=variant, opening=left, on_hand=left)
        made[variant.title] = variant
    return made


def title_is(variant: Variant, title: str) -> bool:
    return variant.title == title


def choices(page: str) -> dict[str, tuple[int, bool]]:
    """{value: (variant, sold out)} of the links that choose an option."""
    found = {}
    for tag in re.findall(r'<a class="swatch[^>]*>', page):
        name = re.search(r'title="([^"]*)"', tag)
        variant = re.search(r'href="\?variant=(\d+)"', tag)
        assert name is not None
        assert variant is not None
        found[name[1]] = (int(variant[1]), "is-out" in tag)
    return found


def test_choosing_one_option_keeps_the_others() -> None:
    product = cast.product()
    made = many_options(product)
    chosen = made["Midnight / L"]
    page = browser().get(f"/products/{product.handle}/?variant={chosen.pk}").text
    assert choices(page) == {
        "Rose": (made["Rose / L"].pk, True),
        "Midnight": (made["Midnight / L"].pk, False),
        "S": (made["Midnight / S"].pk, False),
        "L": (made["Midnight / L"].pk, False),
    }
    assert f'name="variant" value="{chosen.pk}"' in page


def test_without_a_choice_the_first_that_can_be_bought_is_shown() -> None:
    product = cast.product(shades=("Rosewood", "Fig"))
    Stock.objects.filter(variant__position=0).update(on_hand=0, opening=0)
    page = browser().get(f"/products/{product.handle}/").text
    assert f'name="variant" value="{cast.variant_of(product, 1).pk}"' in page
    for odd in ("nonsense", "99999999999999999999", "%00", "-1"):
        assert browser().get(f"/products/{product.handle}/?variant={odd}").status_code == 200


def test_a_sold_out_product_says_so_and_sells_nothing() -> None:
    product = cast.product(stock=0)
    page = browser().get(f"/products/{product.handle}/").text
    assert "Sold out" in page
    assert "/cart/add/" not in page


def test_few_left_is_said_with_the_number() -> None:
    assert "Only 3 left" in browser().get(f"/products/{cast.product(stock=3).handle}/").text


def test_a_draft_is_hidden_and_an_archived_product_is_not_sold() -> None:
    product = cast.product()
    Product.objects.update(status="draft")
    assert browser().get(f"/products/{product.handle}/").status_code == 404
    Product.objects.update(status="archived")
    assert "not on sale any more" in browser().get(f"/products/{product.handle}/").text


def test_a_description_is_shown_as_its_html() -> None:
    product = cast.product()
    Product.objects.update(description="<p>Soft <strong>silk</strong>.</p>")
    assert "<strong>silk</strong>" in browser().get(f"/products/{product.handle}/").text


def test_a_product_page_names_the_shows_that_have_it() -> None:
    product, other = cast.product(), cast.product("gooseneck-kettle")
    show = cast.show(cast.hana(), other, product)
    page = browser().get(f"/products/{product.handle}/").text
    assert "See it live" in page
    assert f"/shows/{show.slug}/" in page
    assert "number 2" in page
    Show.objects.update(state="draft")
    assert "See it live" not in browser().get(f"/products/{product.handle}/").text


def test_the_shelves_are_searched_by_word_and_category() -> None:
    cast.product()
    cast.product("gooseneck-kettle")
    client = browser()
    everything = client.get("/products/").text
    assert "Silk bonnet" in everything
    assert "Gooseneck kettle" in everything
    found = client.get("/products/?q=kettle").text
    assert "Silk bonnet" not in found
    assert "Nothing found" in client.get("/products/?q=teapot&category=hair").text
    for odd in ("?page=x", "?page=0", "?page=9999", "?q=%00", "?category=%00"):
        assert client.get(f"/products/{odd}").status_code == 200


def test_an_empty_house_still_says_what_this_is() -> None:
    page = browser().get("/").text
    assert "Live shows you can buy from." in page
    assert "/products/" in page


def pin(show: Show, number: int) -> None:
    show.pinned = Item.objects.get(show=show, number=number)
    show.save()


def test_the_start_page_shows_what_is_live_coming_and_over(
    django_assert_max_num_queries: Any,
) -> None:
    hana, kettle = cast.hana(), cast.product("gooseneck-kettle", price=8990)
    live = cast.show(hana, cast.product(), kettle, live=True)
    pin(live, 2)
    for slug, state in (("next-week", "scheduled"), ("last-week", "ended"), ("secret", "draft")):
        show = cast.show(hana, kettle, slug=slug, live=state == "ended")
        show.title, show.state = slug.capitalize(), state
        show.save()
    with django_assert_max_num_queries(30):
        page = browser().get("/").text
    assert "On air now, number 2" in page
    assert "89.90" in page
    assert "Next-week" in page
    assert "Last-week" in page
    assert "Secret" not in page


def test_a_host_can_be_followed_from_the_start_page() -> None:
    cast.show(cast.hana(), cast.product(), live=True)
    client = browser(cast.mina())
    assert "Follow Hana" in client.get("/").text
    client.post("/follow/hana/", {"next": "/"})
    assert Follow.objects.count() == 1
    assert "Stop following Hana" in client.get("/").text


def test_twenty_live_shows_cost_no_more_queries_than_two(
    django_assert_max_num_queries: Any,
) -> None:
    hana = cast.hana()
    products = [cast.product(f"thing-{number}") for number in range(4)]
    for number in range(20):
        pin(cast.show(hana, *products, slug=f"show-{number}", live=True), 1)
    with django_assert_max_num_queries(30):
        assert browser().get("/").text.count('class="show-card"') == 19
