"""A shop's own file as the demo's catalogue: there is something to sell, and a second start changes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from livestore.seeding import DEMO_UNITS, SHOW, seed
from shop.models import Movement, Product, Variant
from shop.stock.services import post_movement
from streams.models import Show

CSV = """Handle,Title,Body (HTML),Vendor,Type,Published,Option1 Name,Option1 Value,Variant SKU,Variant Grams,\
Variant Inventory Qty,Variant Price
mug,Mug,<p>For tea.</p>,Kiln,Cups,TRUE,Colour,Blue,MUG-B,300,0,12.00
mug,,,,,,,Red,MUG-R,300,0,12.00
cap,Cap,<p>For rain.</p>,Field,Hats,TRUE,Colour,Grey,CAP-G,90,7,20.00
cap,,,,,,,Black,CAP-B,90,0,20.00
gift,Gift,<p>A price somebody forgot.</p>,Field,Hats,TRUE,Title,Default Title,GIFT,90,0,0
old,Old,<p>Not published.</p>,Field,Hats,FALSE,Title,Default Title,OLD,90,0,5.00
"""
pytestmark = pytest.mark.django_db


@pytest.fixture
def catalog(tmp_path: Path) -> Path:
    file = tmp_path / "shop.csv"
    file.write_text(CSV)
    return file


def left() -> dict[str, int]:
    return {v.sku: v.stock.left for v in Variant.objects.select_related("stock")}


def test_what_the_file_has_none_of_receives_units_with_a_reason(catalog: Path) -> None:
    said: list[str] = []
    seed(catalog=catalog, say=said.append)
    assert left() == {"MUG-B": 12, "MUG-R": 12, "CAP-G": 7, "CAP-B": 0, "GIFT": 0, "OLD": 0}
    [reason] = set(Movement.objects.values_list("reason", flat=True))
    assert reason == "Units for the demo: the file has none of this product"
    assert set(Movement.objects.values_list("kind", flat=True)) == {"received"}
    [line] = [each for each in said if "received" in each]
    assert "Mug" in line
    assert str(DEMO_UNITS) in line
    show = Show.objects.get(slug=SHOW)
    planned = {item.product.handle for item in show.items.select_related("product")}
    assert planned == {"mug", "cap"}, "nothing that costs nothing"


def test_a_second_start_receives_nothing_again_also_when_all_is_sold(catalog: Path) -> None:
    seed(catalog=catalog, say=lambda line: None)
    for variant in Product.objects.get(handle="mug").variants.all():
        post_movement(variant=variant, kind="correction", quantity=-12, reason="Broken", by=None)
    before = left()
    said: list[str] = []
    seed(catalog=catalog, say=said.append)
    assert left() == before
    assert said == []
