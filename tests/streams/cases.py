"""Stories of two shows, as cases of (frames, fresh snapshot) for every reducer: this one and the browser's.

`python -m pytest tests/streams/test_snapshot_equals_events.py` runs them; `as_json` writes them down for Chromium.
"""

from __future__ import annotations

import contextlib
import copy
import dataclasses
import json
import random
import uuid
from collections.abc import Callable, Iterable

from livestore.base.errors import Refusal
from livestore.base.money import Money
from shop.carts import services as carts
from shop.catalogue import services as catalogue
from shop.models import CartLine, Offer, Order
from shop.offers.services import end_due_offers
from shop.orders import services as orders
from shop.stock.services import post_movement
from streams.chat import services as chat
from streams.selling import services as selling
from streams.shows import services
from streams.shows.services import ItemSpec
from streams.video.captions import services as captions
from tests.streams.acts import ask, buy, buy_many, count, plan, react, say, start_deal, take_back
from tests.streams.world import EVENING, MORNING, Case, World

# What an event type says that no snapshot shows: nothing to compare.
STATELESS = {"order.placed", "orders.placed", "caption.said", "room.reactions"}


def as_json(cases: Iterable[Case]) -> str:
    """Cases as a JSON list of {"name", "frames", "expected", "expected_me"}."""
    return json.dumps([dataclasses.asdict(case) for case in cases])


def a_whole_show(world: World) -> list[Case]:
    """Every event type at least once, with newcomers along the way."""
    hana = world.hana
    rosewood, plum, kettle = world.variant(0, 0).pk, world.variant(0, 1).pk, world.variant(2).pk
    world.enter(EVENING, world.mina)
    world.enter(MORNING)
    say(world, "Good evening")
    services.pin(show_slug=EVENING, by=hana, number=1)
    ask(world, 2)
    ask(world, 2)
    asked = say(world, "Number two please", number=2)
    world.relay()
    take_back(world, asked)
    world.enter(EVENING)
    start_deal(world, rosewood)
    buy(world, rosewood)
    world.relay(2)
    count(world, 3)
    react(world)
    world.enter(EVENING)
    buy(world, rosewood, 2)
    world.relay()
    services.pin(show_slug=EVENING, by=hana, number=2)
    world.relay()
    ask(world, 1)
    carts.add(user=world.mina, variant=plum, quantity=2, channel=EVENING, key=uuid.uuid4())
    world.relay(1)
    chat.mute(show_slug=EVENING, by=hana.pk, user=world.mina.pk)
    services.unpin(show_slug=EVENING, by=hana)
    services.host_gone(show_slug=EVENING)
    world.enter(EVENING, world.mina)
    world.relay()
    services.pin(show_slug=MORNING, by=hana, number=2)
    captions.say(show_slug=EVENING, by=hana, text="Back in a minute")
    deal = start_deal(world, kettle, MORNING, units=2)
    buy(world, kettle, 4, EVENING)
    selling.stop_deal(show_slug=MORNING, by=hana, deal=deal)
    services.update_show(show_slug=EVENING, by=hana, title="A later evening")
    world.relay()
    buy_many(world, world.variant(3).pk, 6)
    world.relay()
    orders.cancel(order=Order.objects.latest("id"), by=world.mina)
    services.pause(show_slug=MORNING, by=hana)
    world.relay(1)
    services.end(show_slug=EVENING, by=hana)
    return world.cases("a whole show")


