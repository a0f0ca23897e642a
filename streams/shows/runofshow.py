"""The run of show: numbered items, replaced as a whole, also while the show is on air."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from accounts.models import User
from livestore.base.errors import Invalid
from livestore.base.money import Money
from livestore.base.outbox import record
from shop.catalogue.models import Product, Variant
from streams.selling.prices import apply_show_prices, end_deals_of_what_left
from streams.shows.errors import WrongState
from streams.shows.locking import items_fact, lock_show, save_grown
from streams.shows.models import Item, Show

MOST_ITEMS = 500
HIGHEST_NUMBER = 9999
HIGHEST_PRICE = 100_000_000
LONGEST_TALK = 2000
LONGEST_ITEM = 24 * 3600


@dataclass(frozen=True, slots=True)
class ItemSpec:
    """One line of a run of show: a whole product, or one variant.

    product     id or handle
    variant     id or SKU; then `product` may be left out
    show_price  what every variant of the item costs in the show: minor units of the show's currency, or Money
    """

    number: int
    product: int | str | None = None
    variant: int | str | None = None
    show_price: int | Money | None = None
    talking_points: str = ""
    planned_seconds: int = 180


def set_items(*, show: Show, by: User, items: Sequence[ItemSpec]) -> Show:
    """Make these lines, in this order, the run of show.

    A number that keeps its product keeps what is known of it (that it was shown, that it is on air). While the
    show is on air, show prices change in the same transaction, and deals of what has left end.
    Raises NoSuchShow, NotYourShow, WrongState, and Invalid with one sentence per `<line>.<field>`, lines
    counted from 0; then nothing was changed.
    """
    with transaction.atomic():
        locked = lock_show(show.slug, by=by)
        if locked.state == Show.State.ENDED:
            raise WrongState("This show is over, its run of show stays as it was.")
        wanted = _checked(locked, items)
        before = {item.number: item for item in locked.items.all()}
        kept: list[Item] = []
        new: list[Item] = []
        for item in wanted:
            old = before.get(item.number)
            if old and (old.product_id, old.variant_id) == (item.product_id, item.variant_id):
                item.pk, item.shown_at = old.pk, old.shown_at
                kept.append(item)
            else:
                new.append(item)
        gone = {item.pk for item in before.values()} - {item.pk for item in kept}
        if locked.pinned_id in gone:
            locked.pinned = None
        save_grown(locked, "pinned")
        Item.objects.filter(pk__in=gone).delete()
        Item.objects.bulk_update(
            kept, ["position", "show_price_minor", "talking_points", "planned_seconds"]
        )
        Item.objects.bulk_create(new)
        if locked.is_open:
            end_deals_of_what_left(locked)
            apply_show_prices(locked)
        record([items_fact(locked)])
    return locked


class _Lines:
    """Collects what is wrong with which line."""

    def __init__(self) -> None:
        self.wrong: dict[str, str] = {}

    def say(self, line: int, field: str, sentence: str) -> None:
        self.wrong.setdefault(f"{line}.{field}", sentence)

    def settle(self) -> None:
        if self.wrong:
            raise Invalid("Some lines of the run of show can not be used.", fields=self.wrong)


def _checked(show: Show, specs: Sequence[ItemSpec]) -> list[Item]:
    """Unsaved items in order, or Invalid."""
    if len(specs) > MOST_ITEMS:
        raise Invalid(fields={"items": f"A run of show has at most {MOST_ITEMS} items."})
    lines = _Lines()
    products, variants = _found(specs)
    items: list[Item] = []
    seen: dict[int, int] = {}
    for line, spec in enumerate(specs):
        if not 1 <= spec.number <= HIGHEST_NUMBER:
            lines.say(line, "number", f"Numbers go from 1 to {HIGHEST_NUMBER}.")
        elif spec.number in seen:
            lines.say(line, "number", f"Number {spec.number} is there twice.")
        seen[spec.number] = line
        variant = variants.get(spec.variant) if spec.variant is not None else None
        product = products.get(spec.product) if spec.product is not None else None
        if spec.product is None and spec.variant is None:
            lines.say(line, "product", f"Number {spec.number} needs a product or a variant.")
            continue
        if spec.variant is not None and variant is None:
            lines.say(
                line, "variant", f"Number {spec.number}: there is no variant {spec.variant!r}."
            )
            continue
        if spec.product is not None and product is None:
            lines.say(
                line, "product", f"Number {spec.number}: there is no product {spec.product!r}."
            )
            continue
        if variant is not None:
            if product is not None and product.pk != variant.product_id:
                lines.say(
                    line, "variant", f"Number {spec.number}: this variant is of another product."
                )
            product = variant.product
        assert product is not None
        _check_sellable(lines, line, show, product, variant)
        price = _price(lines, line, show, spec)
        if len(spec.talking_points) > LONGEST_TALK:
            lines.say(line, "talking_points", f"Please use at most {LONGEST_TALK:,} letters.")
        if not 1 <= spec.planned_seconds <= LONGEST_ITEM:
            lines.say(line, "planned_seconds", "An item takes between a second and a day.")
        items.append(
            Item(
                show=show,
                number=spec.number,
                position=line + 1,
                product=product,
                variant=variant,
                show_price_minor=price,
                talking_points=spec.talking_points.strip(),
                planned_seconds=spec.planned_seconds,
            )
        )
    lines.settle()
    _check_prices_agree(lines, items)
    lines.settle()
    return items


def _found(
    specs: Sequence[ItemSpec],
) -> tuple[dict[int | str, Product], dict[int | str, Variant]]:
    """What the lines name, by id and by handle or SKU, in two queries."""
    ids = {spec.product for spec in specs if isinstance(spec.product, int)}
    handles = {spec.product for spec in specs if isinstance(spec.product, str)}
    products: dict[int | str, Product] = {}
    for product in Product.objects.filter(pk__in=ids) | Product.objects.filter(handle__in=handles):
        products |= {product.pk: product, product.handle: product}
    variant_ids = {spec.variant for spec in specs if isinstance(spec.variant, int)}
    skus = {spec.variant for spec in specs if isinstance(spec.variant, str)}
    chosen = Variant.objects.filter(pk__in=variant_ids) | Variant.objects.filter(sku__in=skus)
    variants: dict[int | str, Variant] = {}
    for variant in chosen.select_related("product"):
        variants |= {variant.pk: variant, variant.sku: variant}
    return products, variants


def _check_sellable(
    lines: _Lines, line: int, show: Show, product: Product, variant: Variant | None
) -> None:
    field = "product" if variant is None else "variant"
    if product.status != Product.Status.ACTIVE:
        lines.say(line, field, f"“{product.title}” is not on sale.")
        return
    currencies = (
        {variant.currency}
        if variant
        else set(product.variants.values_list("currency", flat=True).order_by())
    )
    if not currencies:
        lines.say(line, field, f"“{product.title}” has nothing that could be sold.")
    elif currencies != {show.currency}:
        others = ", ".join(sorted(currencies - {show.currency}))
        lines.say(
            line,
            field,
            f"“{product.title}” is sold in {others}, this show sells in {show.currency}.",
        )


def _price(lines: _Lines, line: int, show: Show, spec: ItemSpec) -> int | None:
    price = spec.show_price
    if isinstance(price, Money):
        if price.currency != show.currency:
            lines.say(line, "show_price", f"This show sells in {show.currency}.")
        price = price.minor
    if price is not None and not 0 <= price <= HIGHEST_PRICE:
        lines.say(line, "show_price", "A show price is between 0 and 1,000,000.00.")
        return None
    return price


def _check_prices_agree(lines: _Lines, items: list[Item]) -> None:
    """A variant has one show price, so two lines of the same thing can not give it two."""
    given: dict[tuple[int, int | None], Item] = {}
    for line, item in enumerate(items):
        other = given.setdefault((item.product_id, item.variant_id), item)
        if other.show_price_minor != item.show_price_minor:
            lines.say(
                line, "show_price", f"Number {other.number} sells the same for another show price."
            )
