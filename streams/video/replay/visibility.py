"""Who may see a replay: everybody whom its room would let in, once the show is over."""

from __future__ import annotations

from accounts.models import User
from livestore.base.errors import NotAllowed
from streams.models import Restriction, Show
from streams.shows.selectors import show_by_slug
from streams.video.replay.history import NoSuchReplay


class SentOut(NotAllowed):
    code = "sent_out"
    message = "You were sent out of this room."


def replayed_show(slug: str, user: User | None) -> Show:
    """The show. Raises NoSuchShow, NoSuchReplay (it is not over yet), SentOut."""
    show = show_by_slug(slug)
    if show.state != Show.State.ENDED:
        raise NoSuchReplay
    if user is not None:
        banned = Restriction.objects.filter(show=show, user=user, kind=Restriction.Kind.BAN)
        if banned.exists():
            raise SentOut
    return show
