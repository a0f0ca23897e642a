"""Changing the catalogue: what is announced, what is refused, what stays."""

from __future__ import annotations

import pytest

from livestore.base.errors import Invalid, NotAllowed
from livestore.base.models import OutboxRow
from livestore.base.money import Money
from shop.catalogue import services
from shop.catalogue.errors import ChangedMeanwhile, HandleTaken, SkuTaken
from shop.catalogue.html import cleaned, plain
from shop.catalogue.specs import VariantSpec
from shop.models import Product, Variant
from tests import cast

pytestmark = pytest.mark.django_db


def announced() -> list[int]:
    rows = OutboxRow.objects.filter(kind="shop.product_changed").order_by("id")
    return [row.data["product"] for row in rows]


def spec(sku: str = "BONNET-1", **more: object) -> VariantSpec:
    return VariantSpec(sku=sku, price=Money(1299, "EUR"), **more)  # type: ignore[arg-type]


def test_a_new_product_has_its_variants_and_their_opening_stock() -> None:
    made = services.create_product(
        title="Silk bonnet",
        description="<p onclick=x>Soft<script>bad()</script></p>",
        variants=[spec(opening=40), spec("BONNET-2", options=({"name": "Shade", "value": "Ink"},))],
        by=cast.ada(),
    )
    assert made.handle == "silk-bonnet"
    assert made.description == "<p>Soft</p>"
    assert [one.title for one in made.variants.all()] == ["Standard", "Ink"]
    assert made.variants.get(sku="BONNET-1").stock.left == 40
    assert announced() == [made.pk]


def test_a_price_change_grows_rev_and_is_announced_once() -> None:
    variant = cast.variant_of(cast.product())
    services.update_variant(variant=variant, by=cast.ada(), price=Money(1499, "EUR"))
    variant.refresh_from_db()
    assert variant.price_minor == 1499
    assert variant.product.rev == 2
    assert announced() == [variant.product_id]


def test_saving_without_a_difference_changes_and_announces_nothing() -> None:
    product = cast.product()
    services.update_product(product=product, by=cast.ada(), title=product.title)
    services.update_variant(variant=cast.variant_of(product), by=None, price=Money(1299, "EUR"))
    product.refresh_from_db()
    assert product.rev == 1
    assert announced() == []


def test_only_what_is_named_is_written() -> None:
    product = cast.product()
    stale = Product.objects.get(pk=product.pk)
    services.update_product(product=product, by=None, title="New title")
    services.update_product(product=stale, by=cast.ada(), vendor="Parroque")
    product.refresh_from_db()
    assert (product.title, product.vendor, product.rev) == ("New title", "Parroque", 3)


def test_an_editor_who_saw_an_older_rev_is_refused() -> None:
    product = cast.product()
    services.update_product(product=product, by=cast.ada(), title="New title")
    with pytest.raises(ChangedMeanwhile):
        services.update_product(product=product, by=None, seen_rev=1, vendor="Late")
    with pytest.raises(ChangedMeanwhile):
        services.update_variant(
            variant=cast.variant_of(product), by=None, seen_rev=1, price=Money(1, "EUR")
        )
    assert Variant.objects.get().price_minor == 1299


def test_only_admins_change_the_catalogue() -> None:
    product = cast.product()
    with pytest.raises(NotAllowed):
        services.update_product(product=product, by=cast.hana(), title="Mine")
    with pytest.raises(NotAllowed):
        services.create_product(title="Mine", by=cast.mina())


def test_a_taken_handle_and_a_taken_sku_are_named() -> None:
    first = cast.product("silk-bonnet")
    second = cast.product("satin-cap")
    with pytest.raises(HandleTaken):
        services.update_product(product=second, by=None, handle=first.handle)
    with pytest.raises(HandleTaken):
        services.create_product(title="Again", handle="silk-bonnet", by=None)
    with pytest.raises(SkuTaken):
        services.update_variant(variant=cast.variant_of(second), by=None, sku="SILK-BONNET-0")
    with pytest.raises(SkuTaken):
        services.add_variant(product=second, spec=spec("SILK-BONNET-0"), by=None)
    assert second.variants.count() == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": "  "}, "title"),
        ({"handle": "no blanks"}, "handle"),
        ({"status": "sold"}, "status"),
        ({"tags": "silk"}, "tags"),
        ({"attributes": {"material": 3}}, "attributes"),
    ],
)
def test_wrong_values_of_a_product_are_named(changes: dict[str, object], field: str) -> None:
    product = cast.product()
    with pytest.raises(Invalid) as refusal:
        services.update_product(product=product, by=None, **changes)  # type: ignore[arg-type]
    assert refusal.value.fields is not None
    assert field in refusal.value.fields
    assert announced() == []


def test_an_old_price_below_the_price_is_refused() -> None:
    variant = cast.variant_of(cast.product())
    with pytest.raises(Invalid) as refusal:
        services.update_variant(variant=variant, by=None, compare_at=Money(1299, "EUR"))
    assert refusal.value.fields == {
        "compare_at_minor": "The old price has to be higher than the price."
    }
    services.update_variant(variant=variant, by=None, compare_at=Money(1499, "EUR"))
    with pytest.raises(Invalid):
        services.update_variant(variant=variant, by=None, price=Money(1600, "EUR"))


def test_a_product_without_variants_can_not_go_on_sale() -> None:
    made = services.create_product(title="Empty", status="draft", by=None)
    with pytest.raises(Invalid):
        services.publish(product=made, by=None)
    services.add_variant(product=made, spec=spec(), by=None)
    assert services.publish(product=made, by=None).status == Product.Status.ACTIVE
    assert services.archive(product=made, by=None).status == Product.Status.ARCHIVED


def test_descriptions_keep_their_words_and_lose_what_could_hurt() -> None:
    html = '<p style="x">A <b>soft</b> cap<img src=x onerror=alert(1)> <a href="javascript:x">here</a></p><p></p>'
    assert (
        cleaned(html) == '<p>A <b>soft</b> cap <a rel="noopener noreferrer nofollow">here</a></p>'
    )
    assert plain("<ul><li>One &amp; two</li><li>Three</li></ul>") == "One & two Three"
