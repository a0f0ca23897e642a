"""From rows to the values of the room's protocol."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from accounts.models import User
from livestore.base.clock import milliseconds
from livestore.base.money import Money
from shop.catalogue.html import plain
from shop.offers.pricing import shipping
from streams.room.protocol.values import MoneyValue, PersonValue, ShowValue
from streams.shows.models import Show

DESCRIPTION_LIMIT = 2000


def money_value(money: Money) -> MoneyValue:
    return MoneyValue(minor=money.minor, currency=money.currency)


def moment(at: dt.datetime | None) -> int | None:
    return None if at is None else milliseconds(at)


def host_value(user: User) -> PersonValue:
    return PersonValue(id=user.pk, name=user.name, simulated=user.is_simulated, role="host")


def show_value(show: Show) -> ShowValue:
    """The show's own facts; needs `host` loaded to spare a query."""
    return ShowValue(
        slug=show.slug,
        title=show.title,
        description=show.description,
        state=show.state,
        host=host_value(show.host),
        currency=show.currency,
        mood=show.mood,
        scheduled_for=moment(show.scheduled_for),
        started_at=moment(show.started_at),
        ended_at=moment(show.ended_at),
        host_away_since=moment(show.host_away_since),
        shipping=money_value(shipping(show.currency)),
        rev=show.rev,
    )


def plain_text(markup: str) -> str:
    """A product's HTML in words: rooms show text, never markup."""
    return plain(markup)[:DESCRIPTION_LIMIT]


def item_states(lines: Iterable[tuple[int, int, bool]], on_air: int | None) -> dict[int, str]:
    """The `state` of each number, from (number, left, shown) in the order of the run of show.

    sold_out comes first: it is what a buyer must know, on air or not. The first number that is none of
    the others is `next`.
    """
    states: dict[int, str] = {}
    next_found = False
    for number, left, shown in lines:
        if left <= 0:
            states[number] = "sold_out"
        elif number == on_air:
            states[number] = "on_air"
        elif shown:
            states[number] = "shown"
        elif not next_found:
            states[number] = "next"
            next_found = True
        else:
            states[number] = "waiting"
    return states
