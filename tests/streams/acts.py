"""What can happen in the two shows of a `World`, as one call each."""

from __future__ import annotations

import uuid

from shop.checkout.placement import place_many
from shop.checkout.requests import LineRequest, PlaceRequest
from streams.room import log
from streams.room.announcements import ToRoom
from streams.room.encoding import text_of
from streams.room.protocol.events import (
    ChatDeleted,
    ChatMessage,
    ItemRequested,
    RoomCounts,
)
from streams.room.protocol.values import PersonValue
from streams.selling import services as selling
from streams.shows import services
from streams.shows.services import ItemSpec
from tests.streams.world import EVENING, World, run


def buy(world: World, variant: int, quantity: int = 1, slug: str = EVENING) -> None:
    line = LineRequest(variant, quantity)
    place_many([PlaceRequest(world.mina.pk, uuid.uuid4(), (line,), channel=slug)])


def buy_many(world: World, variant: int, orders: int, slug: str = EVENING) -> None:
    """So many orders in one transaction: the room hears of them at once."""
    line = LineRequest(variant, 1)
    place_many(
        [PlaceRequest(world.mina.pk, uuid.uuid4(), (line,), channel=slug) for _ in range(orders)]
    )


def plan(world: World, slug: str, *specs: ItemSpec) -> None:
    services.set_items(show=world.show(slug), by=world.hana, items=specs)


def start_deal(world: World, variant: int, slug: str = EVENING, units: int = 3) -> int:
    offer = selling.start_deal(
        show_slug=slug,
        by=world.hana,
        variant=variant,
        price_minor=500,
        units=units,
        per_buyer=3,
        seconds=600,
    )
    return offer.pk


def say(world: World, text: str, number: int | None = None, slug: str = EVENING) -> int:
    person = PersonValue(id=world.mina.pk, name=world.mina.name)
    event = ChatMessage(user=person, text=text, number=number)
    run_append(world, ToRoom(slug, event, at=1_700_000_000_000))
    return log.view_sync(slug).top.top


def run_append(world: World, item: ToRoom) -> None:
    world.say([item])


def take_back(world: World, seq: int, slug: str = EVENING) -> None:
    person = PersonValue(id=world.mina.pk, name=world.mina.name)
    gone = ChatMessage(user=person, text="", deleted=True)
    tombstone = text_of(gone, at=1_700_000_000_000, seq=seq)
    run(log.replace(slug, ChatDeleted(seq=seq, by="host"), tombstone, 1_700_000_000_000))
    world.hear()


def ask(world: World, number: int, slug: str = EVENING) -> None:
    person = PersonValue(id=world.mina.pk, name=world.mina.name)
    world.say([ToRoom(slug, ItemRequested(number=number, total=0, user=person))])


def count(world: World, people: int, slug: str = EVENING) -> None:
    world.say([ToRoom(slug, RoomCounts(people=people, simulated=0))])


def react(world: World, slug: str = EVENING) -> None:
    run(log.react(slug, {"heart": 2}, 1_700_000_000_000))
    world.hear()
