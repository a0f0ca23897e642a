"""`manage.py contact_sheet FILE.html`: every drawn picture of the demo on one page, to be looked at."""

from __future__ import annotations

import base64
from html import escape
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from shop.catalogue.drawing import KINDS, draw
from shop.demo_catalogue import CATEGORIES, specs

STYLE = (
    "body{margin:24px;background:#FBF9F6;color:#17130F;font:13px system-ui}h2{margin:24px 0 8px}"
    "figure{display:inline-block;width:150px;margin:0 8px 12px 0;vertical-align:top}"
    "img{width:150px;height:150px;border-radius:12px;display:block;margin-bottom:4px}"
)


class Command(BaseCommand):
    help = "Write a page with every drawn picture of the demo catalogue."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", help="The HTML file to write.")
        parser.add_argument("--category", default="", help="Only this category, by name.")
        parser.add_argument(
            "--kinds", action="store_true", help="Every kind once, in plain colours."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        parts: list[str] = []
        count = 0
        if options["kinds"]:
            for name in sorted(KINDS):
                parts.append(self._figure(draw({"kind": name, "colour": "#9C4A4F"}), name))
                count += 1
        else:
            tints = {name: tint for name, tint, _ in CATEGORIES}
            shelf = ""
            for spec in specs():
                if options["category"] not in {"", spec.category}:
                    continue
                if spec.category != shelf:
                    shelf = spec.category
                    parts.append(f"<h2>{escape(shelf)}</h2>")
                for picture in spec.pictures:
                    svg = draw(picture.drawing or {}, ground=tints[spec.category])
                    parts.append(self._figure(svg, picture.alt))
                    count += 1
        page = (
            f"<!doctype html><meta charset=utf-8><title>Contact sheet</title><style>{STYLE}</style>"
        )
        Path(options["file"]).write_text(page + "".join(parts), encoding="utf-8")
        self.stdout.write(f"{count} pictures written to {options['file']}")

    @staticmethod
    def _figure(svg: str, words: str) -> str:
        data = base64.b64encode(svg.encode()).decode()
        return (
            f'<figure><img alt="{escape(words)}" src="data:image/svg+xml;base64,{data}">'
            f"{escape(words)}</figure>"
        )
