"""`manage.py schemas`: the machine-readable descriptions under docs/, or `--check` that they are up to date."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from streams.room.schemas import async_api, json_schema


def open_api() -> dict[str, Any]:
    from livestore.api import api

    return dict(api.get_openapi_schema(path_prefix="/api/v1/"))


FILES: dict[str, Callable[[], dict[str, Any]]] = {
    "schema.json": json_schema,
    "asyncapi.json": async_api,
    "openapi.json": open_api,
}


class Command(BaseCommand):
    help = "Write docs/schema.json, docs/asyncapi.json and docs/openapi.json from the models."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="only compare; exit 1 when one differs"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        folder = settings.ROOT / "docs"
        stale = []
        for name, make in FILES.items():
            path = folder / name
            text = json.dumps(make(), indent=1, sort_keys=True, ensure_ascii=False) + "\n"
            if path.is_file() and path.read_text(encoding="utf-8") == text:
                continue
            if options["check"]:
                stale.append(name)
            else:
                path.write_text(text, encoding="utf-8")
                self.stdout.write(f"docs/{name} written")
        if stale:
            raise CommandError(
                f"docs/{', docs/'.join(stale)} differ from the models. Run: python3 manage.py schemas"
            )
