"""Settings of the naive shop; PostgreSQL comes from DATABASE_URL, as for ours."""

from __future__ import annotations

import os

from bench.peers.database import databases

SECRET_KEY = "only-for-a-benchmark-on-loopback"
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1", "localhost"]
INSTALLED_APPS = ["bench.peers.naive"]
# What a view needs at all; a project as `startproject` makes it has six more.
MIDDLEWARE = ["django.middleware.common.CommonMiddleware"]
ROOT_URLCONF = "bench.peers.naive.urls"
WSGI_APPLICATION = "bench.peers.naive.wsgi.application"
ASGI_APPLICATION = "bench.peers.naive.asgi.application"
# Under ASGI each request has a thread of its own; without a pool each would open a connection.
POOL = {"CONN_MAX_AGE": 0, "OPTIONS": {"pool": {"min_size": 2, "max_size": 20}}}
DATABASES = databases(**(POOL if os.environ.get("NAIVE_POOL") else {}))
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
LOGGING_CONFIG = None
