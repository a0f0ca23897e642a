"""The start page: what is on, what comes, what was."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.people.selectors import follows
from streams.shows import selectors
from streams.shows.shelf import shelf_of
from streams.shows.showcase import ShowCard, show_cards

LIVE, COMING, OVER = 24, 12, 8


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The biggest live show in large, the others as cards."""
    covers: set[str | None] = set()
    live = show_cards(selectors.live_shows()[:LIVE], with_people=True, covers=covers)
    live.sort(key=lambda card: -(card.people or 0))  # stable: the newest first among equals
    front = live[0] if live else None
    shelf = shelf_of(front.show) if front else None
    user = request.user
    over = show_cards(selectors.ended_shows()[:OVER], covers=covers)
    over.sort(
        key=lambda card: not card.replay
    )  # stable: the latest first among those that can be watched
    context = {
        "front": front,
        "following": front is not None
        and isinstance(user, User)
        and follows(user, front.show.host),
        "pinned": shelf.detail(shelf.on_air) if shelf and shelf.on_air is not None else None,
        "items": shelf.summaries() if shelf else [],
        "live": live[1:],
        "coming": show_cards(selectors.upcoming_shows()[:COMING], covers=covers),
        "over": over,
        "over_title": _title(over),
    }
    return render(request, "streams/home.html", context)


def _title(over: list[ShowCard]) -> str:
    """What the shows that are over are called together."""
    replays = sum(1 for card in over if card.replay)
    if replays == len(over):
        return "Replays"
    return "Replays and ended shows" if replays else "Ended shows"
