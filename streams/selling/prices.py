"""Offers follow the run of show while the show is on air: show prices, and no deal of what is not sold."""

from __future__ import annotations

from livestore.base.money import Money
from shop.catalogue.models import Variant
from shop.offers.models import Offer
from shop.offers.services import end_offer, start_show_prices, stop_show_prices
from streams.shows.models import Item, Show


def show_prices(show: Show) -> dict[int, Money]:
    """The show price of every variant that has one, by variant id in ascending order.

    A line for one variant counts for more than a line for its whole product.
    """
    priced = list(Item.objects.filter(show=show).order_by("position", "number"))
    of_product = {
        item.product_id: item.show_price(show.currency)
        for item in priced
        if item.variant_id is None
    }
    of_variant = {
        item.variant_id: item.show_price(show.currency)
        for item in priced
        if item.variant_id is not None
    }
    found: dict[int, Money] = {}
    variants = Variant.objects.filter(product_id__in=of_product) | Variant.objects.filter(
        pk__in=of_variant
    )
    for pk, product in variants.order_by("pk").values_list("pk", "product_id"):
        price = of_variant[pk] if pk in of_variant else of_product.get(product)
        if price is not None:
            found[pk] = price
    return found


def apply_show_prices(show: Show) -> None:
    """Open, change and end show prices so that they are what the run of show says.

    Runs inside the transaction of a command that holds the show's row lock. The offers' own facts make
    open rooms look at their prices again.
    """
    wanted = show_prices(show)
    running = set(
        Offer.objects.filter(
            channel=show.slug, kind=Offer.Kind.SHOW_PRICE, state=Offer.State.RUNNING
        ).values_list("variant_id", flat=True)
    )
    gone = running - wanted.keys()
    if gone:
        stop_show_prices(channel=show.slug, variant_ids=gone)
    if wanted:
        start_show_prices(channel=show.slug, prices=wanted)


def end_deals_of_what_left(show: Show) -> None:
    """End the running deals of variants that are not in the run of show any more.

    Runs as `apply_show_prices`, and before it: it locks stock rows, which come before offers.
    """
    items = list(Item.objects.filter(show=show).values_list("product_id", "variant_id"))
    products = {product for product, variant in items if variant is None}
    variants = {variant for _, variant in items if variant is not None}
    running = Offer.objects.filter(
        channel=show.slug, kind=Offer.Kind.DEAL, state=Offer.State.RUNNING
    ).order_by("variant_id")
    for pk, variant, product in running.values_list("pk", "variant_id", "variant__product_id"):
        if variant not in variants and product not in products:
            end_offer(offer_id=pk, reason=Offer.EndReason.HAND)
