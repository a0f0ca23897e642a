"""The page for another site's frame. It needs no cookie and sets none: whoever looks at it there is a guest."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_exempt

from livestore.base.clock import database_now, milliseconds
from livestore.base.errors import NotFound
from streams.room.pages import first_snapshot
from streams.shows import selectors
from streams.shows.models import Show
from streams.video.models import Picture
from streams.video.replay.selectors import has_replay


@never_cache
@xframe_options_exempt
def embed(request: HttpRequest, slug: str) -> HttpResponse:
    """The player and the pinned card. Browsers show it inside of pages of the show's own list of sites only."""
    try:
        show = selectors.show_by_slug(slug)
    except NotFound as missing:
        raise Http404 from missing
    if not selectors.may_see(show, None):
        raise Http404
    facts = embed_facts(show)
    context = {"show": show, "facts": facts, "first": facts["snapshot"]}
    response = render(request, "streams/embed.html", context)
    # Read by livestore.pages, which writes the policy of every page.
    response.frame_ancestors = allowed(show)  # type: ignore[attr-defined]
    return response


def allowed(show: Show) -> list[str]:
    """The origins that may show it; an empty list is nobody."""
    picture = Picture.objects.filter(show=show).only("embed_origins").first()
    return list(picture.embed_origins) if picture is not None else []


def embed_facts(show: Show) -> dict[str, Any]:
    """What the page's scripts begin with; nothing about who looks at it."""
    return {
        "slug": show.slug,
        "now": milliseconds(database_now()),
        "snapshot": first_snapshot(show),
        "room_url": reverse("room", args=[show.slug]),
        "replay": has_replay(show),
    }
