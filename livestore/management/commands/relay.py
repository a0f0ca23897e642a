"""`manage.py relay`"""

from __future__ import annotations

import asyncio
from typing import Any

from django.core.management.base import BaseCommand

from livestore.relay import serve


class Command(BaseCommand):
    help = "Carry facts from the outbox to rooms, people and tasks, until SIGTERM."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        asyncio.run(serve())
