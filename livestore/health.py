"""Is this process alive, and can it serve?"""

from __future__ import annotations

import redis
from django.conf import settings
from django.db import connection
from django.http import HttpRequest, JsonResponse

RELAY_BEAT = "relay:beat"  # set by the relay with a few seconds to live


def healthz(request: HttpRequest) -> JsonResponse:
    """Alive: the process answers. Touches nothing else."""
    return JsonResponse({"ok": True})


def readyz(request: HttpRequest) -> JsonResponse:
    """Ready: database, Valkey and relay are there. 503 names what is not."""
    parts = {"database": False, "valkey": False, "relay": False}
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        parts["database"] = True
    except Exception:  # any failure means the same here: not ready
        connection.close()
    try:
        with redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2) as valkey:
            parts["relay"] = bool(valkey.exists(RELAY_BEAT))
        parts["valkey"] = True
    except redis.RedisError:
        pass
    ready = all(parts.values())
    return JsonResponse({"ok": ready, **parts}, status=200 if ready else 503)
