"""The demo catalogue as data, and its loading."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from django.core.management import call_command

from shop.catalogue.drawing import KINDS
from shop.demo_catalogue import load, specs
from shop.demo_catalogue.model import ean13
from shop.models import Category, Movement, Picture, Product, Stock, Variant


def test_there_are_about_sixty_products_and_four_hundred_variants_with_enough_to_say() -> None:
    made = specs()
    assert 55 <= len(made) <= 80
    assert 380 <= sum(len(one.variants) for one in made) <= 520
    for one in made:
        assert len(one.attributes) >= 6, one.handle
        assert all(fact and len(fact) < 120 for fact in one.attributes.values()), one.handle
        assert one.description
        assert one.vendor
        assert one.pictures
        for variant in one.variants:
            assert variant.price.minor > 0
            assert variant.compare_at is None or variant.compare_at.minor > variant.price.minor
            assert variant.cost is not None
            assert variant.cost.minor < variant.price.minor
            assert variant.weight_grams > 0


def test_the_lipstick_has_a_hundred_and_twenty_shades_each_with_its_own_colour() -> None:
    (lipstick,) = [one for one in specs() if one.handle == "velvet-hour-lipstick"]
    swatches = {variant.options[0]["swatch"] for variant in lipstick.variants}
    names = {variant.options[0]["value"].split(" ", 1)[1] for variant in lipstick.variants}
    assert len(lipstick.variants) == len(swatches) == len(names) == 120


def test_skus_and_barcodes_are_unique_and_barcodes_are_valid() -> None:
    variants = [variant for one in specs() for variant in one.variants]
    assert len({variant.sku for variant in variants}) == len(variants)
    assert len({variant.barcode for variant in variants}) == len(variants)
    for variant in variants:
        digits = [int(digit) for digit in variant.barcode]
        assert len(digits) == 13
        assert digits[0] == 2
        weighed = sum(digit * (3 if at % 2 else 1) for at, digit in enumerate(digits))
        assert weighed % 10 == 0


def test_a_barcode_ends_with_the_check_digit_of_the_standard() -> None:
    assert ean13(1001) == "2000000010014"


@pytest.mark.django_db
def test_loading_takes_seconds_and_loading_again_changes_nothing() -> None:
    began = time.monotonic()
    first = load()
    assert time.monotonic() - began < 3
    assert first.products == Product.objects.count()
    assert first.variants == Variant.objects.count() == Stock.objects.count()
    assert first.pictures == Picture.objects.count()
    assert Category.objects.count() == 7
    before = list(Variant.objects.order_by("pk").values_list())
    again = load()
    assert (again.products, again.variants, again.pictures) == (0, 0, 0)
    assert again.unchanged == first.products
    assert list(Variant.objects.order_by("pk").values_list()) == before
    assert not Movement.objects.exists()


@pytest.mark.django_db
def test_loading_again_leaves_what_an_admin_changed() -> None:
    load()
    Product.objects.filter(handle="daily-bread-mug").update(title="My mug")
    load()
    assert Product.objects.get(handle="daily-bread-mug").title == "My mug"


def test_the_contact_sheet_holds_every_picture(tmp_path: Path) -> None:
    page = tmp_path / "sheet.html"
    call_command("contact_sheet", str(page), category="Jewellery")
    wanted = sum(len(one.pictures) for one in specs() if one.category == "Jewellery")
    assert page.read_text().count("<figure>") == wanted
    call_command("contact_sheet", str(page), kinds=True)
    assert page.read_text().count("<figure>") == len(KINDS)
