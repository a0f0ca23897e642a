"""Migrations and demo data in one process: `python -m livestore.stack.prepare [--catalog FILE]`."""

from __future__ import annotations

import argparse
import os
import sys


def main() -> int:
    """Exit code 0 when the database is ready; the caller shows our output."""
    parser = argparse.ArgumentParser(prog="livestore.stack.prepare")
    parser.add_argument("--catalog", metavar="FILE")
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "livestore.settings")
    import django

    django.setup()
    from django.core.management import CommandError, call_command

    try:
        call_command("migrate", interactive=False, verbosity=0)
        call_command("seed", *(["--catalog", options.catalog] if options.catalog else []))
        call_command("settle_shows")
    except CommandError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
