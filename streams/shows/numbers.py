"""How a show is doing, for the people who run it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Count, Q
from django.db.models.functions import TruncMinute

from livestore.base.clock import database_now, milliseconds
from shop.offers.models import Offer
from shop.orders.models import Order
from shop.orders.selectors import sales_of
from streams.models import ArchivedEvent
from streams.room import log, presence
from streams.shows.models import Show
from streams.shows.shelf import shelf_of
from streams.shows.values import moment

WINDOW = 60
"""Minutes of the trend."""
LOW = 5
"""From this many units on an item is worth a warning."""


def show_numbers(show: Show) -> dict[str, Any]:
    """Everything the console shows on top.

    orders, units, gmv       paid sales of real people; `simulated` holds the same of simulated ones
    viewers                  {people, simulated} in the room now
    requests                 {number: how often it was asked for since it was on air}
    orders_per_minute        60 counts of orders placed by anybody, oldest first; the last is the running minute
    simulated                also has `orders_per_minute`: how many of these were simulated buyers'
    since                    when the first of these minutes began, in milliseconds
    markers                  [{at, kind: "pin"|"deal"|"deal_end", number?, deal?}] in that time
    stock_alarms             [{number, title, left}] with five or fewer left
    """
    now = database_now()
    since = now.replace(second=0, microsecond=0) - dt.timedelta(minutes=WINDOW - 1)
    sales = sales_of(show.slug, currency=show.currency)
    everybody, simulated = orders_per_minute(show.slug, since)
    return {
        **sales,
        "simulated": {**sales["simulated"], "orders_per_minute": simulated},
        "currency": show.currency,
        "viewers": presence.counts(show.slug),
        "requests": log.requests(show.slug),
        "orders_per_minute": everybody,
        "since": milliseconds(since),
        "now": milliseconds(now),
        "markers": markers(show, since),
        "stock_alarms": stock_alarms(show),
    }


def orders_per_minute(channel: str, since: dt.datetime) -> tuple[list[int], list[int]]:
    """Orders placed in a channel in each of the 60 minutes from `since` (a whole minute) on: all of them,
    and those of simulated buyers among them.
    """
    counted = (
        Order.objects.filter(channel=channel, placed_at__gte=since)
        .values_list(TruncMinute("placed_at"), "is_simulated")
        .annotate(count=Count("id"))
        .order_by()
    )
    everybody, simulated = [0] * WINDOW, [0] * WINDOW
    for minute, is_simulated, count in counted:
        place = int((minute - since).total_seconds() // 60)
        if 0 <= place < WINDOW:
            everybody[place] += count
            simulated[place] += count if is_simulated else 0
    return everybody, simulated


def markers(show: Show, since: dt.datetime) -> list[dict[str, Any]]:
    """When something was pinned and when deals began and ended, in order of time.

    Pins are in the archive; those younger than its last batch are known from the items themselves.
    """
    pins = {
        (event.data["item"]["number"], milliseconds(event.at))
        for event in ArchivedEvent.objects.filter(show=show, type="item.pinned", at__gte=since)
    }
    latest: dict[int, int] = {}
    for number, at in pins:
        latest[number] = max(at, latest.get(number, 0))
    young = show.items.filter(shown_at__gte=since).values_list("number", "shown_at")
    for number, shown_at in young:
        # The event carries the time of its fact, a moment after the row's.
        at = moment(shown_at) or 0
        if at > latest.get(number, 0):
            pins.add((number, at))
    found: list[dict[str, Any]] = [{"at": at, "kind": "pin", "number": n} for n, at in pins]
    offers = Offer.objects.filter(
        Q(starts_at__gte=since) | Q(ended_at__gte=since), channel=show.slug, kind=Offer.Kind.DEAL
    )
    for offer in offers:
        if offer.starts_at >= since:
            found.append({"at": milliseconds(offer.starts_at), "kind": "deal", "deal": offer.pk})
        if offer.ended_at is not None:
            found.append({"at": milliseconds(offer.ended_at), "kind": "deal_end", "deal": offer.pk})
    return sorted(found, key=lambda each: each["at"])


def stock_alarms(show: Show) -> list[dict[str, Any]]:
    """What is nearly or wholly gone, the emptiest first."""
    low = [line for line in shelf_of(show).summaries() if line.left <= LOW]
    return [
        {"number": line.number, "title": line.title, "left": line.left}
        for line in sorted(low, key=lambda line: (line.left, line.number))
    ]
