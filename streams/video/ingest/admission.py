"""What the browser's camera asks the database and Valkey. Call it in a thread: it waits for both."""

from __future__ import annotations

import redis
from django.conf import settings

from accounts.models import User
from livestore.base.errors import Busy
from streams.shows.errors import ShowNotLive
from streams.shows.models import Show
from streams.video import sources, takes
from streams.video.models import Source
from streams.video.path.feed import connect
from streams.video.path.lease import Lease, holder
from streams.video.path.orders import TakeOrder


class StoreAway(Busy):
    code = "store_away"
    message = "The house can not take pictures right now. It tries again by itself."


def begin(*, slug: str, user: int, take_over: bool) -> TakeOrder:
    """The next take of this browser. The host wants it on air, so a sender of another kind is displaced; another
    browser only with `take_over`.

    Raises NoSuchShow, NotYourShow, ShowNotLive (also in a break), SourceTaken, StoreAway.
    """
    by = User.objects.get(pk=user)
    if sources.standing(slug).state != Show.State.LIVE:
        raise ShowNotLive
    sources.choose(show_slug=slug, by=by, source=Source.BROWSER)
    client = connect(settings.VIDEO_REDIS_URL)
    try:
        lease = Lease.of(client, slug, Source.BROWSER)
        if not lease.take():
            if holder(client, slug) == Source.BROWSER and not take_over:
                raise sources.SourceTaken
            lease.take(from_others=True)
        try:
            return takes.begin(show_slug=slug, source=Source.BROWSER, lease=lease.name)
        except BaseException:
            lease.leave()
            raise
    except redis.RedisError as error:
        raise StoreAway from error
    finally:
        client.close()


def end(order: TakeOrder, reason: str) -> None:
    """The take is over, also when its process could not say so itself. Raises NoSuchShow."""
    client = connect(order.redis_url)
    try:
        Lease(client, order.slug, order.lease).leave()
    except redis.RedisError:
        pass  # it ends by itself
    finally:
        client.close()
    takes.end(show_slug=order.slug, ordinal=order.ordinal, reason=reason)
