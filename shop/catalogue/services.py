"""Writing the catalogue: every change grows the product's `rev` and is announced to open rooms.

Stock is not written here: a new variant gets its opening stock once, afterwards only movements change it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypedDict, Unpack

from django.db import IntegrityError, transaction
from django.utils.text import slugify

from accounts.models import User
from livestore.base.errors import Invalid, NotAllowed
from livestore.base.money import Money
from livestore.base.outbox import Fact, record
from shop.catalogue import checks
from shop.catalogue.errors import (
    ChangedMeanwhile,
    HandleTaken,
    NoSuchProduct,
    NoSuchVariant,
    SkuTaken,
)
from shop.catalogue.html import cleaned
from shop.catalogue.models import Category, Product, Variant
from shop.catalogue.specs import VariantSpec
from shop.stock.models import Stock


class ProductChanges(TypedDict, total=False):
    """What may change about a product; only what is named is touched."""

    title: str
    handle: str
    description: str
    vendor: str
    category: Category | None
    tags: list[str]
    attributes: dict[str, str]
    status: str


class VariantChanges(TypedDict, total=False):
    """What may change about a variant. `stock` is not here on purpose."""

    title: str
    options: list[dict[str, str]]
    sku: str
    barcode: str
    price: Money
    compare_at: Money | None
    cost: Money | None
    weight_grams: int
    position: int


def _may_keep(by: User | None) -> None:
    """`by` None is the program itself: the demo's seed or an import on the command line."""
    if by is not None and not by.is_staff:
        raise NotAllowed("Only an admin can change the catalogue.")


def announce(product_ids: Sequence[int]) -> None:
    """Record that these products changed, for every open room that shows them."""
    record([Fact("shop.product_changed", {"product": each}) for each in product_ids])


def create_product(
    *,
    title: str,
    handle: str | None = None,
    description: str = "",
    vendor: str = "",
    category: Category | None = None,
    tags: Sequence[str] = (),
    attributes: Mapping[str, str] | None = None,
    status: str = Product.Status.ACTIVE,
    variants: Sequence[VariantSpec] = (),
    by: User | None,
) -> Product:
    """A new product with its variants and their opening stock.

    Raises NotAllowed, Invalid (fields), HandleTaken, SkuTaken.
    """
    _may_keep(by)
    values = checks.product(
        {
            "title": title,
            "handle": handle if handle is not None else slugify(title)[:120],
            "description": cleaned(description),
            "vendor": vendor,
            "category": category,
            "tags": list(tags),
            "attributes": dict(attributes or {}),
            "status": status,
        }
    )
    with transaction.atomic():
        try:
            with transaction.atomic():
                product = Product.objects.create(**values)
        except IntegrityError as problem:
            raise HandleTaken(fields={"handle": HandleTaken.message}) from problem
        for position, spec in enumerate(variants):
            _insert(product, spec, position)
        announce([product.pk])
    return product


def _insert(product: Product, spec: VariantSpec, position: int) -> Variant:
    values = checks.variant(spec.columns())
    try:
        with transaction.atomic():
            made = Variant.objects.create(product=product, position=position, **values)
    except IntegrityError as problem:
        raise SkuTaken(fields={"sku": SkuTaken.message}) from problem
    opening = checks.quantity("opening", spec.opening)
    Stock.objects.create(variant=made, opening=opening, on_hand=opening)
    return made


def add_variant(*, product: Product, spec: VariantSpec, by: User | None) -> Variant:
    """One more variant of a product, with its opening stock. Raises as `create_product`."""
    _may_keep(by)
    with transaction.atomic():
        locked = _locked(product.pk, None)
        last = locked.variants.order_by("-position").values_list("position", flat=True).first()
        made = _insert(locked, spec, 0 if last is None else last + 1)
        _grown(locked, {})
    return made


def _locked(product_id: int, seen_rev: int | None) -> Product:
    product = Product.objects.select_for_update().filter(pk=product_id).first()
    if product is None:
        raise NoSuchProduct
    if seen_rev is not None and product.rev != seen_rev:
        raise ChangedMeanwhile
    return product


def _grown(product: Product, changed: Mapping[str, Any]) -> None:
    for name, value in changed.items():
        setattr(product, name, value)
    product.rev += 1
    product.save(update_fields=[*changed, "rev"])
    announce([product.pk])


def update_product(
    *,
    product: Product,
    by: User | None,
    seen_rev: int | None = None,
    **changes: Unpack[ProductChanges],
) -> Product:
    """Change what is named, and nothing else; without a difference nothing is written or announced.

    seen_rev: the `rev` that the editor was looking at; another one raises ChangedMeanwhile.
    Raises NotAllowed, NoSuchProduct, Invalid (fields), HandleTaken.
    """
    _may_keep(by)
    wanted: dict[str, Any] = dict(changes)
    if "description" in wanted:
        wanted["description"] = cleaned(wanted["description"])
    values = checks.product(wanted)
    with transaction.atomic():
        locked = _locked(product.pk, seen_rev)
        changed = {name: value for name, value in values.items() if getattr(locked, name) != value}
        if changed:
            try:
                with transaction.atomic():
                    _grown(locked, changed)
            except IntegrityError as problem:
                raise HandleTaken(fields={"handle": HandleTaken.message}) from problem
    return locked


def update_variant(
    *,
    variant: Variant,
    by: User | None,
    seen_rev: int | None = None,
    **changes: Unpack[VariantChanges],
) -> Variant:
    """Change what is named of one variant; its product's `rev` grows.

    seen_rev: the product's `rev` that the editor was looking at.
    Raises NotAllowed, NoSuchVariant, ChangedMeanwhile, Invalid (fields), SkuTaken.
    """
    _may_keep(by)
    wanted = checks.amounts(dict(changes), currency=variant.currency)
    with transaction.atomic():
        product = _locked(variant.product_id, seen_rev)
        fresh = Variant.objects.filter(pk=variant.pk).first()
        if fresh is None:
            raise NoSuchVariant
        changed = {
            name: value
            for name, value in checks.variant(wanted, before=fresh).items()
            if getattr(fresh, name) != value
        }
        if changed:
            for name, value in changed.items():
                setattr(fresh, name, value)
            try:
                with transaction.atomic():
                    fresh.save(update_fields=list(changed))
            except IntegrityError as problem:
                raise SkuTaken(fields={"sku": SkuTaken.message}) from problem
            _grown(product, {})
    return fresh


def pictures_changed(*, product: Product, by: User | None) -> Product:
    """Pictures of a product were added, changed or taken away: its `rev` grows and rooms are told."""
    _may_keep(by)
    with transaction.atomic():
        locked = _locked(product.pk, None)
        _grown(locked, {})
    return locked


def publish(*, product: Product, by: User | None) -> Product:
    """Put a product on sale. It needs at least one variant."""
    if not product.variants.exists():
        raise Invalid(
            "A product needs at least one variant before it can go on sale.",
            fields={"status": "Add a variant first."},
        )
    return update_product(product=product, by=by, status=Product.Status.ACTIVE)


def withdraw(*, product: Product, by: User | None) -> Product:
    """Back to draft: nobody can see or buy it."""
    return update_product(product=product, by=by, status=Product.Status.DRAFT)


def archive(*, product: Product, by: User | None) -> Product:
    """Take a product off sale; old orders keep showing it."""
    return update_product(product=product, by=by, status=Product.Status.ARCHIVED)
