"""Deciding one request against what the batch knows. Pure: it changes the batch in memory only.

A line takes units of the running deal if the deal has enough for all of it; else it is priced at the next
price and takes units from the shelf. An order of several lines is all or nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from livestore.base.errors import Invalid, KeyReused, LoginRequired, Refusal
from livestore.base.money import Money
from shop.checkout.batch import (
    Batch,
    Buyer,
    CartState,
    Good,
    NewBasket,
    NewLine,
    NewOrder,
    OfferState,
)
from shop.checkout.errors import (
    AddressNeeded,
    CardNeeded,
    MixedCurrencies,
    NotForSale,
    OverLimit,
    PriceChanged,
    SoldOut,
)
from shop.checkout.requests import Body, LineRequest, Placed, PlaceRequest
from shop.offers.pricing import price_of, shipping


@dataclass(slots=True)
class Choice:
    """Where the units of one line would come from, and what one costs."""

    asked: LineRequest
    good: Good
    unit: Money
    deal: OfferState | None  # its units are taken, or None: from the shelf
    offer: OfferState | None  # what made the price
    cart: CartState | None
    from_hold: int  # units that the buyer's own cart keeps
    enough: bool
    left: int  # the most one order of this buyer could get


def decide(batch: Batch, place: int) -> None:
    """Answer one request: a replay, a refusal, or a new order that later requests of the batch see."""
    request = batch.requests[place]
    body = batch.bodies[place]
    who = (request.user_id, request.key)
    standing = batch.earlier.get(who) if batch.earlier else None
    if standing is not None:
        if standing.body_hash == body.hash:
            batch.outcomes[place] = Placed(
                standing.order_id, standing.public_id, standing.total, replay=True
            )
        else:
            batch.outcomes[place] = KeyReused()
        return
    twin = batch.orders.get(who)
    if twin is not None:
        if twin.basket.body.hash == body.hash:
            twin.copies.append(place)
        else:
            batch.outcomes[place] = KeyReused()
        return
    try:
        batch.orders[who] = _order(batch, place, request, body)
    except Refusal as refusal:
        batch.outcomes[place] = refusal


def _order(batch: Batch, place: int, request: PlaceRequest, body: Body) -> NewOrder:
    """Raise why not, or take the units and return the order."""
    buyer = _buyer(batch, request)
    goods = _goods(batch, request)
    if body.address is None and not buyer.has_address:
        raise AddressNeeded()
    card = body.card or buyer.card
    if card is None:
        raise CardNeeded()
    choices = [
        _choose(batch, request, line, good) for line, good in zip(request.lines, goods, strict=True)
    ]
    for choice in choices:
        _check_limit(batch, buyer, choice)
    if any(not choice.enough for choice in choices):
        raise SoldOut(
            (choice.asked.variant, choice.left) for choice in choices if not choice.enough
        )
    changed = [
        choice for choice in choices if choice.asked.seen_price not in {None, choice.unit.minor}
    ]
    if changed:
        raise PriceChanged((choice.asked.variant, choice.unit) for choice in changed)
    for choice in choices:
        _take(batch, request, buyer, choice)
    return NewOrder(
        id=0,  # gets its own when it is written
        public_id=batch.public_ids.pop(),
        key=request.key,
        basket=_basket(batch, request, body, choices),
        placed_at=batch.now,
        expires_at=batch.expires_at,
        place=place,
        buyer=buyer,
        card=card,
        request_id=request.request_id,
    )


def _basket(batch: Batch, request: PlaceRequest, body: Body, choices: list[Choice]) -> NewBasket:
    """The basket of this body at these prices, made once in a batch."""
    channel = request.channel or _shared_channel(choices, request)
    alike = (
        body.hash,
        channel,
        *((choice.offer.id if choice.offer else 0, choice.unit.minor) for choice in choices),
    )
    basket = batch.baskets.get(alike)
    if basket is None:
        lines = [
            NewLine(
                variant=choice.asked.variant,
                title=choice.good.title,
                sku=choice.good.sku,
                quantity=choice.asked.quantity,
                unit=choice.unit,
                offer=choice.offer,
            )
            for choice in choices
        ]
        items = lines[0].total
        for line in lines[1:]:
            items += line.total
        sending = shipping(items.currency)
        number = len(batch.baskets) + 1
        basket = NewBasket(channel, lines, items, sending, items + sending, body, number)
        batch.baskets[alike] = basket
    return basket


def _buyer(batch: Batch, request: PlaceRequest) -> Buyer:
    buyer = batch.buyers.get(request.user_id)
    if buyer is None or not buyer.active:
        raise LoginRequired()
    return buyer


def _goods(batch: Batch, request: PlaceRequest) -> list[Good]:
    try:
        goods = [batch.goods[line.variant] for line in request.lines]
    except KeyError:
        missing = {
            f"lines.{place}.variant": "There is no such variant."
            for place, line in enumerate(request.lines)
            if line.variant not in batch.goods
        }
        raise Invalid(fields=missing) from None
    gone = [good.variant for good in goods if not good.for_sale]
    if gone:
        raise NotForSale(data={"lines": [{"variant": variant} for variant in gone]})
    if len(goods) > 1 and len({good.price.currency for good in goods}) > 1:
        raise MixedCurrencies("Please order things in different currencies one by one.")
    return goods


def _choose(batch: Batch, request: PlaceRequest, line: LineRequest, good: Good) -> Choice:
    cart = batch.carts.get((request.user_id, line.variant))
    channel = cart.channel if cart and request.from_cart else request.channel
    currency = good.price.currency
    deal = batch.deals.get((channel, line.variant))
    if deal is not None and deal.price.currency != currency:
        deal = None
    show_price = batch.show_prices.get((channel, line.variant))
    if show_price is not None and show_price.price.currency != currency:
        show_price = None
    stock = batch.stocks.get(line.variant)
    shelf = stock.left if stock else 0
    held = cart.held if cart else 0
    most = max(shelf + held, deal.left if deal else 0)
    if deal is not None and deal.left >= line.quantity:
        from_hold = min(held, line.quantity) if request.from_cart else 0
        unit = price_of(good, show_price, deal)
        return Choice(line, good, unit, deal, deal, cart, from_hold, True, most)
    # A cart that is checked out uses what it keeps; buying now leaves that alone while the shelf has enough.
    wanted = line.quantity if request.from_cart else max(0, line.quantity - shelf)
    unit = price_of(good, show_price)
    enough = shelf + held >= line.quantity
    return Choice(line, good, unit, None, show_price, cart, min(held, wanted), enough, most)


def _check_limit(batch: Batch, buyer: Buyer, choice: Choice) -> None:
    deal = choice.deal
    if deal is None or deal.per_buyer is None:
        return
    have = batch.uses.get((deal.id, buyer.id), 0)
    if have + choice.asked.quantity > deal.per_buyer:
        raise OverLimit(variant=choice.asked.variant, per_buyer=deal.per_buyer, have=have)


def _take(batch: Batch, request: PlaceRequest, buyer: Buyer, choice: Choice) -> None:
    """Move the units: from the deal, the buyer's cart or the shelf to the order."""
    quantity = choice.asked.quantity
    stock = batch.stocks[choice.asked.variant]
    batch.sold.add(stock.pk)
    if choice.deal is not None:
        deal = choice.deal
        deal.left -= quantity
        deal.sold += quantity
        deal.touched = True
        if deal.per_buyer is not None:
            use = (deal.id, buyer.id)
            batch.uses[use] = batch.uses.get(use, 0) + quantity
            batch.used.add(use)
        stock.reserved -= choice.from_hold  # the cart does not need them any more
    else:
        stock.reserved += quantity - choice.from_hold
    cart = choice.cart
    if cart is not None and (request.from_cart or choice.from_hold):
        cart.held -= choice.from_hold
        cart.quantity -= quantity if request.from_cart else choice.from_hold
        cart.touched = True


def _shared_channel(choices: list[Choice], request: PlaceRequest) -> str:
    """Where a cart was filled, if it was one place."""
    if not request.from_cart:
        return ""
    places = {choice.cart.channel if choice.cart else "" for choice in choices}
    return places.pop() if len(places) == 1 else ""
