"""`manage.py seed`: demo people, catalogue and shows; running it again changes nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from livestore.seeding import seed


class Command(BaseCommand):
    help = "Fill an empty shop with the demo: people, products, shows. Demo mode only."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--catalog", type=Path, help="a Shopify product CSV instead of the demo's own"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("The demo is seeded in demo mode only.")
        catalog: Path | None = options["catalog"]
        if catalog is not None and not catalog.is_file():
            raise CommandError(f"There is no file {catalog}.")
        seed(catalog=catalog, say=self.stdout.write)
