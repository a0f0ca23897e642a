"""Stream keys: the secret with which OBS or another sender films a show. Only its SHA-256 is kept."""

from __future__ import annotations

import hashlib
import secrets

from django.db import transaction

from accounts.models import User
from livestore.base.clock import database_now
from streams.shows.locking import lock_show
from streams.video.models import Picture

KEY_BYTES = 24
"""192 random bits: nobody guesses them, however fast the door answers."""
LONGEST_KEY = 200


def digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


@transaction.atomic
def make_key(*, show_slug: str, by: User) -> str:
    """A new key for the show; the old one stops working at once, also for who sends with it. The answer is the only
    time that it can be read. Raises NoSuchShow, NotYourShow."""
    show = lock_show(show_slug, by=by)
    picture, _ = Picture.objects.get_or_create(show=show)
    key = secrets.token_urlsafe(KEY_BYTES)
    picture.key_digest, picture.key_made_at = digest(key), database_now()
    picture.save(update_fields=["key_digest", "key_made_at"])
    return key


@transaction.atomic
def revoke_key(*, show_slug: str, by: User) -> None:
    """The show has no key any more; who sends with it is sent away. Raises NoSuchShow, NotYourShow."""
    show = lock_show(show_slug, by=by)
    Picture.objects.filter(show=show).update(key_digest="", key_made_at=None)


def show_by_key(key: str) -> str | None:
    """The slug of the show that this key opens."""
    if not key or len(key) > LONGEST_KEY:
        return None
    # Compared as digests: how long a comparison takes tells nothing of the key.
    found = Picture.objects.filter(key_digest=digest(key)).values_list("show__slug", flat=True)
    return found.first()
