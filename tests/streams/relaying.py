"""The relay's part in tests of facts: take what lies in the outbox, as one batch or as several, and translate it."""

from __future__ import annotations

from collections.abc import Iterable

from livestore.base.outbox import OutboxRow, PendingFact
from livestore.wiring import translate
from streams.models import Show
from streams.room.announcements import Announcement, ToRoom
from streams.shows import services
from tests import cast


def shows(count: int = 2) -> list[Show]:
    """Shows that all sell the same bonnet; the first is live."""
    hana, bonnet = cast.hana(), cast.product("bonnet", shades=("Rosewood", "Plum"))
    made = [cast.show(hana, bonnet, slug=f"show-{n}") for n in range(count)]
    services.start(show_slug="show-0", by=hana)
    told()
    return made


def pending() -> list[PendingFact]:
    """Everything in the outbox, in its order."""
    return [
        PendingFact(
            id=row.pk,
            kind=row.kind,
            channel=row.channel,
            person=row.person,
            data=row.data,
            at=row.created_at,
        )
        for row in OutboxRow.objects.order_by("id")
    ]


def take() -> list[PendingFact]:
    """Empty the outbox."""
    facts = pending()
    OutboxRow.objects.filter(pk__in=[fact.id for fact in facts]).delete()
    return facts


def told() -> list[Announcement]:
    """What is announced about everything that happened since the last call, as one batch."""
    return translate(take())


def room_events(said: Iterable[Announcement], slug: str) -> list[ToRoom]:
    """What a room hears."""
    return [each for each in said if isinstance(each, ToRoom) and each.slug == slug]


def types(said: Iterable[Announcement], slug: str = "evening-edit") -> list[str]:
    return [each.event.type for each in room_events(said, slug)]
