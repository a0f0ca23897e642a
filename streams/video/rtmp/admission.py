"""What the RTMP door asks the database and Valkey: who has this key, may they film now, and their takes. Call it in a
thread: it waits for both."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import redis
from django.conf import settings

from livestore.base.errors import Conflict, NotAllowed
from streams.shows.models import Show
from streams.video import sources, takes
from streams.video.models import Picture, Source
from streams.video.path.feed import connect
from streams.video.path.lease import Lease, holder
from streams.video.path.orders import TakeOrder
from streams.video.rtmp import telling


class WrongKey(NotAllowed):
    code = "wrong_key"
    message = "This stream key is not known. Copy the key from the studio, or make a new one there."


class ShowOver(Conflict):
    code = "show_ended"
    message = "This show has ended."


class BrowserSends(Conflict):
    code = "source_taken"
    message = "This show is being filmed in a browser. Choose OBS in the studio first."


class StillSigningOff(Conflict):
    code, retry = "source_taken", True
    message = "The last sender is still signing off."


@dataclass(frozen=True, slots=True)
class Standing:
    """What a sender has to know once a second."""

    state: str
    source: str
    key_digest: str

    @property
    def wanted(self) -> bool:
        return self.state == Show.State.LIVE and self.source == Source.RTMP


def standing(slug: str) -> Standing:
    """One small query."""
    fields = ("show__state", "source", "key_digest")
    row = Picture.objects.filter(show__slug=slug).values_list(*fields).first()
    return Standing(*row) if row else Standing(Show.State.ENDED, "", "")


def admit(slug: str, *, choose: bool) -> None:
    """The bearer of the right key comes in, and the show is filmed by RTMP from now on if `choose` says so.

    Raises ShowOver, BrowserSends, redis.RedisError.
    """
    now = standing(slug)
    if now.state == Show.State.ENDED:
        raise ShowOver
    if now.source == Source.BROWSER:
        with _valkey() as client:
            if holder(client, slug) == Source.BROWSER:
                raise BrowserSends
    if choose:
        sources.choose(show_slug=slug, by=None, source=Source.RTMP)


def begin(slug: str) -> TakeOrder:
    """The next take. Raises ShowNotLive, StillSigningOff, redis.RedisError."""
    with _valkey() as client:
        lease = Lease.of(client, slug, Source.RTMP)
        # The host wants RTMP on air: whatever else still sends is displaced, but never another RTMP sender.
        if not lease.take() and holder(client, slug) == Source.RTMP:
            raise StillSigningOff
        lease.take(from_others=True)
        try:
            return takes.begin(show_slug=slug, source=Source.RTMP, lease=lease.name)
        except BaseException:
            lease.leave()
            raise


def end(order: TakeOrder, reason: str) -> None:
    """The take is over, and the next one need not wait for its lease, also where its child was killed."""
    with suppress(redis.RedisError), _valkey() as client:
        Lease(client, order.slug, order.lease).leave()
    takes.end(show_slug=order.slug, ordinal=order.ordinal, reason=reason)


def tell(slug: str, state: telling.State, message: str) -> None:
    """Raises redis.RedisError."""
    with _valkey() as client:
        telling.tell(client, slug, state, message)


def forget(slug: str) -> None:
    """Raises redis.RedisError."""
    with _valkey() as client:
        telling.forget(client, slug)


@contextmanager
def _valkey() -> Iterator[redis.Redis]:
    client = connect(settings.VIDEO_REDIS_URL)
    try:
        yield client
    finally:
        client.close()
