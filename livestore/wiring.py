"""The one page where one app's facts become another app's announcements.

The relay hands over a batch of facts as they lie in the outbox; `translate` says who hears what. The rules:

- An event that describes items, prices or deals is built here, from what the database says now, and not when
  the fact was written. So a later event never says something older than an earlier one, and whatever changes
  after this reading has a fact of its own that comes later. The log's order is the order of truth.
- What is told several times in a batch is told once, where its last fact lies.
- Stock goes to every open room that sells the variant, with the variant's own `rev`.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from django.conf import settings
from django.db import DatabaseError

from accounts.models import User
from livestore.base.clock import milliseconds
from livestore.base.outbox import PendingFact
from livestore.base.tracing import bound, joined
from livestore.batch import FEW_ORDERS, Batch, trace_of
from shop.carts.selectors import cart_value
from streams.room.announcements import Announcement, Job, Kick, ToPerson, ToRoom, Written
from streams.room.protocol import EVENTS, CloseCode
from streams.room.protocol.events import (
    CartUpdated,
    DealEnded,
    DealStarted,
    ItemChanged,
    ItemPinned,
    ItemStock,
    OrderPlaced,
    OrdersPlaced,
    OrderUpdated,
    StockChanged,
)
from streams.room.protocol.values import SoldValue
from streams.shows.selectors import deal_of, deals_on

log = logging.getLogger(__name__)

PAY = "shop.payments.tasks.pay"
DELIVER = "shop.gateway.tasks.deliver"
SETTLE = "shop.payments.tasks.settle"
NAMES = 3
"""So many buyers are named when a room hears of many orders at once."""


class UnknownFact(Exception):
    """Somebody records a kind of fact that nobody is told about: a mistake in the program."""


def translate(facts: Sequence[PendingFact]) -> list[Announcement]:
    """What to announce about these facts, in order. Reads the database, writes nothing.

    In production a fact that can not be told is logged and left out, so that it never holds up the others;
    elsewhere it raises. Database errors always raise: the relay tries the same batch again.
    """
    batch = Batch(facts)
    said: list[Announcement] = []
    for place, fact in enumerate(batch.facts):
        try:
            rule = RULES.get(fact.kind)
            if rule is None:
                raise UnknownFact(fact.kind)
            said += rule(batch, place, fact)
        except DatabaseError:
            raise
        except Exception:
            if not settings.PRODUCTION:
                raise
            with bound(trace_of(fact)):
                log.exception("fact %s (%s) can not be told", fact.id, fact.kind)
    return said


def _items(batch: Batch, place: int, fact: PendingFact, slug: str) -> list[Announcement]:
    """The whole run of show again, once for a batch."""
    shelf = batch.shelf(slug) if batch.tells(place, "items", slug) else None
    if shelf is None:
        return []
    pinned = None if shelf.on_air is None else shelf.detail(shelf.on_air)
    event = ItemChanged(items=shelf.summaries(), pinned=pinned, deals=deals_on(shelf))
    return [_to_room(fact, slug, event, batch.show_rev(slug, place))]


def _to_room(fact: PendingFact, slug: str, event: Any, rev: int | None) -> ToRoom:
    return ToRoom(slug=slug, event=event, rev=rev, outbox_id=fact.id, at=milliseconds(fact.at))


def _to_person(
    fact: PendingFact, person: int | None, event: Any, rev: int | None = None
) -> list[Announcement]:
    if person is None:
        raise ValueError(f"{fact.kind} without a person")
    return [ToPerson(user=person, event=event, rev=rev, at=milliseconds(fact.at))]


# ---- the shop's facts


def stock_changed(batch: Batch, place: int, fact: PendingFact) -> list[Announcement]:
    """The newest stock of a variant, and of the items it belongs to, to every open room that sells it."""
    data = fact.data
    said: list[Announcement] = []
    if batch.tells(place, "stock", data["variant"]):
        facts = batch.of("shop.stock_changed")
        newest = max(
            (each.data for each in facts if each.data["variant"] == data["variant"]),
            key=lambda each: each["rev"],
        )
        rooms = {line.slug for line in batch.selling if data["variant"] in line.variants}
        for slug in sorted(rooms):
            deal = newest.get("deals", {}).get(slug)
            event = StockChanged(
                variant=data["variant"],
                left=newest["left"],
                deal_left=deal["left"] if deal else None,
            )
            said.append(_to_room(fact, slug, event, newest["rev"]))
    return said + _counts(batch, place, fact, batch.products.get(data["variant"]))


def _counts(batch: Batch, place: int, fact: PendingFact, product: int | None) -> list[Announcement]:
    """What is left of a product's items, all variants together, in every open room that sells it."""
    if product is None or not batch.tells(place, "count", product):
        return []
    return [
        _to_room(
            fact,
            line.slug,
            ItemStock(product=product, variant=line.variant, left=line.count.left),
            line.count.rev,
        )
        for line in batch.selling
        if line.product == product
    ]


