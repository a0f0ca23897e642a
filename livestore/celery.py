"""The Celery application: `celery -A livestore.celery worker`. Tasks make things prompt; the database makes them sure."""

from __future__ import annotations

import os

import django
from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "livestore.settings")
django.setup()

from django.conf import settings  # noqa: E402  (settings need the line above)

app = Celery("livestore")
app.conf.update(settings.CELERY)
app.autodiscover_tasks(["shop.payments", "shop.gateway", "shop.checkout", "streams.room", "livestore"])
