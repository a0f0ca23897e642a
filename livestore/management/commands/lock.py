"""`manage.py lock`: re-makes requirements.txt and requirements-dev.txt."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from livestore.stack import locks


class Command(BaseCommand):
    help = "Resolve the .in files into hashed locks for every platform."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--upgrade", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        sys.exit(locks.main(["--upgrade"] if options["upgrade"] else []))
