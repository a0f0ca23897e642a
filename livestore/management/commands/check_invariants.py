"""`manage.py check_invariants`: what may never happen, each with its count; exits 1 if anything did."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from livestore.invariants import check_all


class Command(BaseCommand):
    help = "Check everything that may never happen; exit 1 if something did."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--json", action="store_true", help="one JSON object instead of a table"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        results = check_all()
        broken = [each for each in results if each.count]
        if options["json"]:
            self.stdout.write(json.dumps({each.name: each.count for each in results}))
        else:
            for each in results:
                mark = self.style.ERROR("BROKEN") if each.count else self.style.SUCCESS("ok    ")
                self.stdout.write(f"{each.name:<4} {mark} {each.count:>6}  {each.sentence}")
        if broken:
            names = ", ".join(each.name for each in broken)
            self.stderr.write(self.style.ERROR(f"Broken: {names}."))
            sys.exit(1)
