"""The Celery application: `celery -A livestore.celery worker`.

Tasks make things prompt; the database makes them sure.
"""

from __future__ import annotations

import os

import django
from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "livestore.settings")
django.setup()

from django.conf import settings  # noqa: E402  (settings need the line above)

app = Celery("livestore")
app.conf.update(settings.CELERY)
app.autodiscover_tasks(
    ["shop.payments", "shop.gateway", "shop.checkout", "streams.room", "livestore"]
)

# Beat only repeats what facts and the relay do at once; a sweep that is late is dropped, not piled up.
app.conf.beat_schedule = {
    name: {"task": task, "schedule": seconds, "options": {"expires": seconds}}
    for name, task, seconds in (
        ("sweep what is due", "shop.payments.tasks.sweep", 5.0),
        ("ask for payments again", "shop.payments.tasks.retry", 2.0),
        ("deliver webhooks", "shop.gateway.tasks.deliver", 2.0),
        ("archive the rooms", "streams.room.tasks.archive", 5.0),
        ("check what may never happen", "livestore.tasks.check_invariants", 60.0),
    )
}