def product_changed(batch: Batch, place: int, fact: PendingFact) -> list[Announcement]:
    """Names, texts and prices: the run of show again, in every open room that sells the product."""
    product = fact.data["product"]
    said: list[Announcement] = []
    for slug in sorted({line.slug for line in batch.selling if line.product == product}):
        said += _items(batch, place, fact, slug)
    return said + _counts(batch, place, fact, product)


def offer_started(batch: Batch, place: int, fact: PendingFact) -> list[Announcement]:
    """A flash deal begins in its room; a show price changes what the run of show says."""
    return _offer(batch, place, fact, running=True)


def offer_ended(batch: Batch, place: int, fact: PendingFact) -> list[Announcement]:
    return _offer(batch, place, fact, running=False)


def _offer(batch: Batch, place: int, fact: PendingFact, *, running: bool) -> list[Announcement]:
    if fact.data["kind"] == "show_price":
        return _items(batch, place, fact, fact.channel)
    shelf = batch.shelf(fact.channel)
    deal = deal_of(fact.data["offer"], shelf, running=running) if shelf else None
    if deal is None:
        return []
    deal = deal.model_copy(update={"rev": fact.data["rev"]})
    event = DealStarted(deal=deal) if running else DealEnded(deal=deal)
    return [_to_room(fact, fact.channel, event, fact.data["rev"])]


def order_placed(batch: Batch, place: int, fact: PendingFact) -> list[Announcement]:
    """The room hears that somebody bought, the buyer's other windows get the order, and payment begins: for
    all orders of the batch together.
    """
    data = fact.data
    said: list[Announcement] = []
    if fact.channel in batch.shows:
        if batch.sold[fact.channel] <= FEW_ORDERS:
            event = OrderPlaced(name=data["name"], simulated=data["simulated"], lines=data["lines"])
            said.append(_to_room(fact, fact.channel, event, None))
        elif batch.tells(place, "sold", fact.channel):
            said.append(_many_sold(batch, fact))
    said += _order(batch, place, fact, data["user"])
    if batch.tells(place, "pay"):
        placed = [each.data for each in batch.of("shop.order_placed")]
        requests = joined(each.get("request", "") for each in placed)
        said.append(Job(PAY, ([each["id"] for each in placed],), request=requests))
    return said


def _many_sold(batch: Batch, last: PendingFact) -> ToRoom:
    """All orders of the batch in one room as one event: nobody reads three hundred names in a second."""
    facts = [each for each in batch.of("shop.order_placed") if each.channel == last.channel]
    units: Counter[int] = Counter()
    for each in facts:
        for line in each.data["lines"]:
            units[line["variant"]] += line["quantity"]
    names = dict.fromkeys(each.data["name"] for each in reversed(facts))
    event = OrdersPlaced(
        orders=len(facts),
        simulated=sum(each.data["simulated"] for each in facts),
        units=units.total(),
        lines=[SoldValue(variant=key, quantity=count) for key, count in units.most_common()],
        names=list(names)[:NAMES],
    )
    ids = dict.fromkeys(each.id for each in facts)
    return ToRoom(last.channel, event, outbox_id=tuple(ids), at=milliseconds(last.at))


