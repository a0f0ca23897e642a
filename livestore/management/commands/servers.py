"""`manage.py servers`: how to reach the servers of a running demo."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand

from livestore.stack import export


class Command(BaseCommand):
    help = "Print the variables of a running demo as lines for a shell."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        sys.exit(export.main([]))
