"""Shopify exports, good and bad ones."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from livestore.base.models import OutboxRow
from livestore.base.money import Money
from shop.catalogue.importer import Report, import_products
from shop.catalogue.shopify import read
from shop.models import Movement, Picture, Product, Stock, Variant
from shop.stock.services import post_movement
from tests import cast

pytestmark = pytest.mark.django_db

HEADER = (
    "Handle,Title,Body (HTML),Vendor,Type,Tags,Published,Option1 Name,Option1 Value,Option2 Name,"
    "Option2 Value,Variant SKU,Variant Grams,Variant Inventory Qty,Variant Price,"
    "Variant Compare At Price,Image Src,Image Alt Text"
)
GOOD = f"""{HEADER}
canvas-coat,Canvas Coat,"<p onclick=""x()"">Warm.
Second line.</p><ul><li>100% organic cotton</li><li>Machine wash</li></ul><script>bad()</script>",Ursa,Mens,"coats, warm",true,Color,Harvest,Size,S,COAT-1,900,7,188.00,218.00,https://example.com/1.jpg,Front
canvas-coat,,,,,,,,Harvest,,M,COAT-2,900,13,188.00,218.00,,
canvas-coat,,,,,,,,Navy,,S,COAT-3,900,5,192.50,,,
canvas-coat,,,,,,,,,,,,,,,,https://example.com/2.jpg,Back
camp-stool,Camp Stool,A stool.,Ursa,Outdoor,,true,Title,Default Title,,,'STOOL,1200,9,78,,,
"""


def reasons(report: Report) -> list[tuple[int, str]]:
    return [(one.line, one.reason) for one in report.rejected]


def with_rows(*lines: str) -> bytes:
    return "\n".join([HEADER, *lines, ""]).encode()


def row(handle: str = "mug", title: str = "Mug", **cells: str) -> str:
    values = {
        "Handle": handle,
        "Title": title,
        "Variant Price": "12.00",
        "Variant Inventory Qty": "3",
    } | {name.replace("_", " "): value for name, value in cells.items()}
    return ",".join(values.get(name, "") for name in HEADER.split(","))


def test_products_with_options_over_several_rows_quoted_line_breaks_and_pictures_come_in() -> None:
    report = import_products(GOOD.encode(), currency="EUR")
    assert (report.created, report.variants, reasons(report)) == (2, 4, [])
    coat = Product.objects.get(handle="canvas-coat")
    assert coat.description.startswith("<p>Warm.\nSecond line.</p>")
    assert "script" not in coat.description
    assert coat.tags == ["coats", "warm"]
    assert coat.category is not None
    assert coat.category.name == "Mens"
    assert [one.title for one in coat.variants.all()] == ["Harvest / S", "Harvest / M", "Navy / S"]
    navy = coat.variants.get(sku="COAT-3")
    assert navy.options[0] == {"name": "Color", "value": "Navy", "swatch": "#2A3656"}
    assert (navy.price, navy.compare_at) == (Money(19250, "EUR"), None)
    assert (navy.stock.opening, navy.stock.on_hand) == (5, 5)
    assert not Movement.objects.exists()
    assert coat.attributes["material"] == "100% organic cotton"
    assert coat.attributes["care"] == "Machine wash"
    assert sorted(
        Picture.objects.filter(product=coat).exclude(link="").values_list("alt", flat=True)
    ) == ["Back", "Front"]
    drawn = [one.drawing for one in coat.pictures.all() if one.drawing]
    assert [one["look"] for one in drawn] == ["Harvest", "Navy"]
    assert {one["kind"] for one in drawn} == {"jacket"}
    stool = Variant.objects.get(product__handle="camp-stool")
    assert (stool.title, stool.sku, stool.options) == ("Standard", "STOOL", [])


def test_the_same_file_twice_changes_nothing() -> None:
    import_products(GOOD.encode(), currency="EUR")
    OutboxRow.objects.all().delete()
    before = list(Product.objects.order_by("pk").values_list())
    pictures = Picture.objects.count()
    report = import_products(GOOD.encode(), currency="EUR")
    assert (report.created, report.updated, report.unchanged, report.variants) == (0, 0, 2, 0)
    assert list(Product.objects.order_by("pk").values_list()) == before
    assert Picture.objects.count() == pictures
    assert not OutboxRow.objects.exists()


def test_a_changed_file_changes_what_differs_and_tells_open_rooms() -> None:
    import_products(GOOD.encode(), currency="EUR")
    OutboxRow.objects.all().delete()
    changed = GOOD.replace("192.50", "179.00").replace(
        "camp-stool,Camp Stool", "camp-stool,Folding Stool"
    )
    changed += "camp-stool,,,,,,,,,,,,,,,,https://example.com/stool.jpg,\n"
    report = import_products(changed.encode(), currency="EUR")
    assert (report.created, report.updated, report.unchanged) == (0, 2, 0)
    assert Variant.objects.get(sku="COAT-3").price_minor == 17900
    assert Product.objects.get(handle="camp-stool").title == "Folding Stool"
    assert OutboxRow.objects.filter(kind="shop.product_changed").count() >= 2


def test_stock_of_known_variants_is_left_alone_and_corrected_through_the_ledger_when_asked() -> (
    None
):
    import_products(GOOD.encode(), currency="EUR")
    coat = Variant.objects.get(sku="COAT-1")
    post_movement(
        variant=coat, kind="correction", quantity=-3, reason="sold at the market", by=None
    )
    import_products(GOOD.encode(), currency="EUR")
    assert Stock.objects.get(pk=coat.pk).on_hand == 4
    report = import_products(GOOD.encode(), currency="EUR", set_stock=True)
    assert report.corrections == 1
    stock = Stock.objects.get(pk=coat.pk)
    assert (stock.opening, stock.on_hand) == (7, 7)
    assert list(Movement.objects.values_list("quantity", flat=True)) == [3, -3]


def test_a_correction_never_takes_units_that_somebody_holds() -> None:
    import_products(GOOD.encode(), currency="EUR")
    coat = Variant.objects.get(sku="COAT-1")
    Stock.objects.filter(pk=coat.pk).update(reserved=6)
    report = import_products(
        GOOD.replace("900,7,188", "900,2,188").encode(), currency="EUR", set_stock=True
    )
    assert reasons(report)[0][0] == 2
    assert Stock.objects.get(pk=coat.pk).on_hand == 7


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"Variant_Price": "-5.00"}, "the price -5.00 is negative"),
        ({"Variant_Price": "free"}, "the price 'free' is not a number like 12.99"),
        ({"Variant_Price": '"12,99"'}, "the price '12,99' is not a number like 12.99"),
        ({"Variant_Price": "NaN"}, "the price 'NaN' is not a number like 12.99"),
        ({"Variant_Price": "1e9"}, "the price '1e9' is not a number like 12.99"),
        ({"Variant_Price": "99999999999"}, "the price 99999999999 can not be right"),
        ({"Variant_Price": "1.999"}, "the price 1.999 has more decimals than EUR has"),
        ({"Variant_Price": "", "Variant_SKU": "X"}, "has no price"),
        ({"Variant_Inventory_Qty": "-4"}, "the quantity -4 is negative"),
        ({"Variant_Inventory_Qty": "2.5"}, "the quantity 2.5 is not a whole number"),
        ({"Variant_Inventory_Qty": "99999999"}, "the quantity 99999999 can not be right"),
        ({"Variant_Grams": "heavy"}, "the weight 'heavy' is not a number like 12.99"),
        ({"Variant_Compare_At_Price": "-1"}, "the compare-at price -1 is negative"),
        ({"Handle": ""}, "has no handle"),
        ({"Handle": "!!!"}, "the handle '!!!' can not be an address"),
        ({"Title": ""}, "the first row of a product needs a title"),
        ({"Variant_Price": ""}, "has neither a price nor a picture"),
        ({"Variant_SKU": "S" * 65}, f"the SKU {'S' * 40!r} is too long"),
        ({"Option1_Name": "Size"}, "has no Size"),
    ],
)
def test_a_bad_row_is_reported_with_its_line_and_the_others_come_in(
    cells: dict[str, str], reason: str
) -> None:
    data = with_rows(row("before"), row(**cells), row("after"))
    report = import_products(data, currency="EUR")
    assert (3, reason) in reasons(report)
    assert sorted(Product.objects.values_list("handle", flat=True)) == ["after", "before"]


def test_lines_are_counted_across_quoted_line_breaks() -> None:
    long = row("long", "Long", **{"Body_(HTML)": '"one\ntwo\nthree"'})
    report = import_products(with_rows(long, row(Variant_Price="-1")), currency="EUR")
    assert reasons(report)[0] == (5, "the price -1 is negative")


def test_a_handle_that_means_another_product_is_refused_with_all_its_rows() -> None:
    data = with_rows(
        row("mug", "Mug", Option1_Name="Size", Option1_Value="S"),
        row("cap", "Cap"),
        row("mug", "Kettle"),
        row("mug", "", Option1_Value="L"),
    )
    report = import_products(data, currency="EUR")
    assert reasons(report) == [
        (4, "the handle 'mug' is already used by 'Mug' on line 2"),
        (5, "belongs to the product on line 4, which could not be used"),
    ]
    assert Variant.objects.filter(product__handle="mug").count() == 1


def test_the_same_options_or_the_same_sku_twice_are_refused() -> None:
    data = with_rows(
        row(Option1_Name="Size", Option1_Value="S", Variant_SKU="M-S"),
        row(title="", Option1_Value="S", Variant_SKU="M-X"),
        row(title="", Option1_Value="L", Variant_SKU="M-S"),
        row("bowl", "Bowl"),
        row("bowl", ""),
    )
    report = import_products(data, currency="EUR")
    assert reasons(report) == [
        (3, "is the same variant (S) as line 2"),
        (4, "the SKU 'M-S' is already used on line 2"),
        (6, "a product without options has one row, and that is line 5"),
    ]


def test_a_sku_of_another_product_in_the_shop_is_refused() -> None:
    cast.product("silk-bonnet")
    report = import_products(
        with_rows(row(Variant_SKU="SILK-BONNET-0"), row("bowl", "Bowl")), currency="EUR"
    )
    assert reasons(report) == [(2, "the SKU 'SILK-BONNET-0' already belongs to 'Silk bonnet'")]
    assert Product.objects.filter(handle="bowl").exists()


def test_a_byte_order_mark_semicolons_and_utf_16_are_read() -> None:
    for data in (
        b"\xef\xbb\xbf" + with_rows(row("a", "Mütze")),
        with_rows(row("a", "Mütze")).replace(b",", b";"),
        with_rows(row("a", "Mütze")).decode().encode("utf-16"),
    ):
        assert [one.title for one in read(data, currency="EUR").products] == ["Mütze"]


def test_bytes_that_are_not_utf_8_spoil_their_row_only() -> None:
    data = with_rows(row("a", "Mütze").encode().decode(), row("b", "Cap"))
    report = import_products(data.replace("ü".encode(), b"\xfc"), currency="EUR")
    assert reasons(report) == [(2, "holds bytes that are not UTF-8")]
    assert list(Product.objects.values_list("handle", flat=True)) == ["b"]


def test_zero_bytes_too_many_cells_and_an_open_quote_are_reported() -> None:
    data = with_rows(
        row("a", "A\x00"), row("b", "B") + ",,,,", row("c", "C"), row("d", '"D'), row("e", "E")
    )
    report = import_products(data, currency="EUR")
    assert [line for line, _ in reasons(report)] == [2, 3, 5]
    assert "never closes" in reasons(report)[2][1]
    assert list(Product.objects.values_list("handle", flat=True)) == ["c"]


def test_missing_columns_are_fine_unless_nothing_can_be_sold_without_them() -> None:
    report = import_products(b"Handle,Title,Variant Price\nmug,Mug,12\n", currency="EUR")
    assert (report.created, reasons(report)) == (1, [])
    assert Stock.objects.get().on_hand == 0
    for data, word in (
        (b"Title,Variant Price\nMug,12\n", "Handle"),
        (b"Handle,Title\nm,Mug\n", "Variant Price"),
    ):
        assert word in reasons(import_products(data, currency="EUR"))[0][1]


def test_an_empty_file_and_a_header_alone_bring_nothing() -> None:
    assert reasons(import_products(b"", currency="EUR")) == [(0, "The file is empty.")]
    assert reasons(import_products(b"\xef\xbb\xbf \r\n", currency="EUR")) == [
        (0, "The file is empty.")
    ]
    report = import_products(HEADER.encode(), currency="EUR")
    assert (report.created, reasons(report)) == (0, [])


def test_a_newer_export_with_other_column_names_is_read() -> None:
    data = b"Title,URL handle,SKU,Price,Inventory quantity,Status\nMug,mug,M-1,12.50,4,Draft\n"
    import_products(data, currency="EUR")
    mug = Product.objects.get(handle="mug")
    assert mug.status == "draft"
    assert (mug.variants.get().price_minor, mug.variants.get().stock.on_hand) == (1250, 4)


def test_a_currency_without_cents_has_none() -> None:
    import_products(
        with_rows(row(Variant_Price="1200"), row("cap", "Cap", Variant_Price="12.50")),
        currency="JPY",
    )
    assert Variant.objects.get().price == Money(1200, "JPY")


def test_a_variant_without_a_sku_gets_one_and_is_found_again() -> None:
    data = with_rows(row(Option1_Name="Size", Option1_Value="Extra Large"))
    import_products(data, currency="EUR")
    assert Variant.objects.get().sku == "MUG-EXTRA-LARGE"
    Variant.objects.update(sku="MY-OWN")
    assert import_products(data, currency="EUR").unchanged == 1
    assert Variant.objects.get().sku == "MY-OWN"


def test_hostile_text_is_kept_as_text_or_dropped() -> None:
    evil = '"<img src=x onerror=alert(1)><a href=""javascript:alert(1)"">x</a>"'
    import_products(
        with_rows(row("evil", "<b>Mug</b>", **{"Body_(HTML)": evil, "Image_Src": "javascript:x"})),
        currency="EUR",
    )
    product = Product.objects.get()
    assert product.title == "<b>Mug</b>"  # templates escape it
    assert "onerror" not in product.description
    assert "javascript" not in product.description
    assert not product.pictures.exclude(link="").exists()


def test_the_command_reports_and_fails_only_when_nothing_came_in(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good = tmp_path / "good.csv"
    good.write_bytes(with_rows(row(), row("bad", "Bad", Variant_Price="-1")))
    call_command("import_catalog", str(good))
    told = capsys.readouterr().out
    assert "rejected line 3: the price -1 is negative" in told
    assert "1 products created, 0 updated, 0 unchanged" in told
    empty = tmp_path / "empty.csv"
    empty.write_bytes(b"")
    for file, currency in (
        (str(empty), "EUR"),
        (str(tmp_path / "none.csv"), "EUR"),
        (str(good), "EURO"),
    ):
        with pytest.raises(CommandError):
            call_command("import_catalog", file, currency=currency)
