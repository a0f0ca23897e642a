"""What a replay is made of: which shows have one, its takes, and the chapters that the archive tells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet, Sum

from livestore.base.clock import milliseconds
from streams.models import ArchivedEvent, Show
from streams.video.models import Take
from streams.video.replay.timeline import Timeline, read_reel, timeline
from streams.video.takes import folder_of

PIN, UNPIN = "item.pinned", "item.unpinned"


def kept_takes(show: Show) -> QuerySet[Take]:
    """Takes that are over and whose films are on the disk, in order."""
    return Take.objects.filter(
        show=show, removed_at=None, ended_at__isnull=False, bytes__gt=0
    ).order_by("ordinal")


def has_replay(show: Show) -> bool:
    """Whether the page of this show is a replay."""
    return show.state == Show.State.ENDED and kept_takes(show).exists()


def is_gone(show: Show) -> bool:
    """Whether there was a recording of a show that is over, and nothing of it is kept any more."""
    return (
        show.state == Show.State.ENDED
        and Take.objects.filter(show=show, removed_at__isnull=False).exists()
        and not kept_takes(show).exists()
    )


def lengths(shows: list[Show]) -> dict[int, float]:
    """Seconds of replay by the id of the show, for those that have one; one query for any number."""
    over = [show.pk for show in shows if show.state == Show.State.ENDED]
    rows = Take.objects.filter(
        show__in=over, removed_at=None, ended_at__isnull=False, bytes__gt=0
    ).order_by()
    return dict(rows.values("show").annotate(seconds=Sum("seconds")).values_list("show", "seconds"))


def clock_face(seconds: float) -> str:
    """`4:09`, `1:04:09`."""
    minutes, second = divmod(int(seconds + 0.5), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"


@dataclass(frozen=True, slots=True)
class Edition:
    """What a replay depends on: as long as this is the same, the replay is."""

    takes: tuple[tuple[int, int], ...]
    archived: int | None


def edition(show: Show) -> Edition:
    """Two small queries."""
    last = ArchivedEvent.objects.filter(show=show).order_by("-at").values_list("pk", flat=True)
    return Edition(tuple(kept_takes(show).values_list("ordinal", "bytes")), last.first())


def timeline_of(show: Show, ordinals: list[int]) -> Timeline:
    """Reads the index files of these takes: about 0.2 s for eight hours."""
    reels = [read_reel(folder_of(show), ordinal) for ordinal in ordinals]
    return timeline(reel for reel in reels if reel is not None)


def chapters(show: Show, film: Timeline) -> list[dict[str, Any]]:
    """When which item was on air: `{number, product, title, picture, t, until}` in seconds of the replay.

    An item that is pinned again while it is on air goes on; one that was on air without a picture is left out.
    """
    rows = ArchivedEvent.objects.filter(show=show, type__in=(PIN, UNPIN)).order_by("at", "pk")
    found: list[dict[str, Any]] = []
    on_air: dict[str, Any] | None = None

    def close(t: float) -> None:
        if on_air is None or t - on_air["t"] < 0.001:
            return
        before = found[-1] if found else None
        if before and before["number"] == on_air["number"] and on_air["t"] - before["until"] < 1.0:
            before["until"] = round(t, 3)
        else:
            found.append({**on_air, "until": round(t, 3)})

    for kind, at, data in rows.values_list("type", "at", "data"):
        t = film.position(milliseconds(at))
        if t is None:
            break
        close(t)
        on_air = None
        if kind == PIN:
            item = data["item"]
            told = {name: item.get(name) for name in ("number", "product", "title", "picture")}
            on_air = {**told, "t": round(t, 3)}
    close(film.seconds)
    return found


def facts(show: Show) -> dict[str, bool]:
    """For the page of a room: whether it is a replay, or was one until its recording was removed."""
    return {"replay": has_replay(show), "replay_gone": is_gone(show)}
