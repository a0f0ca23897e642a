"""Shows as cards on pages: title, host, the product in front and three thumbnails."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import F, Window
from django.db.models.functions import RowNumber
from redis.exceptions import RedisError

from shop.catalogue.models import Product
from shop.catalogue.pictures import picture_url
from streams.room.presence import counts
from streams.shows.models import Item, Show
from streams.video.replay.selectors import clock_face, lengths
from streams.video.stills import stills_of

THUMBS = 4


@dataclass(slots=True)
class ShowCard:
    """`cover` is the product on air, else the first of the run of show; `still` the picture of the show itself, where
    it is or was filmed; `replay` how long its recording is, "" without one. `people` is None when nobody knows."""

    show: Show
    items: int
    cover: str | None = None
    cover_alt: str = ""
    thumbs: list[str] = field(default_factory=list)
    people: int | None = None
    still: str | None = None
    replay: str = ""

    @property
    def is_live(self) -> bool:
        return self.show.is_open


def show_cards(
    shows: Iterable[Show], *, with_people: bool = False, covers: set[str | None] | None = None
) -> list[ShowCard]:
    """Cards in the given order; five queries for any number of shows, and one look at each live room.

    covers: pictures that other cards of the page show already; grows by those of these cards
    """
    used = set() if covers is None else covers
    listed = list(shows)
    pinned = {show.pinned_id for show in listed if show.pinned_id}
    items: dict[int, list[Item]] = {}
    first = (
        Item.objects.filter(show__in=listed)
        .annotate(
            place=Window(
                RowNumber(),
                partition_by=F("show"),
                order_by=[F("position").asc(), F("number").asc()],
            )
        )
        .filter(place__lte=THUMBS)
        .values_list("pk", flat=True)
    )
    wanted = Item.objects.filter(pk__in={*first, *pinned}).select_related(
        "product__category", "variant"
    )
    for item in wanted.prefetch_related("product__pictures").order_by("position", "number"):
        items.setdefault(item.show_id, []).append(item)
    cards = [_card(show, items.get(show.pk, []), used, with_people) for show in listed]
    stills = stills_of(listed)
    replays = lengths(listed)
    for card in cards:
        card.still = stills.get(card.show.pk)
        card.replay = clock_face(replays[card.show.pk]) if card.show.pk in replays else ""
    return cards


def _card(show: Show, items: list[Item], covers: set[str | None], with_people: bool) -> ShowCard:
    """`covers` are those of the cards before: two shows that begin with the same product look different."""
    card = ShowCard(show, int(getattr(show, "item_count", len(items))))
    pictures = {item.pk: picture_url(item.product, item.variant) for item in items}
    front = next((item for item in items if item.pk == show.pinned_id), None) or next(
        (item for item in items if pictures[item.pk] not in covers), items[0] if items else None
    )
    if front is not None:
        card.cover = pictures[front.pk]
        card.cover_alt = front.product.title
        covers.add(card.cover)
    rest = [pictures[item.pk] for item in items if item is not front]
    card.thumbs = [url for url in rest if url][:3]
    if with_people and card.is_live:
        card.people = people_in(show.slug)
    return card


def people_in(slug: str) -> int | None:
    """How many watch, simulated people too; None while Valkey is away."""
    try:
        return sum(counts(slug).values())
    except RedisError:
        return None


def shows_with(product: Product) -> list[dict[str, Any]]:
    """Shows on air or coming up that have a product: the card and its number there, live ones first."""
    found = (
        Item.objects.filter(
            product=product,
            show__state__in=[Show.State.LIVE, Show.State.PAUSED, Show.State.SCHEDULED],
        )
        .select_related("show__host")
        .order_by("show_id", "position")
    )
    numbers: dict[int, int] = {}
    shows: dict[int, Show] = {}
    for item in found:
        numbers.setdefault(item.show_id, item.number)
        shows[item.show_id] = item.show
    order = sorted(
        shows.values(),
        key=lambda show: (
            not show.is_open,
            show.scheduled_for is None,
            show.scheduled_for,
            show.pk,
        ),
    )
    return [{"card": card, "number": numbers[card.show.pk]} for card in show_cards(order[:6])]