def order_updated(batch: Batch, place: int, fact: PendingFact) -> list[Announcement]:
    return _order(batch, place, fact, fact.person)


def _order(batch: Batch, place: int, fact: PendingFact, buyer: int | None) -> list[Announcement]:
    """An order as it is now, to its buyer only."""
    value = batch.orders.get(fact.data["order"])
    if value is None or not batch.tells(place, "order", fact.data["order"]):
        return []
    return _to_person(fact, buyer, Written(OrderUpdated, {"order": value}), value["rev"])


def cart_updated(batch: Batch, place: int, fact: PendingFact) -> list[Announcement]:
    if not batch.tells(place, "cart", fact.person):
        return []
    user = None if fact.person is None else User.objects.filter(pk=fact.person).first()
    if user is None:
        return []
    event = CartUpdated.model_validate({"cart": cart_value(user)})
    return _to_person(fact, fact.person, event, event.cart.rev)


def webhook_due(batch: Batch, place: int, fact: PendingFact) -> list[Announcement]:
    return [Job(DELIVER)] if batch.tells(place, "deliver") else []


def webhooks_taken(batch: Batch, place: int, fact: PendingFact) -> list[Announcement]:
    return [Job(SETTLE)] if batch.tells(place, "settle") else []


# ---- people


def signed_out(batch: Batch, place: int, fact: PendingFact) -> list[Announcement]:
    """Logged out, new password, account closed: every socket of this person closes."""
    return [Kick(user=fact.data["user"], code=CloseCode.WHO_ARE_YOU)]


# ---- shows


def event(batch: Batch, place: int, fact: PendingFact) -> list[Announcement]:
    """A finished event, written by a show's command."""
    told = EVENTS[fact.data["type"]].model_validate(fact.data["data"])
    return [_to_room(fact, fact.channel, told, fact.data.get("rev"))]


def item_pinned(batch: Batch, place: int, fact: PendingFact) -> list[Announcement]:
    """What goes on air, with its prices and stock. Left out when the number is gone meanwhile: then the
    run of show has changed, which is told next.
    """
    detail = batch.on_air(fact.channel, fact.data["number"])
    if detail is None:
        return []
    return [_to_room(fact, fact.channel, ItemPinned(item=detail), fact.data["rev"])]


def items_changed(batch: Batch, place: int, fact: PendingFact) -> list[Announcement]:
    return _items(batch, place, fact, fact.channel)


def direct(batch: Batch, place: int, fact: PendingFact) -> list[Announcement]:
    told = EVENTS[fact.data["type"]].model_validate(fact.data["data"])
    return _to_person(fact, fact.person, told, fact.data.get("rev"))


def banned(batch: Batch, place: int, fact: PendingFact) -> list[Announcement]:
    if fact.person is None:
        raise ValueError("a ban without a person")
    return [Kick(user=fact.person, code=CloseCode.NOT_ALLOWED, slug=fact.channel)]


RULES: dict[str, Callable[[Batch, int, PendingFact], list[Announcement]]] = {
    "shop.stock_changed": stock_changed,
    "shop.product_changed": product_changed,
    "shop.offer_started": offer_started,
    "shop.offer_ended": offer_ended,
    "shop.order_placed": order_placed,
    "shop.order_updated": order_updated,
    "shop.cart_updated": cart_updated,
    "shop.webhook_due": webhook_due,
    "shop.webhooks_taken": webhooks_taken,
    "accounts.signed_out": signed_out,
    "streams.event": event,
    "streams.item_pinned": item_pinned,
    "streams.items_changed": items_changed,
    "streams.direct": direct,
    "streams.banned": banned,
}
