"""`manage.py tickets --show SLUG --count N`: simulated buyers with one ticket each."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.tickets.services import issue_many
from livestore.base.errors import Refusal
from streams.models import Show


class Command(BaseCommand):
    help = (
        "Makes N simulated buyers, each with an address and a card that pays, and prints one ticket "
        "a line, valid for 24 hours in that show. Demo only."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--show", required=True, metavar="SLUG", help="the show they may enter")
        parser.add_argument("--count", type=int, default=1, metavar="N", help="how many (1)")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            tickets = issue_many(channel=options["show"], count=options["count"])
        except Refusal as refusal:
            sentences = list((refusal.fields or {}).values())
            raise CommandError(" ".join(sentences) or refusal.message) from refusal
        if not Show.objects.filter(slug=options["show"]).exists():
            raise CommandError(f"There is no show named {options['show']}.")
        for ticket in tickets:
            self.stdout.write(ticket)
