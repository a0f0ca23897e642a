"""Flash deals of a show. The shop keeps the offers; a show says who may make them, and of what."""

from __future__ import annotations

from django.db import transaction

from accounts.models import User
from livestore.base.errors import Invalid
from livestore.base.money import Money
from shop.catalogue.models import Variant
from shop.offers.models import Offer
from shop.offers.services import end_offer
from shop.offers.services import start_deal as start_offer
from streams.shows.errors import NoSuchDeal, NotInShow, ShowNotLive
from streams.shows.locking import lock_show
from streams.shows.models import Item, Show


def start_deal(
    *,
    show_slug: str,
    by: User,
    variant: int,
    price_minor: int,
    currency: str | None = None,
    units: int,
    per_buyer: int | None = None,
    seconds: int,
) -> Offer:
    """A flash deal on one variant of the run of show: its units are set aside, it ends by itself.

    Locks the show, then the variant's stock. The show's `rev` stays: what changes is the offer.
    Raises NoSuchShow, NotYourShow, ShowNotLive, NotInShow, Invalid (fields), and what the shop refuses:
    `deal_running`, `not_enough_stock` (data.left), `not_for_sale`.
    """
    with transaction.atomic():
        show = lock_show(show_slug, by=by)
        if not show.is_open:
            raise ShowNotLive
        chosen = Variant.objects.filter(pk=variant).first()
        if chosen is None or not _sells(show, chosen):
            raise NotInShow
        if currency not in {None, show.currency}:
            raise Invalid(fields={"price": f"This show sells in {show.currency}."})
        return start_offer(
            variant=chosen,
            channel=show.slug,
            price=Money(price_minor, show.currency),
            units=units,
            per_buyer=per_buyer,
            seconds=seconds,
        )


def stop_deal(*, show_slug: str, by: User, deal: int) -> Offer:
    """End a deal by hand; the rest of its units can be bought by everybody again.

    One that has ended meanwhile stays as it is. Raises NoSuchShow, NotYourShow, NoSuchDeal.
    """
    with transaction.atomic():
        show = lock_show(show_slug, by=by)
        if not Offer.objects.filter(pk=deal, channel=show.slug, kind=Offer.Kind.DEAL).exists():
            raise NoSuchDeal
        return end_offer(offer_id=deal, reason=Offer.EndReason.HAND)


def _sells(show: Show, variant: Variant) -> bool:
    items = Item.objects.filter(show=show, product=variant.product_id)
    return (items.filter(variant=None) | items.filter(variant=variant)).exists()
