"""Bringing a file into the catalogue: new products are made, known ones are changed where they differ.

Running the same file twice changes nothing. The stock of a variant that exists is never overwritten:
its first import is the opening, afterwards `set_stock` posts corrections through the ledger.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import DatabaseError, transaction

from accounts.models import User
from livestore.base.errors import Refusal
from shop.catalogue.bulk import category_named, create_many
from shop.catalogue.csvrows import Problem
from shop.catalogue.drawing import KINDS
from shop.catalogue.findings import facts_of
from shop.catalogue.html import cleaned
from shop.catalogue.hues import tint_for
from shop.catalogue.models import Picture, Product, Variant
from shop.catalogue.selectors import with_pictures
from shop.catalogue.services import add_variant, announce, update_product, update_variant
from shop.catalogue.shopify import ReadProduct, ReadVariant, read
from shop.catalogue.silhouettes import drawing_for
from shop.catalogue.specs import PictureSpec, ProductSpec
from shop.stock.models import Movement
from shop.stock.services import post_movement

LATER_REASON = "Counted in an imported file"


@dataclass(slots=True)
class Report:
    """What an import did. Products count once; `rejected` are the rows that were not used."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    variants: int = 0
    corrections: int = 0
    rows: int = 0
    rejected: list[Problem] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)


def _spec(product: ReadProduct) -> ProductSpec:
    return ProductSpec(
        handle=product.handle,
        title=product.title,
        description=product.body,
        vendor=product.vendor,
        category=product.kind,
        tags=tuple(product.tags),
        attributes=facts_of(product),
        status=product.status,
        variants=tuple(one.spec for one in product.variants),
        pictures=tuple(
            _drawn(product, product.variants)
            + [PictureSpec(link=u, alt=a) for u, a in product.links]
        ),
    )


def _drawn(product: ReadProduct, variants: Sequence[ReadVariant]) -> list[PictureSpec]:
    """One drawing for each colour of a product, or one for all."""
    words = (product.title, product.kind, " ".join(product.tags), product.body[:400])
    found: dict[str, PictureSpec] = {}
    for at, one in enumerate(variants):
        option = next((each for each in one.spec.options if each.get("swatch")), None)
        look = option["value"] if option else ""
        if look in found:
            continue
        drawing = drawing_for(
            *words, seed=product.handle, colour=option["swatch"] if option else None
        )
        assert drawing["kind"] in KINDS
        found[look] = PictureSpec(
            drawing=drawing | ({"look": look} if look else {}),
            alt=f"{product.title}, {look}" if look else product.title,
            variant=at if look else None,
        )
    return list(found.values())


def _taken(products: Sequence[ReadProduct], report: Report) -> list[ReadProduct]:
    """Without the variants whose SKU already belongs to another product."""
    skus = [one.spec.sku for product in products for one in product.variants]
    owners = {
        sku: (handle, title)
        for sku, handle, title in Variant.objects.filter(sku__in=skus).values_list(
            "sku", "product__handle", "product__title"
        )
    }
    left: list[ReadProduct] = []
    for product in products:
        good: list[ReadVariant] = []
        for one in product.variants:
            handle, title = owners.get(one.spec.sku, (product.handle, ""))
            if handle == product.handle:
                good.append(one)
            else:
                report.rejected.append(
                    Problem(one.line, f"the SKU {one.spec.sku!r} already belongs to {title!r}")
                )
        product.variants = good
        if good:
            left.append(product)
    return left


def _match(known: Sequence[Variant], one: ReadVariant) -> Variant | None:
    for variant in known:
        if one.own_sku and variant.sku == one.spec.sku:
            return variant
    values = [option["value"] for option in one.spec.options]
    for variant in known:
        if [str(option.get("value")) for option in variant.options] == values:
            return variant
    return None


def _changes(product: Product, read_one: ReadProduct) -> dict[str, Any]:
    """What differs. Facts are only added: what an admin wrote is better than what was guessed."""
    wanted: dict[str, Any] = {
        "title": read_one.title,
        "description": cleaned(read_one.body),
        "vendor": read_one.vendor,
        "tags": read_one.tags,
        "status": read_one.status,
        "attributes": facts_of(read_one) | product.attributes,
    }
    if read_one.kind:
        wanted["category"] = category_named(read_one.kind, tint=tint_for(read_one.kind))
    return {name: value for name, value in wanted.items() if getattr(product, name) != value}


