"""What the room's page tells its scripts about the picture."""

from __future__ import annotations

from typing import Any

from streams.shows.models import Show
from streams.video.models import Picture
from streams.video.replay import selectors as replay


def page_facts(show: Show) -> dict[str, Any]:
    """`expected`: the host has chosen a source, so that a picture is on its way. One small query; the recording of an
    ended show adds its own."""
    source = Picture.objects.filter(show=show).values_list("source", flat=True).first()
    return {
        "live": show.state in (Show.State.LIVE, Show.State.PAUSED),
        "expected": bool(source),
        **replay.facts(show),
    }
