"""Reading offers. What is read here is for showing; buying reads again under its locks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, Now

from livestore.base.money import Money
from shop.catalogue.models import Variant
from shop.offers.models import Offer
from shop.offers.pricing import price_of
from shop.stock.models import Hold


@dataclass(frozen=True, slots=True)
class Running:
    """The offers of one variant in one channel. `deal_left` are the deal's own unsold units, 0 without one."""

    show_price: Offer | None = None
    deal: Offer | None = None
    deal_left: int = 0

    def price(self, variant: Variant, quantity: int = 1) -> Money:
        """The unit price for `quantity` units: the deal's only if it has enough for all of them."""
        deal = self.deal if self.deal_left >= quantity else None
        return price_of(variant, self.show_price, deal)

    def most(self, shelf: int) -> int:
        """How many units one order can get, with `shelf` units left outside of the deal."""
        return max(shelf, self.deal_left)


NOTHING = Running()


def deals_with_left(offers: QuerySet[Offer] | None = None) -> QuerySet[Offer]:
    """Offers with `.left`: what a flash deal still has, 0 when it has ended or is no deal."""
    held = Hold.objects.filter(owner=Hold.Owner.DEAL, owner_id=OuterRef("pk")).values("quantity")
    chosen = Offer.objects.all() if offers is None else offers
    return chosen.annotate(left=Coalesce(Subquery(held[:1]), 0))


def running_offers(channel: str, variant_ids: Iterable[int]) -> dict[int, Running]:
    """What runs in a channel now (by the database's clock), by variant. Channel "" has no offers."""
    return {
        variant_id: running
        for (_, variant_id), running in running_in_channels([channel], variant_ids).items()
    }


def running_in_channels(
    channels: Iterable[str], variant_ids: Iterable[int]
) -> dict[tuple[str, int], Running]:
    """What runs now, by (channel, variant)."""
    names = {channel for channel in channels if channel}
    if not names:
        return {}
    offers = deals_with_left().filter(
        Q(ends_at__isnull=True) | Q(ends_at__gt=Now()),
        Q(kind=Offer.Kind.SHOW_PRICE) | Q(left__gt=0),
        channel__in=names,
        variant_id__in=set(variant_ids),
        state=Offer.State.RUNNING,
    )
    show_prices: dict[tuple[str, int], Offer] = {}
    deals: dict[tuple[str, int], Offer] = {}
    for offer in offers:
        kind = deals if offer.kind == Offer.Kind.DEAL else show_prices
        kind[offer.channel, offer.variant_id] = offer
    return {
        place: Running(
            show_prices.get(place),
            deals.get(place),
            deals[place].left if place in deals else 0,  # type: ignore[attr-defined]
        )
        for place in show_prices.keys() | deals.keys()
    }


def running_deals(channel: str) -> list[Offer]:
    """The flash deals that run in a channel, oldest first, each with `.left`, variant and product."""
    return list(
        deals_with_left()
        .filter(
            Q(ends_at__isnull=True) | Q(ends_at__gt=Now()),
            channel=channel,
            kind=Offer.Kind.DEAL,
            state=Offer.State.RUNNING,
        )
        .select_related("variant__product")
        .order_by("pk")
    )


def due_offers() -> QuerySet[Offer]:
    """Running offers whose time is up, the oldest first."""
    return Offer.objects.filter(
        state=Offer.State.RUNNING, ends_at__isnull=False, ends_at__lte=Now()
    ).order_by("ends_at")
