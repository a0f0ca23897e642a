"""Which picture stands for what, and how drawn ones are served."""

from __future__ import annotations

import pytest
from django.test import Client

from shop.catalogue.pictures import picture_url, picture_urls
from shop.catalogue.selectors import with_pictures
from shop.models import Picture, Product
from tests import cast

pytestmark = pytest.mark.django_db


def drawn(product: Product, colour: str, look: str = "", **more: object) -> Picture:
    return Picture.objects.create(
        product=product, drawing={"kind": "bonnet", "colour": colour, "look": look}, **more
    )


def test_a_variant_shows_its_own_picture_then_its_colour_then_the_products_first() -> None:
    product = cast.product(shades=("Rosewood", "Ink", "Lilac"))
    rosewood, ink, lilac = (cast.variant_of(product, at) for at in range(3))
    first = drawn(product, "#9C4A4F")
    own = drawn(product, "#9C4A50", variant=rosewood, position=1)
    colour = drawn(product, "#28304C", look="Ink", position=2)
    wanted = {rosewood.pk: own.pk, ink.pk: colour.pk, lilac.pk: first.pk}
    found = picture_urls(product, [rosewood, ink, lilac])
    for variant in (rosewood, ink, lilac):
        url = picture_url(product, variant)
        assert url == found[variant.pk]
        assert url is not None
        assert url.startswith(f"/pictures/{wanted[variant.pk]}.svg?v=")


def test_a_product_without_pictures_has_none() -> None:
    assert picture_url(cast.product()) is None


def test_the_demo_prefers_what_it_draws_and_production_prefers_what_was_linked(
    settings: object,
) -> None:
    product = cast.product()
    Picture.objects.create(product=product, link="https://example.com/bonnet.jpg")
    drawn(product, "#28304C", position=5)
    url = picture_url(product)
    assert url is not None
    assert url.startswith("/pictures/")
    settings.DEMO = False  # type: ignore[attr-defined]
    assert picture_url(product) == "https://example.com/bonnet.jpg"


def test_pictures_of_many_products_need_five_queries(django_assert_num_queries: object) -> None:
    for name in ("one", "two", "three"):
        product = cast.product(name, shades=("A", "B"))
        drawn(product, "#28304C")
    with django_assert_num_queries(3):  # type: ignore[operator]
        for product in with_pictures(Product.objects.all()):
            picture_urls(product, list(product.variants.all()))
            picture_url(product)


def test_a_drawn_picture_is_served_for_ever_under_its_version(client: Client) -> None:
    product = cast.product()
    drawn(product, "#28304C")
    url = picture_url(product)
    assert url is not None
    answer = client.get(url)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "image/svg+xml"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "immutable" in answer.headers["Cache-Control"]
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.content.startswith(b"<svg")
    again = client.get(url, headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
    assert not again.content


def test_an_address_without_a_version_is_looked_at_again_every_hour(client: Client) -> None:
    picture = drawn(cast.product(), "#28304C")
    answer = client.get(f"/pictures/{picture.pk}.svg")
    assert answer.headers["Cache-Control"] == "public, max-age=3600"
    stale = client.get(f"/pictures/{picture.pk}.svg?v=00000000")
    assert "immutable" not in stale.headers["Cache-Control"]


def test_a_changed_drawing_has_a_new_address(client: Client) -> None:
    product = cast.product()
    picture = drawn(product, "#28304C")
    before = picture_url(product)
    assert before is not None
    old = client.get(before).content
    picture.drawing = {"kind": "bonnet", "colour": "#9C4A4F"}
    picture.save()
    after = picture_url(Product.objects.get(pk=product.pk))
    assert after is not None
    assert after != before
    assert client.get(after).content != old


def test_a_picture_that_is_not_drawn_or_not_there_is_not_found(client: Client) -> None:
    linked = Picture.objects.create(product=cast.product(), link="https://example.com/x.jpg")
    assert client.get(f"/pictures/{linked.pk}.svg").status_code == 404
    assert client.get("/pictures/999999.svg").status_code == 404
    assert client.post(f"/pictures/{linked.pk}.svg").status_code == 405
