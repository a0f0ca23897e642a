"""`manage.py demo`: starts the whole house. manage.py itself calls the stack before Django is loaded."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from livestore.stack import demo


class Command(BaseCommand):
    help = "Start livestore on this machine: servers, web, relay, worker, beat and a mock show."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        demo.add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        sys.exit(demo.main(sys.argv[2:]))
