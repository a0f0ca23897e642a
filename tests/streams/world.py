"""Two shows that sell the same things, their rooms in Valkey, and viewers who write down every frame.

Everything is real but the process borders: services write facts, `translate` and `publish` do the relay's part
in batches of any size, the frames come from the rooms' own publications. LATEST values reach a viewer late and
only the newest of a key, as a hub sends them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import orjson
import redis
from django.conf import settings
from django.db import transaction

from accounts.models import User
from livestore.base.outbox import OutboxRow
from livestore.wiring import translate
from shop.models import Product, Variant
from streams.models import Restriction, Show
from streams.room import log, valkey
from streams.room.announce import publish
from streams.room.announcements import Kick, ToPerson, ToRoom
from streams.room.encoding import text_of
from streams.room.me import me_snapshot
from streams.room.person import Person
from streams.room.snapshot import state_sync
from streams.shows import services
from tests import cast
from tests.streams.reducer import Json
from tests.streams.relaying import pending

T = TypeVar("T")
# Not the names of any demo: publications are not divided by Valkey database.
EVENING, MORNING = "world-evening", "world-morning"
END = f"{settings.PUBLISH_SPACE}:test:end"


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run async code to its end in a loop of its own, and close what it opened."""

    async def whole() -> T:
        try:
            return await work
        finally:
            await valkey.close()

    return asyncio.run(whole())


@dataclass
class Case:
    """What a viewer received, and what a fresh snapshot says afterwards. Plain JSON."""

    name: str
    frames: list[Json]
    expected: Json
    expected_me: Json | None = None


@dataclass
class Viewer:
    """Writes down frames. `person` also hears what is for this person only."""

    slug: str
    person: User | None
    epoch: str = ""
    frames: list[Json] = field(default_factory=list)
    late: dict[str, Json] = field(default_factory=dict)

    def hear(self, events: Sequence[Json]) -> None:
        if events:
            self.frames.append({"epoch": self.epoch, "events": list(events)})

    def flush(self) -> None:
        """What a hub held back is sent."""
        self.hear(list(self.late.values()))
        self.late.clear()


class World:
    """`evening` and `morning` are both on the air; `goods` are sold in both, under different numbers."""

    def __init__(self) -> None:
        self.hana = cast.hana()
        self.mina = cast.mina()
        self.theo = cast.theo()
        self.goods = [
            cast.product("lipstick", shades=("Rosewood", "Plum", "Coral"), stock=9),
            cast.product("bonnet", stock=6),
            cast.product("kettle", price=4900, stock=4),
            cast.product("cable", price=900, stock=30),
        ]
        cast.show(self.hana, *self.goods[:3], slug=EVENING)
        cast.show(self.hana, *reversed(self.goods), slug=MORNING)
        services.start(show_slug=EVENING, by=self.hana)
        services.start(show_slug=MORNING, by=self.hana)
        self.viewers: list[Viewer] = []
        self.epochs: dict[str, str] = {}
        self._valkey = redis.Redis.from_url(settings.REDIS_URL)
        self._news = self._valkey.pubsub(ignore_subscribe_messages=True)
        self._news.subscribe(END, *(log.news(slug) for slug in (EVENING, MORNING)))
        self.relay()

    def close(self) -> None:
        self._news.close()
        self._valkey.close()

    # ---- things

    def show(self, slug: str = EVENING) -> Show:
        return Show.objects.get(slug=slug)

    def variant(self, product: int = 0, position: int = 0) -> Variant:
        return Product.objects.get(pk=self.goods[product].pk).variants.get(position=position)

    # ---- viewers

    def enter(self, slug: str = EVENING, person: User | None = None) -> Viewer:
        """Somebody comes in, whatever still waits in the outbox."""
        viewer = Viewer(slug, person)
        self._begin(viewer)
        if person is not None:
            viewer.hear([self.me(viewer)])
        self.viewers.append(viewer)
        return viewer

    def _begin(self, viewer: Viewer) -> None:
        view, data = state_sync(viewer.slug)
        viewer.epoch = self.epochs[viewer.slug] = view.top.epoch
        viewer.late.clear()
        first = {"type": "room.snapshot", "at": 0, "data": data, "seq": view.top.top}
        viewer.hear([first, *(orjson.loads(value.text) for value in view.latest.values())])

    def me(self, viewer: Viewer) -> Json:
        assert viewer.person is not None
        muted = Restriction.objects.filter(
            show__slug=viewer.slug, user=viewer.person, kind=Restriction.Kind.MUTE
        ).exists()
        person = Person(id=viewer.person.pk, name=viewer.person.name, muted=muted)
        event: Json = orjson.loads(me_snapshot(person))
        return event

    # ---- the relay

    def relay(self, most: int | None = None) -> None:
        """Announce the oldest `most` facts (all when None) as one batch."""
        facts = pending()[:most]
        with transaction.atomic():
            said = translate(facts)
            OutboxRow.objects.filter(pk__in=[fact.id for fact in facts]).delete()
        self.say([each for each in said if isinstance(each, ToRoom)])
        for each in said:
            if isinstance(each, ToPerson):
                self._tell(each)
            assert not isinstance(each, Kick)

    def say(self, items: Sequence[ToRoom]) -> None:
        """Put events into their rooms' logs; every viewer hears them."""
        if items:
            run(publish(items))
        self.hear()

    def hear(self) -> None:
        """Take everything that the rooms have published so far: up to a mark that is published now."""
        self._valkey.publish(END, "")
        while True:
            message = self._news.get_message(timeout=10)
            if message is None:
                continue  # the answer to a subscription
            if message["channel"].decode() == END:
                return
            slug = next(s for s in (EVENING, MORNING) if message["channel"].decode() == log.news(s))
            head, _, rest = message["data"].partition(b"\n")
            self._publication(slug, head[2:].decode(), rest.split(b"\n") if rest else [])

    def _publication(self, slug: str, epoch: str, lines: Sequence[bytes]) -> None:
        logged = [orjson.loads(line.split(b" ", 2)[2]) for line in lines if line[:1] == b"L"]
        latest = [line.split(b" ", 4) for line in lines if line[:1] == b"V"]
        for viewer in self.viewers:
            if viewer.slug != slug:
                continue
            if viewer.epoch != epoch:
                self._begin(viewer)
            viewer.hear(logged)
            for _, _, _, key, text in latest:
                viewer.late[key.decode()] = orjson.loads(text)

    def _tell(self, item: ToPerson) -> None:
        event = orjson.loads(text_of(item.event, at=item.at, rev=item.rev))
        for viewer in self.viewers:
            if viewer.person is not None and viewer.person.pk == item.user:
                viewer.hear([event])

    # ---- the end

    def cases(self, name: str) -> list[Case]:
        """Everything is announced; one case for each viewer."""
        while pending():
            self.relay()
        self.hear()
        found = []
        for number, viewer in enumerate(self.viewers, start=1):
            viewer.flush()
            _, expected = state_sync(viewer.slug)
            me = self.me(viewer)["data"] if viewer.person else None
            label = f"{name}, viewer {number} in {viewer.slug}"
            found.append(Case(label, viewer.frames, orjson.loads(orjson.dumps(expected)), me))
        return found
