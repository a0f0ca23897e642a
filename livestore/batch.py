"""Facts that are announced together: what was read for all of them, and where each subject is told.

A batch is read once, by a fixed number of queries for any number of facts (and one list for each room whose
run of show changed). Several facts about one subject, such as the stock of a variant, are told once: where
the last of them lies.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from livestore.base.outbox import PendingFact
from livestore.base.tracing import Trace
from shop.models import Variant
from shop.orders.values import order_values
from streams.models import Show
from streams.room.protocol.values import ItemDetail
from streams.shows.selectors import StockLine, rooms_selling
from streams.shows.shelf import Shelf, shelf_of

OF_ORDERS = {"shop.order_placed", "shop.order_updated"}
OF_THE_SHOW = {"streams.event", "streams.item_pinned", "streams.items_changed"}
MERGED = {"shop.orders_placed": "shop.order_placed", "shop.orders_updated": "shop.order_updated"}
"""Facts about many orders (`data.orders`, each with its `user`) and what each of them would be alone."""
FEW_ORDERS = 5
"""So many orders of a room in one batch are told one by one; more become one event."""


def weight(fact: PendingFact) -> int:
    """How many things a row of the outbox tells."""
    return len(fact.data["orders"]) if fact.kind in MERGED else 1


def trace_of(fact: PendingFact) -> Trace:
    """Where a fact comes from, for log lines about it."""
    return Trace(str(fact.data.get("request", "")), fact.channel, fact.person)


def apart(facts: Sequence[PendingFact]) -> Iterator[PendingFact]:
    """Facts about many orders as facts about one order each; they keep the id of their row."""
    for fact in facts:
        if fact.kind not in MERGED:
            yield fact
            continue
        kind = MERGED[fact.kind]
        for data in fact.data["orders"]:
            yield PendingFact(fact.id, kind, fact.channel, data["user"], data, fact.at)


@dataclass
class Batch:
    """Facts that are told together, and what was read for all of them."""

    facts: Sequence[PendingFact]
    shelves: dict[str, Shelf] = field(default_factory=dict)
    last: dict[tuple[Any, ...], int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.facts = list(apart(self.facts))
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
                return [("pay",), ("sold", fact.channel), ("order", data["order"])]
            case "shop.webhook_due":
                return [("deliver",)]
            case "shop.webhooks_taken":
                return [("settle",)]
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

    def on_air(self, slug: str, number: int) -> ItemDetail | None:
        """What goes on air: one item, without reading all the others for it."""
        show = self.shows.get(slug)
        if show is None:
            return None
        shelf = self.shelves.get(slug) or shelf_of(show, number=number)
        return shelf.detail(number, on_air=True)

    @cached_property
    def orders(self) -> dict[str, dict[str, Any]]:
        """Every order that changed, as its buyer sees it now."""
        ids = {fact.data["order"] for fact in self.facts if fact.kind in OF_ORDERS}
        return order_values(ids)

    @cached_property
    def sold(self) -> Counter[str]:
        """How many orders were placed in each room."""
        return Counter(fact.channel for fact in self.of("shop.order_placed"))

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
