"""`manage.py bench`: measures. manage.py itself calls it before Django is loaded; this is for `manage.py help`."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from bench import cli


class Command(BaseCommand):
    help = cli.ABOUT
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        cli.add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        sys.exit(cli.main(sys.argv[2:]))
