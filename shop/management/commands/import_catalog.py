"""`manage.py import_catalog FILE --currency EUR`: products from a Shopify CSV export."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from shop.catalogue.csvrows import Problem
from shop.catalogue.importer import Report, import_products


class Command(BaseCommand):
    help = "Import products from a Shopify product CSV. Running it twice changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", help="The exported CSV file.")
        parser.add_argument("--currency", default="EUR", help="Currency of its prices (EUR).")
        parser.add_argument(
            "--set-stock",
            action="store_true",
            help="Correct the stock of known variants to what the file says.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        currency = str(options["currency"]).upper()
        if len(currency) != 3 or not currency.isascii() or not currency.isalpha():
            raise CommandError(f"{options['currency']!r} is not a currency code like EUR.")
        try:
            data = Path(options["file"]).read_bytes()
        except OSError as problem:
            raise CommandError(
                f"{options['file']} can not be read: {problem.strerror}."
            ) from problem
        report = import_products(data, currency=currency, set_stock=options["set_stock"])
        self._tell(report)
        if not report.created + report.updated + report.unchanged:
            raise CommandError("Nothing could be imported.")

    def _tell(self, report: Report) -> None:
        def lines(problems: list[Problem], mark: str) -> None:
            for one in problems:
                place = f"line {one.line}: " if one.line else ""
                self.stdout.write(f"{mark} {place}{one.reason}")

        lines(report.notes, "note    ")
        lines(report.rejected, "rejected")
        self.stdout.write(
            f"{report.rows} rows read: {report.created} products created, {report.updated} updated, "
            f"{report.unchanged} unchanged; {report.variants} new variants, "
            f"{report.corrections} stock corrections, {len(report.rejected)} rows rejected."
        )