def prices_and_plans_change_under_a_deal(world: World) -> list[Case]:
    """Show prices, renumbering, new titles and list prices while an item with a deal is on air."""
    hana, rosewood = world.hana, world.variant(0, 0)
    lipstick, bonnet, kettle, cable = (product.pk for product in world.goods)
    services.pin(show_slug=EVENING, by=hana, number=1)
    deal = start_deal(world, rosewood.pk)
    world.relay()
    world.enter(EVENING)
    plan(
        world,
        EVENING,
        ItemSpec(number=4, product=bonnet, show_price=888),
        ItemSpec(number=1, product=lipstick, show_price=999),
        ItemSpec(number=2, product=cable),
        ItemSpec(number=7, variant=rosewood.pk, show_price=950),
    )
    world.relay(1)
    world.enter(EVENING)
    catalogue.update_variant(variant=rosewood, by=None, price=Money(1500, "EUR"))
    services.pause(show_slug=EVENING, by=hana)
    world.relay(3)
    catalogue.update_product(product=world.goods[0], by=None, title="Velvet lipstick")
    services.resume(show_slug=EVENING, by=hana)
    services.pin(show_slug=EVENING, by=hana, number=7)
    world.relay(2)
    selling.stop_deal(show_slug=EVENING, by=hana, deal=deal)
    world.relay(2)
    # Number 1 is given to something whose counters are far lower.
    plan(
        world,
        EVENING,
        ItemSpec(number=1, product=kettle, show_price=4000),
        ItemSpec(number=4, product=bonnet),
    )
    world.relay()
    buy(world, world.variant(2).pk, 1, EVENING)
    return world.cases("prices and plans change under a deal")


def a_list_is_told_before_what_its_show_said_earlier(world: World) -> list[Case]:
    """A price is announced while a new title and a pin still wait: both must count when they come."""
    hana = world.hana
    world.enter(EVENING)
    catalogue.update_variant(variant=world.variant(0), by=None, price=Money(1700, "EUR"))
    services.update_show(show_slug=EVENING, by=hana, title="A later evening")
    services.pin(show_slug=EVENING, by=hana, number=1)
    world.relay(1)
    return world.cases("a list is told before what its show said earlier")


def everything_is_sold_and_comes_back(world: World) -> list[Case]:
    """Sold out by a deal, by carts and by orders; holds end, orders are cancelled, boxes arrive."""
    hana, bonnet = world.hana, world.variant(1)
    services.pin(show_slug=EVENING, by=hana, number=2)
    world.enter(EVENING, world.mina)
    world.enter(MORNING)
    start_deal(world, bonnet.pk, units=4)
    carts.add(user=world.theo, variant=bonnet.pk, quantity=2, channel="", key=uuid.uuid4())
    world.relay()
    buy(world, bonnet.pk, 3)
    world.relay(2)
    world.enter(EVENING)
    Offer.objects.filter(kind="deal").update(ends_at="2020-01-01T00:00Z")
    end_due_offers()
    buy(world, bonnet.pk, 1)
    world.relay()
    line = CartLine.objects.get()
    carts.remove(user=world.theo, line=line.pk)
    world.relay(1)
    orders.cancel(order=Order.objects.earliest("id"), by=world.mina)
    post_movement(variant=bonnet, kind="received", quantity=5, reason="a box came", by=None)
    services.next_item(show_slug=EVENING, by=hana)
    return world.cases("everything is sold and comes back")


def a_new_epoch(world: World) -> list[Case]:
    """The room's log is gone in the middle: everybody begins again, with a snapshot."""
    hana = world.hana
    world.enter(EVENING)
    services.pin(show_slug=EVENING, by=hana, number=1)
    world.relay()
    for name in world._valkey.scan_iter("room:*"):
        world._valkey.delete(name)
    services.pin(show_slug=EVENING, by=hana, number=2)
    buy(world, world.variant(1).pk, 2)
    world.relay()
    services.unpin(show_slug=EVENING, by=hana)
    return world.cases("a new epoch")


