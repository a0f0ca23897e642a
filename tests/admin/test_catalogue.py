"""Products in the admin: what may be saved, and what an old page can never do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from livestore.base.models import OutboxRow
from livestore.base.money import Money
from shop.catalogue import services
from shop.models import Movement, Picture, Product, Stock, Variant
from shop.stock.services import post_movement
from tests import cast
from tests.admin.desk import opened, sent, told

pytestmark = pytest.mark.django_db
LIST = "/admin/shop/product/"


@pytest.fixture
def ada(client: Client) -> Client:
    client.force_login(cast.ada())
    return client


def page_of(product: Product) -> str:
    return f"{LIST}{product.pk}/change/"


def test_a_changed_title_and_price_are_saved_and_announced(ada: Client) -> None:
    product = cast.product()
    form = opened(ada, page_of(product))
    assert form["variants-0-price"] == "12.99"
    page = sent(ada, page_of(product), form, **{"title": "Silk cap", "variants-0-price": "14.50"})
    assert page.status_code == 200
    product.refresh_from_db()
    assert product.title == "Silk cap"
    assert cast.variant_of(product).price_minor == 1450
    rows = OutboxRow.objects.filter(kind="shop.product_changed")
    assert {row.data["product"] for row in rows} == {product.pk}


def test_saving_an_unchanged_page_changes_nothing(ada: Client) -> None:
    product = cast.product()
    product.attributes = {"material": "silk", "made_for": "the night"}
    product.tags = ["silk", "gift"]
    product.description = "<p>Soft.</p>\n<p>Cool.</p>"
    product.save()
    before = Product.objects.values().get(pk=product.pk)
    sent(ada, page_of(product), opened(ada, page_of(product)))
    assert Product.objects.values().get(pk=product.pk) == before
    assert not OutboxRow.objects.exists()


def test_a_page_opened_before_a_sale_never_brings_the_old_stock_back(ada: Client) -> None:
    product = cast.product(stock=100)
    variant = cast.variant_of(product)
    form = opened(ada, page_of(product))
    assert not any("stock" in name or "on_hand" in name for name in form)
    post_movement(
        variant=variant, kind="correction", quantity=-30, reason="sold elsewhere", by=None
    )
    crafted = {
        "title": "Silk cap",
        "variants-0-on_hand": "100",
        "variants-0-stock": "100",
        "on_hand": "100",
    }
    sent(ada, page_of(product), form, **crafted)
    product.refresh_from_db()
    assert product.title == "Silk cap"
    stock = Stock.objects.get(pk=variant.pk)
    assert (stock.opening, stock.on_hand) == (100, 70)
    assert Movement.objects.count() == 1


def test_a_page_opened_before_a_price_change_is_refused_and_keeps_what_was_typed(
    ada: Client,
) -> None:
    product = cast.product()
    variant = cast.variant_of(product)
    form = opened(ada, page_of(product))
    services.update_variant(variant=variant, by=None, price=Money(999, "EUR"))
    page = sent(ada, page_of(product), form, title="Typed meanwhile")
    assert "Somebody changed this product while you were editing it" in told(page)
    assert "Typed meanwhile" in told(page)
    product.refresh_from_db()
    variant.refresh_from_db()
    assert (product.title, variant.price_minor) == ("Silk bonnet", 999)


def test_a_change_between_the_check_and_the_lock_is_refused_too(
    ada: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    product = cast.product()
    form = opened(ada, page_of(product))
    real = services.update_product

    def late(**arguments: Any) -> Product:
        Product.objects.filter(pk=product.pk).update(rev=9, vendor="Somebody else")
        return real(**arguments)

    monkeypatch.setattr("shop.catalogue.admin.services.update_product", late)
    page = sent(ada, page_of(product), form, **{"title": "Mine", "variants-0-price": "1.00"})
    assert "Somebody changed this product" in told(page)
    assert Product.objects.get(pk=product.pk).title == "Silk bonnet"
    assert cast.variant_of(product).price_minor == 1299


def test_bulk_actions_write_the_status_and_nothing_else(ada: Client) -> None:
    product = cast.product(stock=20)
    ada.get(LIST)  # the list was opened before the sale
    services.update_variant(variant=cast.variant_of(product), by=None, price=Money(999, "EUR"))
    post_movement(
        variant=cast.variant_of(product), kind="correction", quantity=-5, reason="x", by=None
    )
    ada.post(LIST, {"action": "archive", "_selected_action": [product.pk]}, follow=True)
    product.refresh_from_db()
    assert product.status == Product.Status.ARCHIVED
    variant = cast.variant_of(product)
    assert (variant.price_minor, variant.stock.on_hand) == (999, 15)


def test_a_bulk_action_says_which_rows_it_could_not_do(ada: Client) -> None:
    good = cast.product("silk-bonnet")
    empty = services.create_product(title="Empty", status="draft", by=None)
    services.withdraw(product=good, by=None)
    page = ada.post(
        LIST, {"action": "put_on_sale", "_selected_action": [good.pk, empty.pk]}, follow=True
    )
    assert "1 now on sale" in told(page)
    assert "Empty: A product needs at least one variant" in told(page)


def test_a_new_variant_opens_without_stock_and_a_taken_sku_is_named(ada: Client) -> None:
    product = cast.product()
    form = opened(ada, page_of(product)) | {
        "variants-TOTAL_FORMS": "2",
        "variants-1-title": "Ink",
        "variants-1-sku": "BONNET-INK",
        "variants-1-price": "13.00",
        "variants-1-weight_grams": "50",
        "variants-1-product": str(product.pk),
    }
    taken = sent(ada, page_of(product), form, **{"variants-1-sku": "SILK-BONNET-0"})
    assert "already exists" in told(taken)
    sent(ada, page_of(product), form)
    made = Variant.objects.get(sku="BONNET-INK")
    assert (made.price_minor, made.stock.on_hand, made.position) == (1300, 0, 1)


def test_a_new_product_is_made_by_the_service(ada: Client) -> None:
    form = opened(ada, f"{LIST}add/")
    sent(
        ada,
        f"{LIST}add/",
        form,
        title="Silk scarf",
        handle="silk-scarf",
        status="draft",
        tags="silk, gift",
        attributes="material: mulberry silk\nmade for: cold necks",
        description="<p onclick='x'>Soft</p>",
    )
    made = Product.objects.get(handle="silk-scarf")
    assert made.tags == ["silk", "gift"]
    assert made.attributes == {"material": "mulberry silk", "made_for": "cold necks"}
    assert made.description == "<p>Soft</p>"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"variants-0-price": "-1"}, "greater than or equal to 0"),
        ({"variants-0-price": "9.999"}, "At most 2 decimals."),
        ({"variants-0-compare_at": "5.00"}, "The old price has to be higher than the price."),
        ({"attributes": "silk"}, "Write each fact as"),
        ({"title": ""}, "This field is required"),
    ],
)
def test_wrong_values_are_named_and_nothing_is_saved(
    ada: Client, changes: dict[str, str], sentence: str
) -> None:
    product = cast.product()
    before = list(Variant.objects.values())
    page = sent(ada, page_of(product), opened(ada, page_of(product)), **changes)
    assert sentence in told(page)
    assert list(Variant.objects.values()) == before


def test_products_and_variants_can_not_be_deleted(ada: Client) -> None:
    product = cast.product()
    assert ada.post(f"{LIST}{product.pk}/delete/", {"post": "yes"}).status_code == 403
    page = ada.post(
        LIST, {"action": "delete_selected", "_selected_action": [product.pk]}, follow=True
    )
    assert page.status_code == 200
    form = opened(ada, page_of(product))
    sent(ada, page_of(product), form, **{"variants-0-DELETE": "on"})
    assert Variant.objects.count() == 1


def test_an_uploaded_picture_is_shown_and_a_disguised_page_is_not_served(
    ada: Client, settings: Any, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path
    product = cast.product()
    dot = bytes.fromhex(
        "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c63f8cfc0f01f0005000"
        "1ff89993d1d0000000049454e44ae426082"
    )
    form = opened(ada, page_of(product)) | {
        "pictures-TOTAL_FORMS": "1",
        "pictures-0-product": str(product.pk),
        "pictures-0-image": SimpleUploadedFile("dot.png", dot, "image/png"),
        "pictures-0-position": "0",
    }
    sent(ada, page_of(product), form)
    picture = Picture.objects.get()
    answer = ada.get(picture.image.url)
    assert answer.headers["Content-Type"] == "image/png"
    assert answer.content == dot
    assert OutboxRow.objects.filter(kind="shop.product_changed").exists()
    (tmp_path / "pictures" / "page.html").write_text("<script>alert(1)</script>")
    (tmp_path / "secret.png").write_bytes(dot)
    assert ada.get("/media/pictures/page.html").status_code == 404
    assert ada.get("/media/pictures/..%2Fsecret.png").status_code == 404


def test_a_search_finds_products_by_sku_and_names_are_escaped(ada: Client) -> None:
    product = cast.product()
    Product.objects.filter(pk=product.pk).update(title="<script>alert(1)</script>")
    page = ada.get(LIST, {"q": "SILK-BONNET-0"})
    assert page_of(product) in told(page)
    assert page_of(product) not in told(ada.get(LIST, {"q": "SATIN"}))
    assert "<script>alert(1)" not in told(page)
    assert "<script>alert(1)" not in told(ada.get(page_of(product)))


def test_an_old_category_page_saves_only_what_was_changed_on_it(ada: Client) -> None:
    category = cast.product().category
    assert category is not None
    path = f"/admin/shop/category/{category.pk}/change/"
    form = opened(ada, path)
    type(category).objects.filter(pk=category.pk).update(name="Hair and wigs")
    assert "A tint is a colour like" in told(sent(ada, path, form, tint="red;}"))
    sent(ada, path, form, tint="#DDE6D6")
    category.refresh_from_db()
    assert (category.name, category.tint) == ("Hair and wigs", "#DDE6D6")


def test_only_staff_come_in(client: Client) -> None:
    product = cast.product()
    client.force_login(cast.hana())
    assert client.get(page_of(product)).status_code == 302
