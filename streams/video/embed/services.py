"""Which sites may show the player of a show."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings
from django.db import transaction

from accounts.models import User
from livestore.base.errors import Invalid
from streams.shows.locking import lock_show
from streams.video.embed.origins import NotAnOrigin, normalised
from streams.video.models import Picture

MOST = 20


@transaction.atomic
def set_origins(*, show_slug: str, by: User, origins: Sequence[str]) -> list[str]:
    """Replace the list. Returns it as it is kept: normalised, each once, in the order given.

    Raises NoSuchShow, NotYourShow, and Invalid with a sentence for each `origins.<place>`, counted from 0; then
    nothing was changed.
    """
    show = lock_show(show_slug, by=by)
    kept: dict[str, None] = {}
    wrong: dict[str, str] = {}
    for place, typed in enumerate(origins):
        try:
            kept[normalised(typed, local=settings.DEMO)] = None
        except NotAnOrigin as error:
            wrong[f"origins.{place}"] = str(error)
    if wrong:
        raise Invalid("Some of these sites can not be used.", fields=wrong)
    if len(kept) > MOST:
        raise Invalid(fields={"origins": f"At most {MOST} sites may show the player."})
    Picture.objects.update_or_create(show=show, defaults={"embed_origins": list(kept)})
    return list(kept)
