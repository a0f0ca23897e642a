"""Login tries are counted in Valkey by user name and address: after ten failures in five minutes, a pause."""

from __future__ import annotations

import hashlib
import logging

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from redis.exceptions import RedisError

TRIES = 10
SECONDS = 300
TOO_MANY = "Too many tries with this name. Please wait five minutes and try again."
log = logging.getLogger(__name__)


def address_of_request(request: HttpRequest) -> str:
    """The client's address; behind n trusted proxies the n-th from the right of X-Forwarded-For."""
    direct = str(request.META.get("REMOTE_ADDR") or "")
    hops = settings.TRUSTED_PROXIES
    if hops:
        forwarded = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",")]
        if len(forwarded) >= hops and forwarded[-hops]:
            return forwarded[-hops]
    return direct


def _key(username: str, address: str) -> str:
    return "login:" + hashlib.sha256(f"{username.lower()}\n{address}".encode()).hexdigest()


def is_blocked(*, username: str, address: str) -> bool:
    """Whether this name was tried too often from this address. Without Valkey nobody is kept out."""
    try:
        return int(cache.get(_key(username, address), 0)) >= TRIES
    except RedisError:
        log.warning("login tries can not be counted, Valkey is away")
        return False


def count_failure(*, username: str, address: str) -> None:
    """One more failed try; the five minutes begin with the first."""
    key = _key(username, address)
    try:
        if not cache.add(key, 1, timeout=SECONDS):
            cache.incr(key)
    except (RedisError, ValueError):  # ValueError: the counter expired between the two lines
        log.warning("a failed login could not be counted")


def forget(*, username: str, address: str) -> None:
    """A login that worked clears the count."""
    try:
        cache.delete(_key(username, address))
    except RedisError:
        log.warning("login tries can not be cleared, Valkey is away")
