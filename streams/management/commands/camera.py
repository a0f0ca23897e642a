"""`manage.py camera`"""

from __future__ import annotations

import logging
import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from livestore.base.errors import Refusal
from streams.video import sources
from streams.video.camera.coding import Size
from streams.video.camera.crew import Crew
from streams.video.camera.shooting import Camera
from streams.video.models import Source


class Command(BaseCommand):
    help = (
        "The simulated camera. With --show: chooses it for that show and films it while it is live. "
        "Without: films every live show that has chosen it, one process each. Until SIGTERM."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--show", metavar="SLUG", help="film this show only")
        parser.add_argument("--width", type=int, default=480, help="pixels, 120 to 960 (480)")
        parser.add_argument("--fps", type=int, default=24, help="frames a second, 8 to 30 (24)")
        parser.add_argument(
            "--barcode", action="store_true", help="draw the server's time into every frame"
        )
        parser.add_argument(
            "--hired",
            type=int,
            metavar="PID",
            help="leave when the show wants another camera, or that process has gone",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not 120 <= options["width"] <= 960 or options["width"] % 2:
            raise CommandError("--width must be an even number between 120 and 960.")
        if not 8 <= options["fps"] <= 30:
            raise CommandError("--fps must be between 8 and 30.")
        logging.getLogger("streams.video").setLevel(logging.INFO)
        stop = threading.Event()
        for each in (signal.SIGTERM, signal.SIGINT):
            signal.signal(each, lambda *_: stop.set())
        if options["show"] is None:
            Crew().run(stop)
            return
        slug = options["show"]
        size = Size(options["width"], options["fps"])
        try:
            if options["hired"] is None:
                sources.choose(show_slug=slug, by=None, source=Source.SIMULATED)
            Camera(
                slug, size=size, stop=stop, marked=options["barcode"], hired=options["hired"]
            ).run()
        except Refusal as refusal:
            raise CommandError(refusal.message) from refusal
