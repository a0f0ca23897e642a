"""The room of a show that is over, over HTTP: its start, its events, and any moment of it."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Router
from pydantic import Field

from accounts.tickets.auth import optional_auth, user_of
from streams.models import Show
from streams.video.replay import history
from streams.video.replay.history import MOST, Lane
from streams.video.replay.visibility import replayed_show

router = Router(tags=["replay"])
LONGEST_NUMBER = 2**53 - 1


def _show(request: HttpRequest, slug: str) -> Show:
    return replayed_show(slug, user_of(request))


@router.get("/shows/{slug}/replay/start", auth=optional_auth, summary="The room at the start")
def get_start(request: HttpRequest, slug: str) -> dict[str, Any]:
    """The data of `room.snapshot` before the first event: with the events of the lane `room` up to a moment it is the
    room of that moment. What is left of things is not archived: these are counts of later, or of now."""
    return history.start(_show(request, slug))


@router.get("/shows/{slug}/replay/events", auth=optional_auth, summary="What happened in a show")
def get_events(
    request: HttpRequest,
    slug: str,
    lane: Lane = "room",
    after: Annotated[int, Field(ge=0, le=LONGEST_NUMBER)] = 0,
    limit: Annotated[int, Field(ge=1, le=MOST)] = MOST,
) -> dict[str, Any]:
    """The archive of an ended show, oldest first: `{events: [{type, at, place, rev?, data}], next}`. `room` is what
    the room's state follows from, `talk` is chat, requests and purchases. Go on with `after=<next>` until it is null.
    Deleted messages are left out."""
    return history.as_json(history.page(_show(request, slug), lane=lane, after=after, most=limit))


@router.get("/shows/{slug}/replay/moment", auth=optional_auth, summary="What was said by then")
def get_moment(
    request: HttpRequest, slug: str, at: Annotated[int, Field(ge=0, le=4_102_444_800_000)]
) -> dict[str, Any]:
    """The last 50 lines of chat before `at` (server milliseconds), how often each number had been asked for, and the
    `place` from where the lane `talk` goes on."""
    return history.as_json(history.moment(_show(request, slug), at))
