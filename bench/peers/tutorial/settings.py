"""Settings of the tutorial's project: sessions, auth and one channel layer. TUTORIAL_LAYER is pubsub or core."""

from __future__ import annotations

import os

LAYERS = {
    "pubsub": "channels_redis.pubsub.RedisPubSubChannelLayer",
    "core": "channels_redis.core.RedisChannelLayer",
}

SECRET_KEY = "only-for-measuring-" + "0" * 40
ALLOWED_HOSTS = ["127.0.0.1"]
INSTALLED_APPS = [
    "daphne",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
ASGI_APPLICATION = "bench.peers.tutorial.asgi.application"
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": LAYERS[os.environ.get("TUTORIAL_LAYER", "pubsub")],
        # redis-py 8 gives up a quiet connection after 5 s and allows 100 of them: the tutorial would not stand
        # a thousand viewers with its defaults.
        "CONFIG": {
            "hosts": [
                {
                    "address": os.environ.get("TUTORIAL_VALKEY", ""),
                    "socket_timeout": None,
                    "max_connections": 2**31,
                }
            ]
        },
    }
}
USE_TZ = True
