"""Reading captions."""

from __future__ import annotations

import datetime as dt

from livestore.base.clock import milliseconds
from streams.video.captions import hls
from streams.video.captions.webvtt import Cue, Line, document
from streams.video.models import Caption
from streams.video.replay.timeline import Timeline


def lines_of(slug: str, *, since: dt.datetime | None = None) -> list[Line]:
    """What was said in a show, in order."""
    found = Caption.objects.filter(show__slug=slug)
    if since is not None:
        found = found.filter(at__gte=since)
    return [
        Line(milliseconds(at), text)
        for at, text in found.order_by("at", "id").values_list("at", "text")
    ]


def replay_texts(slug: str, film: Timeline) -> dict[str, str]:
    """Everything about the captions of a replay by its address under /media/shows/<slug>/; nothing when nothing was
    said. `captions.vtt` is the whole track on the replay's timeline; what was said in a break is left out."""
    said = lines_of(slug)
    if not said:
        return {}
    cues = [
        Cue(
            entry.offset + cue.start - entry.reel.start,
            entry.offset + cue.end - entry.reel.start,
            cue.rows,
        )
        for entry in film.entries
        for cue in hls.take_cues(entry.reel, said)
    ]
    files = {
        f"replay/captions/{entry.reel.ordinal}.vtt": hls.replay_file(entry.reel, said)
        for entry in film.entries
    }
    return {
        "captions.vtt": document(cues),
        "replay/captions.m3u8": hls.replay_playlist(film),
        **files,
    }
