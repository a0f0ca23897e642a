"""Facts that are announced together: what was read for all of them, and where each subject is told.

A batch is read once, by a fixed number of queries for any number of facts (and one list for each room whose
run of show changed). Several facts about one subject, such as the stock of a variant, are told once: where
the last of them lies.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from livestore.base.outbox import PendingFact
from shop.models import Variant
from shop.orders.selectors import order_value, orders_by_public_ids
from streams.models import Show
from streams.shows.selectors import StockLine, rooms_selling
from streams.shows.shelf import Shelf, shelf_of

OF_ORDERS = {"shop.order_placed", "shop.order_updated"}
OF_THE_SHOW = {"streams.event", "streams.item_pinned", "streams.items_changed"}


@dataclass
class Batch:
    """Facts that are told together, and what was read for all of them."""

    facts: Sequence[PendingFact]
    shelves: dict[str, Shelf] = field(default_factory=dict)
    last: dict[tuple[Any, ...], int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for place, fact in enumerate(self.facts):
            for subject in self._subjects(fact):
                self.last[subject] = place

    def _subjects(self, fact: PendingFact) -> list[tuple[Any, ...]]:
        """What a fact makes somebody tell anew; only its last place in the batch tells it."""
        data = fact.data
        match fact.kind:
            case "shop.order_updated":
                return [("order", data["order"])]
            case "shop.cart_updated":
                return [("cart", fact.person)]
            case "shop.order_placed":
                return [("pay",), ("order", data["order"])]
            case "shop.webhook_due":
                return [("deliver",)]
            case "shop.stock_changed":
                return [
                    ("stock", data["variant"]),
                    ("count", self.products.get(data["variant"])),
                ]
            case "shop.product_changed":
                return [
                    ("product", data["product"]),
                    ("count", data["product"]),
                    *(
                        ("items", line.slug)
                        for line in self.selling
                        if line.product == data["product"]
                    ),
                ]
            case "streams.items_changed":
                return [("items", fact.channel)]
            case "shop.offer_started" | "shop.offer_ended" if data["kind"] == "show_price":
                return [("items", fact.channel)]
        return []

    def tells(self, place: int, *subject: Any) -> bool:
        """Whether this is the place in the batch where the subject is told."""
        return self.last.get(subject) == place

    def of(self, kind: str) -> list[PendingFact]:
        return [fact for fact in self.facts if fact.kind == kind]

    @cached_property
    def products(self) -> dict[int, int]:
        """The product of each variant whose stock changed."""
        ids = {fact.data["variant"] for fact in self.of("shop.stock_changed")}
        if not ids:
            return {}
        return dict(Variant.objects.filter(pk__in=ids).values_list("pk", "product_id"))

    @cached_property
    def selling(self) -> list[StockLine]:
        """Open rooms that sell anything whose stock, price or text changed."""
        changed = {fact.data["product"] for fact in self.of("shop.product_changed")}
        return rooms_selling(changed | set(self.products.values()))

    @cached_property
    def shows(self) -> dict[str, Show]:
        """Every show that a fact of this batch happened in or concerns."""
        slugs = {fact.channel for fact in self.facts} | {line.slug for line in self.selling}
        found = Show.objects.select_related("host", "pinned").filter(slug__in=slugs - {""})
        return {show.slug: show for show in found}

    def shelf(self, slug: str) -> Shelf | None:
        """What a show sells, read once for the whole batch."""
        if slug not in self.shelves and slug in self.shows:
            self.shelves[slug] = shelf_of(self.shows[slug])
        return self.shelves.get(slug)

    @cached_property
    def orders(self) -> dict[str, dict[str, Any]]:
        """Every order that changed, as its buyer sees it now."""
        ids = {fact.data["order"] for fact in self.facts if fact.kind in OF_ORDERS}
        return {order.public_id: order_value(order) for order in orders_by_public_ids(ids)}

    def show_rev(self, slug: str, place: int) -> int | None:
        """The show's `rev` as far as its room has been told at this place of the batch, if this batch says so.

        A list of items told for another reason than the show itself must not carry a `rev` that the room
        has not heard of yet: clients would take the show's own next event for an old one.
        """
        told = [
            fact.data["rev"]
            for fact in self.facts[: place + 1]
            if fact.channel == slug and fact.kind in OF_THE_SHOW and fact.data.get("rev")
        ]
        return max(told, default=None)
