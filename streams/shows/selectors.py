"""Reading shows: who may do what, lists for pages, and the state of a room."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from django.db import connection, transaction
from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Now

from accounts.models import User
from shop.offers.models import Offer
from shop.offers.pricing import price_of
from shop.offers.selectors import deals_with_left
from streams.room.protocol.events import Event, ItemStock, StockChanged
from streams.room.protocol.values import DealValue, ItemDetail, ItemSummary
from streams.shows.errors import NoSuchItem, NoSuchShow
from streams.shows.locking import may_run
from streams.shows.models import Item, Show
from streams.shows.shelf import NOTHING, Shelf, Tally, deal_value, rows_of, shelf_of, tally
from streams.shows.values import show_value

__all__ = [
    "StockLine",
    "consistent",
    "deals",
    "ended_shows",
    "is_open",
    "item_detail",
    "item_summaries",
    "latest_values",
    "live_shows",
    "may_see",
    "role_of",
    "room_state",
    "rooms_selling",
    "show_by_slug",
    "show_value",
    "shows_in",
    "shows_of",
    "upcoming_shows",
]

Role = Literal["viewer", "moderator", "host"]
# Rooms that people can be in and that still change: their stock and prices are kept up to date.
OPEN = (Show.State.SCHEDULED, Show.State.LIVE, Show.State.PAUSED)


# ---- one show, and who somebody is in it


def show_by_slug(slug: str) -> Show:
    """The show with its host and pinned item; raises NoSuchShow."""
    show = Show.objects.select_related("host", "pinned").filter(slug=slug).first()
    if show is None:
        raise NoSuchShow
    return show


def role_of(show: Show, user: User | None) -> Role:
    """What somebody may do in a room: the host (and any admin) everything, moderators tend the chat."""
    if user is None or not user.is_active:
        return "viewer"
    if may_run(show, user):
        return "host"
    if show.moderators.filter(pk=user.pk).exists():
        return "moderator"
    return "viewer"


def may_see(show: Show, user: User | None, *, invited: bool = False) -> bool:
    """A draft is seen by its host, its moderators, admins and holders of a ticket for it (`invited`);
    everything else by everybody."""
    return show.state != Show.State.DRAFT or invited or role_of(show, user) != "viewer"


def is_open(slug: str) -> bool:
    """Whether the show is on air, a break included."""
    return Show.objects.filter(slug=slug, state__in=(Show.State.LIVE, Show.State.PAUSED)).exists()


# ---- lists


def _listed() -> QuerySet[Show]:
    return Show.objects.select_related("host").annotate(item_count=Count("items"))


def live_shows() -> QuerySet[Show]:
    """Shows on air, the newest first. Each has `item_count`."""
    return _listed().filter(state__in=[Show.State.LIVE, Show.State.PAUSED]).order_by("-started_at")


def upcoming_shows() -> QuerySet[Show]:
    """Announced shows, the next one first; those without a time at the end."""
    return _listed().filter(state=Show.State.SCHEDULED).order_by("scheduled_for", "id")


def ended_shows() -> QuerySet[Show]:
    """Shows that are over, the latest first."""
    return _listed().filter(state=Show.State.ENDED).order_by("-ended_at", "-id")


def shows_of(host: User) -> QuerySet[Show]:
    """Everything a host has planned or run, drafts too, the newest first; all shows for an admin."""
    found = _listed().order_by("-id")
    return found if host.is_staff else found.filter(host=host)


def shows_in(state: str, user: User | None) -> QuerySet[Show]:
    """The list for one state; `draft` are somebody's own, "" is everything but drafts."""
    match state:
        case "live":
            return live_shows()
        case "paused":
            return live_shows().filter(state=Show.State.PAUSED)
        case "scheduled":
            return upcoming_shows()
        case "ended":
            return ended_shows()
        case "draft":
            own = _listed().none() if user is None else shows_of(user)
            return own.filter(state=Show.State.DRAFT)
    return _listed().exclude(state=Show.State.DRAFT).order_by("-id")


# ---- the state of a room


@contextlib.contextmanager
def consistent() -> Iterator[None]:
    """One REPEATABLE READ, read-only transaction: everything read inside is of the same moment.

    Inside a transaction that has already begun its level can not change any more; it is used as it is.
    """
    nested = connection.in_atomic_block
    with transaction.atomic():
        if not nested:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def room_state(show: Show | str) -> dict[str, Any]:
    """The database's part of `room.snapshot`: `show`, `pinned`, `items`, `deals` as protocol models.

    Read in one transaction of one moment. Raises NoSuchShow.
    """
    slug = show if isinstance(show, str) else show.slug
    with consistent():
        fresh = show_by_slug(slug)
        shelf = shelf_of(fresh)
        on_air = shelf.on_air
        return {
            "show": show_value(fresh),
            "pinned": None if on_air is None else shelf.detail(on_air),
            "items": shelf.summaries(),
            "deals": deals_on(shelf),
        }