def _update(
    product: Product, read_one: ReadProduct, set_stock: bool, by: User | None, report: Report
) -> bool:
    """Bring one known product up to date; whether anything differed. One transaction."""
    rev = product.rev
    changes = _changes(product, read_one)
    known = list(product.variants.all())
    with transaction.atomic():
        if changes:
            rev = update_product(product=product, by=by, **changes).rev
        touched = bool(changes)
        for one in read_one.variants:
            variant = _match(known, one)
            if variant is None:
                add_variant(product=product, spec=one.spec, by=by)
                report.variants += 1
                touched = True
                continue
            columns: dict[str, Any] = {
                "title": one.spec.words,
                "options": [dict(option) for option in one.spec.options],
                "price": one.spec.price,
                "compare_at": one.spec.compare_at,
                "weight_grams": one.spec.weight_grams,
                "barcode": one.spec.barcode or variant.barcode,
            }
            if one.own_sku:
                columns["sku"] = one.spec.sku
            if one.spec.cost is not None:
                columns["cost"] = one.spec.cost
            before = Product.objects.values_list("rev", flat=True).get(pk=product.pk)
            update_variant(variant=variant, by=by, **columns)
            touched |= Product.objects.values_list("rev", flat=True).get(pk=product.pk) != before
            if set_stock and (difference := one.spec.opening - variant.stock.on_hand):
                post_movement(
                    variant=variant,
                    kind=Movement.Kind.CORRECTION,
                    quantity=difference,
                    reason=LATER_REASON,
                    by=by,
                )
                report.corrections += 1
                touched = True
        touched |= _add_pictures(product, read_one)
    return touched or rev != product.rev


def _add_pictures(product: Product, read_one: ReadProduct) -> bool:
    """Links that are not there yet, and a drawing if there is none. Pictures are never taken away."""
    have = list(product.pictures.all())
    links = {picture.link for picture in have}
    new = [
        Picture(product=product, link=link, alt=alt, position=len(have) + at)
        for at, (link, alt) in enumerate(read_one.links)
        if link not in links
    ]
    if not any(picture.drawing for picture in have):
        drawn = _drawn(read_one, read_one.variants)[0]
        new.append(Picture(product=product, drawing=drawn.drawing, alt=drawn.alt, position=0))
    if new:
        Picture.objects.bulk_create(new)
        announce([product.pk])
    return bool(new)


def _create(products: list[ReadProduct], report: Report) -> None:
    """All at once; if one of them is refused by the database, one by one."""
    for one in products:
        category_named(one.kind, tint=tint_for(one.kind))
    batches = [products] if products else []
    while batches:
        batch = batches.pop()
        try:
            create_many(specs=[_spec(one) for one in batch])
        except (Refusal, DatabaseError) as problem:
            if len(batch) > 1:
                batches += [[one] for one in batch]
                continue
            reason = problem.message if isinstance(problem, Refusal) else "the database refused it"
            report.rejected.append(Problem(batch[0].line, f"{batch[0].title!r}: {reason}"))
        else:
            report.created += len(batch)
            report.variants += sum(len(one.variants) for one in batch)


def import_products(
    data: bytes, *, currency: str, set_stock: bool = False, by: User | None = None
) -> Report:
    """Import a Shopify product CSV.

    currency   ISO 4217, what the prices of the file are in
    set_stock  also make the stock of known variants what the file says, by corrections
    by         an admin, or None for a program on this machine
    """
    reading = read(data, currency=currency)
    report = Report(rows=reading.rows, rejected=list(reading.problems), notes=list(reading.notes))
    products = _taken(reading.products, report)
    known = {
        product.handle: product
        for product in with_pictures(
            Product.objects.filter(handle__in=[one.handle for one in products])
        )
    }
    _create([one for one in products if one.handle not in known], report)
    for one in products:
        product = known.get(one.handle)
        if product is None:
            continue
        try:
            touched = _update(product, one, set_stock, by, report)
        except Refusal as refusal:
            report.rejected.append(Problem(one.line, f"{one.title!r}: {refusal.message}"))
            continue
        if touched:
            report.updated += 1
        else:
            report.unchanged += 1
    report.rejected.sort(key=lambda problem: problem.line)
    return report
