"""`manage.py settle_shows`: shows that were on air when everything stopped go on, or end."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from streams.shows.services import settle_left_live


class Command(BaseCommand):
    help = "Shows left on air go on (or end with --end), and each says so."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--end", action="store_true", help="end them, their host will not come")

    def handle(self, *args: Any, **options: Any) -> None:
        for sentence in settle_left_live(resume=not options["end"]):
            self.stdout.write(sentence)
