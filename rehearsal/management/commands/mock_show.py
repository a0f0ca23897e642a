"""`manage.py mock_show`: a simulated host runs a show with simulated viewers until it is stopped."""

from __future__ import annotations

import asyncio
import io
import logging
import signal
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from rehearsal.mock_show import MockShow


def tickets(slug: str, count: int) -> list[str]:
    """Tickets of simulated people, from the command that any program uses."""
    out = io.StringIO()
    call_command("tickets", show=slug, count=count, stdout=out)
    return out.getvalue().split()


def api_token(user: str) -> str:
    out = io.StringIO()
    call_command("api_token", user, stdout=out)
    return out.getvalue().split()[-1]


class Command(BaseCommand):
    help = "Run a mock show: a simulated host and simulated viewers use the public doors until stopped."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--url", default=settings.INTERNAL_URL, help="where livestore answers")
        parser.add_argument("--viewers", type=int, default=30, help="simulated people in the room")
        parser.add_argument("--show", default="evening-edit", help="slug of the show to run")
        parser.add_argument("--host", default="host", help="user name of the host")
        parser.add_argument(
            "--seed", type=int, default=7, help="the same seed draws the same people"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("The mock show runs in demo mode only.")
        if options["viewers"] < 0 or options["viewers"] > 2000:
            raise CommandError("--viewers must be between 0 and 2000.")
        logging.getLogger("rehearsal").setLevel(logging.INFO)
        show = MockShow(
            origin=options["url"].rstrip("/"),
            host_token=api_token(options["host"]),
            tickets=tickets,
            viewers=options["viewers"],
            show=options["show"],
            seed=options["seed"],
        )
        asyncio.run(self._until_stopped(show))

    async def _until_stopped(self, show: MockShow) -> None:
        task = asyncio.create_task(show.run())
        loop = asyncio.get_running_loop()
        for each in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(each, task.cancel)
        try:
            await task
        except asyncio.CancelledError:
            self.stdout.write("The mock show has stopped.")
