"""The run of show with everything that is sold in it: read at once, in a fixed number of queries.

A shelf of 60 items and 400 variants is read in seven queries whatever its size. Variants are kept as plain
rows, because a run of show may have many thousands of them and only the pinned item shows them one by one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from livestore.base.money import Money
from shop.catalogue.models import Product, Variant
from shop.catalogue.selectors import picture_url, picture_urls
from shop.catalogue.titles import line_title
from shop.offers.models import Offer
from shop.offers.pricing import price_of
from shop.offers.selectors import running_deals
from streams.room.protocol.values import (
    DealValue,
    ItemDetail,
    ItemSummary,
    OptionValue,
    VariantValue,
)
from streams.shows.models import Item, Show
from streams.shows.values import item_states, moment, money_value, plain_text

# A product's rev counts for more than any sum of its variants' stock revs; JavaScript holds both exactly.
PRODUCT_REV_WEIGHT = 10**9


class Row(NamedTuple):
    """One variant and its stock. `left` is outside of flash deals."""

    id: int
    product_id: int
    price_minor: int
    currency: str
    compare_at_minor: int | None
    left: int
    stock_rev: int

    @property
    def price(self) -> Money:
        return Money(self.price_minor, self.currency)


class Flat(NamedTuple):
    """A show price."""

    price: Money


class Here(NamedTuple):
    """What runs for one variant in this show. `deal_left` are the deal's own unsold units."""

    show_price: Flat | None = None
    deal: Offer | None = None
    deal_left: int = 0


NOTHING = Here()


class Tally(NamedTuple):
    """How much is left of an item, and the number that grows whenever this may have changed."""

    left: int
    rev: int


def rows_of(products: Iterable[int]) -> dict[int, list[Row]]:
    """The variants of these products in their order, by product. A variant without stock row has none left."""
    found: dict[int, list[Row]] = {}
    variants = Variant.objects.filter(product_id__in=set(products)).values_list(
        "id",
        "product_id",
        "price_minor",
        "currency",
        "compare_at_minor",
        "stock__on_hand",
        "stock__reserved",
        "stock__rev",
    )
    for pk, product, price, currency, compare_at, on_hand, reserved, rev in variants.order_by(
        "product_id", "position", "id"
    ):
        left = (on_hand or 0) - (reserved or 0)
        found.setdefault(product, []).append(
            Row(pk, product, price, currency, compare_at, left, rev or 0)
        )
    return found


def tally(product_rev: int, rows: Sequence[Row], deal_left: Mapping[int, int]) -> Tally:
    """What is left of these variants of a product together, units of running deals included."""
    left = sum(row.left + deal_left.get(row.id, 0) for row in rows)
    return Tally(left, product_rev * PRODUCT_REV_WEIGHT + sum(row.stock_rev for row in rows))


