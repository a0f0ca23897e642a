"""Starting and ending offers: show prices and flash deals.

All may be called inside the caller's transaction (a show's command) and are one transaction otherwise.
Locks: stock rows of the deals' variants in primary-key order, then offers in primary-key order.
Starting and ending in one channel at the same moment is put in order by the caller (streams lock the show).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from django.db import IntegrityError, transaction

from livestore.base.clock import database_now
from livestore.base.errors import Invalid, NotFound
from livestore.base.money import Money
from livestore.base.outbox import record
from shop.catalogue.models import Product, Variant
from shop.offers.ending import close, lock_offers
from shop.offers.errors import DealRunning, MixedCurrencies, NotForSale
from shop.offers.facts import offer_started
from shop.offers.models import Offer
from shop.offers.returning import release_orders, return_orders
from shop.offers.selectors import due_offers
from shop.stock import ledger
from shop.stock.errors import NotEnoughStock
from shop.stock.facts import stock_facts
from shop.stock.models import Hold

__all__ = [
    "end_channel",
    "end_due_offers",
    "end_offer",
    "release_orders",
    "return_orders",
    "start_deal",
    "start_show_price",
    "start_show_prices",
    "stop_show_prices",
]

HIGHEST_PRICE = 100_000_000
LONGEST_DEAL = 86_400


def start_show_price(*, variant: Variant, channel: str, price: Money) -> Offer:
    """The price of one variant in a channel until it is replaced or the channel ends."""
    return start_show_prices(channel=channel, prices={variant.pk: price})[0]


@transaction.atomic
def start_show_prices(*, channel: str, prices: Mapping[int, Money]) -> list[Offer]:
    """Show prices by variant id, in the order of `prices`. A running one with the same price stays.

    Raises Invalid (price, channel), NotFound (variant), MixedCurrencies.
    """
    _need_channel(channel)
    variants = {each.pk: each for each in Variant.objects.filter(pk__in=prices)}
    for variant_id, price in prices.items():
        if variant_id not in variants:
            raise NotFound("This variant does not exist.")
        _check_price(price, variants[variant_id])
    running = Offer.objects.filter(
        channel=channel,
        variant_id__in=prices,
        kind=Offer.Kind.SHOW_PRICE,
        state=Offer.State.RUNNING,
    )
    before = {each.variant_id: each for each in lock_offers(running.values_list("pk", flat=True))}
    stays = {
        variant_id: offer
        for variant_id, offer in before.items()
        if offer.state == Offer.State.RUNNING and offer.price == prices[variant_id]
    }
    replaced = [offer for variant_id, offer in before.items() if variant_id not in stays]
    # What replaces them is announced as started; their end would say the same once more.
    close(replaced, reason=Offer.EndReason.REPLACED, now=database_now(), stocks={})
    started = Offer.objects.bulk_create(
        Offer(
            variant=variants[variant_id],
            channel=channel,
            kind=Offer.Kind.SHOW_PRICE,
            currency=price.currency,
            price_minor=price.minor,
        )
        for variant_id, price in prices.items()
        if variant_id not in stays
    )
    record(offer_started(offer) for offer in started)
    now_running = stays | {offer.variant_id: offer for offer in started}
    return [now_running[variant_id] for variant_id in prices]


@transaction.atomic
def stop_show_prices(*, channel: str, variant_ids: set[int]) -> list[Offer]:
    """These variants have their own price again in this channel."""
    running = Offer.objects.filter(
        channel=channel,
        variant_id__in=variant_ids,
        kind=Offer.Kind.SHOW_PRICE,
        state=Offer.State.RUNNING,
    )
    offers = lock_offers(running.values_list("pk", flat=True))
    record(close(offers, reason=Offer.EndReason.HAND, now=database_now(), stocks={}))
    return offers


@transaction.atomic
def start_deal(
    *,
    variant: Variant,
    channel: str,
    price: Money,
    units: int,
    per_buyer: int | None = None,
    seconds: int | None = None,
) -> Offer:
    """A flash deal: its units are reserved from now on, and only its buyers get them.

    seconds  how long it runs at most, None until it is stopped or sold out
    Raises Invalid (fields), NotForSale, MixedCurrencies, DealRunning, NotEnoughStock (`data.left`).
    """
    _need_channel(channel)
    fields: dict[str, str] = {}
    if not 1 <= units <= 1_000_000:
        fields["units"] = "A deal has at least one unit."
    if per_buyer is not None and not 1 <= per_buyer <= 1_000_000:
        fields["per_buyer"] = "The limit for each buyer is at least 1, or none at all."
    if seconds is not None and not 1 <= seconds <= LONGEST_DEAL:
        fields["seconds"] = "A deal runs between a second and a day."
    if fields:
        raise Invalid(fields=fields)
    stock = ledger.lock_stock([variant.pk]).get(variant.pk)
    now = database_now()
    fresh = Variant.objects.select_related("product").get(pk=variant.pk)
    _check_price(price, fresh)
    if fresh.product.status != Product.Status.ACTIVE:
        raise NotForSale()
    if stock is None:
        raise NotEnoughStock(0)
    facts = []
    running = Offer.objects.filter(
        variant=fresh, channel=channel, kind=Offer.Kind.DEAL, state=Offer.State.RUNNING
    )
    for before in lock_offers(running.values_list("pk", flat=True)):
        if before.state == Offer.State.RUNNING and not is_over(before, now):
            raise DealRunning(data={"deal": before.pk})
        # Its time was up and the sweep has not come by yet.
        facts += close([before], reason=Offer.EndReason.TIME, now=now, stocks={stock.pk: stock})
    if units > stock.left:
        raise NotEnoughStock(stock.left)
    try:
        with transaction.atomic():
            offer = Offer.objects.create(
                variant=fresh,
                channel=channel,
                kind=Offer.Kind.DEAL,
                currency=price.currency,
                price_minor=price.minor,
                units=units,
                per_buyer=per_buyer,
                starts_at=now,
                ends_at=None if seconds is None else now + dt.timedelta(seconds=seconds),
            )
    except IntegrityError as problem:
        raise DealRunning() from problem
    ledger.set_hold(stock, owner=Hold.Owner.DEAL, owner_id=offer.pk, quantity=units)
    ledger.write_stock([stock])
    record([*facts, *stock_facts([stock]), offer_started(offer)])
    return offer


@transaction.atomic
def end_offer(*, offer_id: int, reason: str = Offer.EndReason.HAND) -> Offer:
    """End one offer; one that has ended already stays as it is. Raises NotFound."""
    found = Offer.objects.filter(pk=offer_id).first()
    if found is None:
        raise NotFound("There is no such offer.")
    deals = {found.variant_id} if found.kind == Offer.Kind.DEAL else set()
    stocks = ledger.lock_stock(deals)
    [offer] = lock_offers([offer_id])
    ended = close([offer], reason=reason, now=database_now(), stocks=stocks)
    if ended:
        ledger.write_stock(stocks.values())
        record([*stock_facts(stocks), *ended])
    return offer


@transaction.atomic
def end_channel(*, channel: str, reason: str = Offer.EndReason.CHANNEL) -> list[Offer]:
    """End every offer of a channel, in the transaction that ends the show. Returns those that ended."""
    running = Offer.objects.filter(channel=channel, state=Offer.State.RUNNING)
    stocks = ledger.lock_stock(
        running.filter(kind=Offer.Kind.DEAL).values_list("variant_id", flat=True)
    )
    offers = [
        offer
        for offer in lock_offers(running.values_list("pk", flat=True))
        if offer.state == Offer.State.RUNNING
    ]
    ended = close(offers, reason=reason, now=database_now(), stocks=stocks)
    ledger.write_stock(stocks.values())
    record([*stock_facts(stocks), *ended])
    return offers


@transaction.atomic
def end_due_offers(*, limit: int = 200) -> int:
    """End offers whose time is up; rows that somebody else has locked wait for the next sweep."""
    due = due_offers().values_list("pk", "variant_id")[:limit]
    by_offer = dict(due)
    stocks = ledger.lock_stock(by_offer.values(), skip_locked=True)
    offers = lock_offers(pk for pk, variant_id in by_offer.items() if variant_id in stocks)
    now = database_now()
    over = [offer for offer in offers if offer.state == Offer.State.RUNNING and is_over(offer, now)]
    ended = close(over, reason=Offer.EndReason.TIME, now=now, stocks=stocks)
    touched = [stocks[variant_id] for variant_id in sorted({offer.variant_id for offer in over})]
    if ended:
        ledger.write_stock(touched)
        record([*stock_facts(touched), *ended])
    return len(ended)


def is_over(offer: Offer, now: dt.datetime) -> bool:
    """Whether the time of an offer is up at `now` (the database's clock)."""
    return offer.ends_at is not None and offer.ends_at <= now


def _need_channel(channel: str) -> None:
    if not channel or len(channel) > 120:
        raise Invalid(fields={"channel": "An offer belongs to a show."})


def _check_price(price: Money, variant: Variant) -> None:
    if price.currency != variant.currency:
        raise MixedCurrencies(f"This is sold in {variant.currency}, not in {price.currency}.")
    if not 0 <= price.minor <= HIGHEST_PRICE:
        raise Invalid(fields={"price": "This price can not be used."})