def chance(seed: int, steps: int = 60) -> Callable[[World], list[Case]]:
    """Anything that may happen, in any order; facts are announced late and in batches of any size."""

    def story(world: World) -> list[Case]:
        dice = random.Random(seed)
        hana = world.hana
        products = [product.pk for product in world.goods]
        variants = [world.variant(0, 0), world.variant(0, 2), world.variant(1), world.variant(2)]

        def slug() -> str:
            return dice.choice((EVENING, MORNING))

        def variant() -> int:
            return dice.choice(variants).pk

        def replan() -> None:
            chosen = dice.sample(products, dice.randint(1, 4))
            specs = [
                ItemSpec(
                    number=dice.choice((number, number + 10)),
                    product=product,
                    show_price=dice.choice((None, 700, 800)),
                )
                for number, product in enumerate(chosen, start=1)
            ]
            plan(world, slug(), *specs)

        def stop_any_deal() -> None:
            for offer in Offer.objects.filter(kind="deal", state="running")[:1]:
                selling.stop_deal(show_slug=offer.channel, by=hana, deal=offer.pk)

        def cancel_any() -> None:
            for order in Order.objects.filter(status="pending").order_by("?")[:1]:
                orders.cancel(order=order, by=world.mina)

        acts: list[Callable[[], object]] = [
            lambda: services.pin(show_slug=slug(), by=hana, number=dice.randint(1, 4)),
            lambda: services.pin(show_slug=slug(), by=hana, number=dice.randint(1, 4)),
            lambda: services.next_item(show_slug=slug(), by=hana),
            lambda: services.unpin(show_slug=slug(), by=hana),
            lambda: services.pause(show_slug=slug(), by=hana),
            lambda: services.resume(show_slug=slug(), by=hana),
            lambda: services.host_gone(show_slug=slug()),
            lambda: services.host_back(show_slug=slug()),
            lambda: services.update_show(
                show_slug=slug(), by=hana, title=f"Evening {dice.randint(1, 99)}"
            ),
            replan,
            lambda: start_deal(world, variant(), slug(), dice.randint(1, 4)),
            lambda: start_deal(world, variant(), slug(), dice.randint(1, 4)),
            stop_any_deal,
            lambda: buy(world, variant(), dice.randint(1, 3), slug()),
            lambda: buy(world, variant(), dice.randint(1, 3), slug()),
            lambda: carts.add(
                user=world.theo, variant=variant(), quantity=1, channel=slug(), key=uuid.uuid4()
            ),
            cancel_any,
            lambda: post_movement(
                variant=dice.choice(variants),
                kind="received",
                quantity=dice.randint(1, 5),
                reason="a box came",
                by=None,
            ),
            lambda: catalogue.update_variant(
                variant=dice.choice(variants), by=None, price=Money(dice.randint(900, 1900), "EUR")
            ),
            lambda: catalogue.update_product(
                product=dice.choice(world.goods), by=None, title=f"Thing {dice.randint(1, 99)}"
            ),
            lambda: ask(world, dice.randint(1, 3), slug()),
            lambda: say(world, f"line {dice.randint(1, 99)}", slug=slug()),
        ]
        for _ in range(steps):
            with contextlib.suppress(Refusal):
                dice.choice(acts)()
            luck = dice.random()
            if luck < 0.45:
                world.relay(dice.randint(1, 6))
            if luck < 0.12:
                world.enter(slug(), dice.choice((None, world.mina)))
            if world.viewers and luck > 0.7:
                dice.choice(world.viewers).flush()
        return world.cases(f"chance {seed}")

    return story


STORIES: list[Callable[[World], list[Case]]] = [
    a_whole_show,
    prices_and_plans_change_under_a_deal,
    a_list_is_told_before_what_its_show_said_earlier,
    everything_is_sold_and_comes_back,
    a_new_epoch,
    *(chance(seed) for seed in range(1, 7)),
]


_recorded: dict[Callable[[World], list[Case]], list[Case]] = {}


def recorded(story: Callable[[World], list[Case]], world: World) -> list[Case]:
    """A story's cases. It is played once in a process: both reducers read the same recording."""
    if story not in _recorded:
        _recorded[story] = story(world)
    return copy.deepcopy(_recorded[story])
