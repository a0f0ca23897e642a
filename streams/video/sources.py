"""Which source a show is filmed with: the host's choice, and who sends at this moment."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import redis
from django.conf import settings
from django.db import transaction

from accounts.models import User
from livestore.base.errors import Conflict, Invalid
from streams.shows.locking import lock_show
from streams.shows.models import Show
from streams.video.models import Picture, Source
from streams.video.path.feed import connect
from streams.video.path.lease import holder
from streams.video.path.store import state_key


class SourceTaken(Conflict):
    """Another sender holds the show; it may be displaced on purpose."""

    code = "source_taken"
    message = "This show is being filmed from another window already."


@dataclass(frozen=True, slots=True)
class Standing:
    """What a source has to know once a second: may it send, and is it the one that the host wants."""

    state: str
    source: str

    def wants(self, source: str) -> bool:
        return self.state == Show.State.LIVE and self.source == source


def standing(slug: str) -> Standing:
    """One small query. A show that is gone is as good as ended."""
    row = Show.objects.filter(slug=slug).values_list("state", "picture__source").first()
    return Standing("ended", "") if row is None else Standing(row[0], row[1] or "")


@transaction.atomic
def choose(*, show_slug: str, by: User | None, source: str) -> Picture:
    """The host wants this source on air ("" for none). Raises NoSuchShow, NotYourShow, Invalid."""
    show = lock_show(show_slug, by=by)
    if source and source not in Source.values:
        raise Invalid("There is no such source of a picture.")
    picture, _ = Picture.objects.get_or_create(show=show)
    if picture.source != source:
        picture.source = source
        picture.save(update_fields=["source"])
    return picture


def sending(slug: str) -> dict[str, Any] | None:
    """What the source that sends now has told of itself within the last seconds, with `held_by`; None when nobody
    sends or Valkey does not say."""
    client = connect(settings.VIDEO_REDIS_URL)
    try:
        told: bytes | None = client.get(state_key(slug))  # type: ignore[assignment]
        held = holder(client, slug)
    except redis.RedisError:
        return None
    finally:
        client.close()
    if told is None or held is None:
        return None
    return {**json.loads(told), "held_by": held}