@dataclass
class Shelf:
    """The items of one show, in the order of the run of show."""

    show: Show
    items: list[Item]
    rows: dict[int, list[Row]]
    here: dict[int, Here]
    deals: list[Offer]

    @cached_property
    def deal_left(self) -> dict[int, int]:
        """The unsold units of the running deals, by variant."""
        return {pk: each.deal_left for pk, each in self.here.items() if each.deal is not None}

    def rows_of(self, item: Item) -> list[Row]:
        """What the item sells: all variants of its product, or the one."""
        rows = self.rows.get(item.product_id, [])
        if item.variant_id is None:
            return rows
        return [row for row in rows if row.id == item.variant_id]

    def tally(self, item: Item) -> Tally:
        return tally(item.product.rev, self.rows_of(item), self.deal_left)

    @cached_property
    def by_number(self) -> dict[int, Item]:
        return {item.number: item for item in self.items}

    @cached_property
    def on_air(self) -> int | None:
        """The pinned number."""
        return next((i.number for i in self.items if i.pk == self.show.pinned_id), None)

    @cached_property
    def states(self) -> dict[int, str]:
        lines = [(i.number, self.tally(i).left, i.shown_at is not None) for i in self.items]
        return item_states(lines, self.on_air)

    @cached_property
    def next_number(self) -> int | None:
        """The next item that was not on air yet and is not sold out."""
        return next((number for number, state in self.states.items() if state == "next"), None)

    def number_of(self, variant: int, product: int) -> int | None:
        """The number under which a variant is sold: its own item, else its product's."""
        own = next((i.number for i in self.items if i.variant_id == variant), None)
        if own is not None:
            return own
        mine = (i for i in self.items if i.product_id == product and i.variant_id is None)
        return next((item.number for item in mine), None)

    def _line(self, item: Item) -> dict[str, Any]:
        rows = self.rows_of(item)
        count = self.tally(item)
        nothing = Money(0, self.show.currency)
        priced = [(price_of(row, self.here.get(row.id, NOTHING).show_price), row) for row in rows]
        low = min((price.minor for price, _ in priced), default=0)
        high = max((price.minor for price, _ in priced), default=0)
        currency = priced[0][0].currency if priced else nothing.currency
        # What the cheapest one costs elsewhere, crossed out beside the lowest price.
        before = max(
            (
                max(row.price_minor, row.compare_at_minor or 0)
                for price, row in priced
                if price.minor == low
            ),
            default=0,
        )
        return {
            "number": item.number,
            "product": item.product_id,
            "variant": item.variant_id,
            "title": title_of(item.product, item.variant),
            "picture": picture_url(item.product, item.variant),
            "price_from": money_value(Money(low, currency)),
            "price_to": money_value(Money(high, currency)),
            "compare_at": money_value(Money(before, currency)) if before > low else None,
            "left": count.left,
            "shown": item.shown_at is not None,
            "state": self.states[item.number],
            "rev": count.rev,
        }

    def summaries(self) -> list[ItemSummary]:
        """Every line of the run of show."""
        return [ItemSummary.model_validate(self._line(item)) for item in self.items]

    def detail(self, number: int, *, on_air: bool = False) -> ItemDetail | None:
        """One item with everything needed to buy it; None if the number is not there.

        on_air: the item as it goes on air, whatever the show row says by now.
        """
        item = self.by_number.get(number)
        if item is None:
            return None
        line = self._line(item)
        if on_air:
            line |= {"shown": True, "state": "on_air" if line["left"] > 0 else "sold_out"}
        product = item.product
        wanted = [row.id for row in self.rows_of(item)]
        variants = list(Variant.objects.filter(pk__in=wanted).order_by("position", "id"))
        pictures = picture_urls(product, variants)
        rows = {row.id: row for row in self.rows_of(item)}
        return ItemDetail(
            **line,
            description=plain_text(product.description),
            vendor=product.vendor,
            category=product.category.name if product.category else "",
            attributes={str(name): str(value) for name, value in product.attributes.items()},
            variants=[
                self._variant(each, rows[each.pk], pictures.get(each.pk)) for each in variants
            ],
        )

    def _variant(self, variant: Variant, row: Row, picture: str | None) -> VariantValue:
        here = self.here.get(variant.pk, NOTHING)
        deal = here.deal
        return VariantValue(
            id=variant.pk,
            title=variant.title,
            sku=variant.sku,
            options=[
                OptionValue(
                    name=str(option.get("name", "")),
                    value=str(option.get("value", "")),
                    swatch=option.get("swatch"),
                )
                for option in variant.options
            ],
            price=money_value(price_of(row, here.show_price, deal)),
            list_price=money_value(row.price),
            compare_at=money_value(Money(row.compare_at_minor, row.currency))
            if row.compare_at_minor is not None
            else None,
            left=row.left,
            deal_left=here.deal_left if deal else None,
            deal=deal.pk if deal else None,
            per_buyer=deal.per_buyer if deal else None,
            picture=picture,
            rev=row.stock_rev,
        )


def title_of(product: Product, variant: Variant | None) -> str:
    """How a product, or one variant of it, is called in a room."""
    return product.title if variant is None else line_title(product.title, variant.title)


def deal_value(
    offer: Offer, *, number: int | None, was: Money, left: int, running: bool | None = None
) -> DealValue:
    """A flash deal. `offer` has variant and product loaded; `was` is the price here without it."""
    runs = offer.state == Offer.State.RUNNING if running is None else running
    return DealValue(
        id=offer.pk,
        variant=offer.variant_id,
        number=number,
        title=title_of(offer.variant.product, offer.variant),
        price=money_value(offer.price),
        was=money_value(was),
        units=offer.units or 0,
        left=left,
        per_buyer=offer.per_buyer,
        starts_at=moment(offer.starts_at) or 0,
        ends_at=moment(offer.ends_at),
        state="running" if runs else "ended",
        reason=None if runs else offer.end_reason or None,
        rev=offer.rev,
    )


def items_of(show: Show) -> QuerySet[Item]:
    """The run of show with products and pictures."""
    return (
        Item.objects.filter(show=show)
        .select_related("product__category", "variant")
        .prefetch_related("product__pictures")
        .order_by("position", "number")
    )


def offers_of(show: Show) -> tuple[dict[int, Here], list[Offer]]:
    """What runs in a show now, by variant; and its deals, oldest first, with variant, product and `.left`.

    There may be a show price for each of thousands of variants, so these are read as plain rows.
    """
    prices = Offer.objects.filter(
        Q(ends_at__isnull=True) | Q(ends_at__gt=Now()),
        channel=show.slug,
        kind=Offer.Kind.SHOW_PRICE,
        state=Offer.State.RUNNING,
    ).values_list("variant_id", "price_minor", "currency")
    here = {variant: Here(Flat(Money(minor, code))) for variant, minor, code in prices}
    deals = running_deals(show.slug)
    for offer in deals:
        left: int = offer.left  # type: ignore[attr-defined]  # annotated by running_deals
        if left > 0:
            before = here.get(offer.variant_id, NOTHING)
            here[offer.variant_id] = before._replace(deal=offer, deal_left=left)
    return here, deals


def shelf_of(show: Show, *, number: int | None = None) -> Shelf:
    """Everything that a show sells, at its prices; with `number` only what that item needs to go on air."""
    found = items_of(show)
    items = list(found if number is None else found.filter(number=number))
    here, deals = offers_of(show)
    return Shelf(show, items, rows_of(item.product_id for item in items), here, deals)
