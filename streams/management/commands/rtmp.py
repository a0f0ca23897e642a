"""`manage.py rtmp`"""

from __future__ import annotations

import asyncio
import socket
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from streams.video.rtmp.server import open_door, serve


class Command(BaseCommand):
    help = "Take pictures from OBS and other RTMP senders, until SIGTERM."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on (127.0.0.1)")
        parser.add_argument(
            "--port", type=int, default=settings.RTMP_PORT or 1935, help="port to listen on (1935)"
        )
        parser.add_argument("--fd", type=int, help="a listening socket that is open already")

    def handle(self, *args: Any, **options: Any) -> None:
        host, port, fd = options["host"], options["port"], options["fd"]
        try:
            listening = open_door(host, port) if fd is None else socket.socket(fileno=fd)
        except OSError as problem:
            raise CommandError(
                f"Port {port} of {host} can not be used: {problem.strerror or problem}"
            ) from problem
        asyncio.run(serve(listening))