def item_summaries(show: Show) -> list[ItemSummary]:
    """The run of show, in its order."""
    return shelf_of(show).summaries()


def item_detail(item: Item) -> ItemDetail:
    """One item with its variants, prices and stock."""
    detail = shelf_of(item.show).detail(item.number)
    if detail is None:
        raise NoSuchItem
    return detail


def deals_on(shelf: Shelf) -> list[DealValue]:
    """The running flash deals of a show, oldest first."""
    return [_deal_on(shelf, offer) for offer in shelf.deals]


def _deal_on(shelf: Shelf, offer: Offer, *, running: bool | None = None) -> DealValue:
    here = shelf.here.get(offer.variant_id, NOTHING)
    mine = here.deal is not None and here.deal.pk == offer.pk
    return deal_value(
        offer,
        number=shelf.number_of(offer.variant_id, offer.variant.product_id),
        was=price_of(offer.variant, here.show_price),
        left=here.deal_left if mine else 0,
        running=running,
    )


def deals(show: Show) -> list[DealValue]:
    """The running flash deals of a show."""
    return deals_on(shelf_of(show))


def deal_of(offer_id: int, shelf: Shelf, *, running: bool) -> DealValue | None:
    """One deal of a show, as running or as ended, with what it has left and the price without it."""
    offer = (
        Offer.objects.select_related("variant__product")
        .filter(pk=offer_id, channel=shelf.show.slug, kind=Offer.Kind.DEAL)
        .first()
    )
    if offer is None:
        return None
    return _deal_on(shelf, offer, running=running)


def latest_values(show_slug: str) -> list[tuple[Event, int]]:
    """The current LATEST values that PostgreSQL knows, with their `rev`, to fill an empty room again.

    What is left of every item, and the stock of the variants that a snapshot shows one by one.
    """
    with consistent():
        show = show_by_slug(show_slug)
        shelf = shelf_of(show)
        found: list[tuple[Event, int]] = []
        for item in shelf.items:
            count = shelf.tally(item)
            line = ItemStock(product=item.product_id, variant=item.variant_id, left=count.left)
            found.append((line, count.rev))
        pinned = shelf.by_number[shelf.on_air] if shelf.on_air is not None else None
        wanted = {row.id for row in shelf.rows_of(pinned)} if pinned else set()
        wanted |= shelf.deal_left.keys()
        for rows in shelf.rows.values():
            for row in rows:
                if row.id in wanted:
                    event = StockChanged(
                        variant=row.id, left=row.left, deal_left=shelf.deal_left.get(row.id)
                    )
                    found.append((event, row.stock_rev))
        return found


# ---- which rooms are concerned


@dataclass(frozen=True, slots=True)
class StockLine:
    """A room that sells a product, or one variant of it (`variant`), and what is left of that together.

    variants  the ids of what the line sells
    """

    slug: str
    product: int
    variant: int | None
    variants: frozenset[int]
    count: Tally


def rooms_selling(products: Iterable[int]) -> list[StockLine]:
    """Where these products are sold: open rooms only, in four queries for any number of rooms and products."""
    wanted = set(products)
    if not wanted:
        return []
    lines = list(
        Item.objects.filter(product_id__in=wanted, show__state__in=OPEN)
        .order_by("show__slug", "product_id", "variant_id")
        .distinct()
        .values_list("show__slug", "product_id", "variant_id", "product__rev")
    )
    if not lines:
        return []
    rows = rows_of({product for _, product, _, _ in lines})
    ids = [row.id for each in rows.values() for row in each]
    offers = Offer.objects.filter(
        Q(ends_at__isnull=True) | Q(ends_at__gt=Now()),
        channel__in={slug for slug, *_ in lines},
        variant_id__in=ids,
        kind=Offer.Kind.DEAL,
        state=Offer.State.RUNNING,
    )
    deal_left: dict[str, dict[int, int]] = {}
    for offer in deals_with_left(offers):
        left: int = offer.left  # type: ignore[attr-defined]  # annotated
        deal_left.setdefault(offer.channel, {})[offer.variant_id] = left
    found = []
    for slug, product, variant, product_rev in lines:
        mine = [row for row in rows.get(product, []) if variant in (None, row.id)]
        count = tally(product_rev, mine, deal_left.get(slug, {}))
        ids_here = frozenset(row.id for row in mine)
        found.append(StockLine(slug, product, variant, ids_here, count))
    return found
