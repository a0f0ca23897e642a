"""Stills for lists: the newest while a show is on air, the last of a recording when it is over."""

from __future__ import annotations

from collections.abc import Iterable

import redis
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.models import User
from streams.shows.models import Show
from streams.shows.selectors import may_see, show_by_slug
from streams.video.models import Take
from streams.video.path.feed import connect
from streams.video.path.stills import EVERY, still_file
from streams.video.path.store import still_key
from streams.video.takes import folder_of

KEPT = round(EVERY)
"""Seconds that caches may keep a still of a show on air."""
KEPT_OF_REPLAY = 3600


def stills_of(shows: Iterable[Show]) -> dict[int, str]:
    """Addresses of stills by the id of the show, for shows that have one; one query for any number of them.

    The address changes from take to take, so a cache never shows the picture of another day.
    """
    begun = {show.pk: show for show in shows if show.started_at is not None}
    if not begun:
        return {}
    takes = Take.objects.filter(show__in=begun, removed_at=None).order_by("show", "-ordinal")
    found: dict[int, str] = {}
    for show, ordinal in takes.values_list("show", "ordinal"):
        if show not in found and still_file(folder_of(begun[show]), ordinal).is_file():
            found[show] = f"{reverse('still', args=[begun[show].slug])}?take={ordinal}"
    return found


def still_url(show: Show) -> str | None:
    return stills_of([show]).get(show.pk)


def newest_still(show: Show) -> bytes | None:
    """A JPEG."""
    if show.is_open and (on_air := _on_air(show.slug)):
        return on_air
    takes = Take.objects.filter(show=show, removed_at=None).order_by("-ordinal")
    for ordinal in takes.values_list("ordinal", flat=True):
        try:
            return still_file(folder_of(show), ordinal).read_bytes()
        except OSError:
            continue
    return None


def _on_air(slug: str) -> bytes | None:
    client = connect(settings.VIDEO_REDIS_URL)
    try:
        found: bytes | None = client.get(still_key(slug))  # type: ignore[assignment]
    except redis.RedisError:
        return None
    else:
        return found
    finally:
        client.close()


@require_safe
def still(request: HttpRequest, slug: str) -> HttpResponse:
    """`/shows/<slug>/still.jpg`. 404 for who may not see the show, and where there is no picture."""
    show = show_by_slug(slug)
    user = request.user if isinstance(request.user, User) else None
    image = newest_still(show) if may_see(show, user) else None
    if image is None:
        raise Http404("There is no picture of this show.")
    response = HttpResponse(image, content_type="image/jpeg")
    kept = KEPT if show.is_open else KEPT_OF_REPLAY
    response["Cache-Control"] = f"public, max-age={kept}"
    return response
