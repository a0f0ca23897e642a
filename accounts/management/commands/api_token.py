"""`manage.py api_token USER`: a personal token for a program."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.people.models import User
from accounts.tickets.services import create_api_token
from livestore.base.errors import Refusal


class Command(BaseCommand):
    help = "Makes a personal API token and prints it once. Use it as `Authorization: Bearer TOKEN`."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("user", help="the user name")
        parser.add_argument("--label", default="program", help="what the token is for")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(username=options["user"], is_active=True).first()
        if user is None:
            raise CommandError(f"There is no active user named {options['user']}.")
        try:
            self.stdout.write(create_api_token(user=user, label=options["label"]))
        except Refusal as refusal:
            raise CommandError(refusal.message) from refusal
