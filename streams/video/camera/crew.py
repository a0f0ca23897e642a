"""The camera crew: one child process for each show that is live and wants the simulated camera."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
import time
from dataclasses import dataclass

from django.conf import settings
from django.db import Error as DatabaseError
from django.db import close_old_connections

from streams.shows.models import Show
from streams.video.models import Source

logger = logging.getLogger(__name__)

ALLOCATOR = {"MALLOC_ARENA_MAX": "2", "MALLOC_MMAP_THRESHOLD_": str(512 * 1024)}
"""For glibc: five threads that make pictures of changing sizes would each keep an arena of their own, and large
pictures would leave holes in it; so those go back to the system at once."""
LOOK_EVERY = 1.0
LONGEST_WAIT = 15.0
"""Seconds before a child that dies again and again is started once more."""
STEADY = 20.0
"""Who has lived for so long has not failed at its start."""
STOP_WITHIN = 8.0


@dataclass(slots=True)
class Hand:
    """A child that films one show."""

    process: subprocess.Popen[bytes]
    began: float


class Crew:
    """`command` is what a child runs; `--hired PID --show SLUG` come after it."""

    def __init__(self, command: tuple[str, ...] | None = None, *, most: int | None = None) -> None:
        manage = settings.ROOT / "manage.py"
        self._command = command or (sys.executable, str(manage), "camera")
        self._most = settings.CAMERA_SHOWS if most is None else most
        self.hands: dict[str, Hand] = {}
        self._failures: dict[str, int] = {}
        self._not_before: dict[str, float] = {}
        self._told: set[str] = set()

    def run(self, stop: threading.Event) -> None:
        """Until `stop` is set; then all children are asked to end their takes."""
        try:
            while not stop.is_set():
                self.look()
                stop.wait(LOOK_EVERY)
        finally:
            self.dismiss()

    def look(self) -> None:
        """Tend the children, and hire one for every show that has none."""
        self._tend()
        try:
            wanted = self._wanted()
        except DatabaseError as error:
            logger.info("the shows can not be read: %s", error)
            close_old_connections()
            return
        now = time.monotonic()
        for slug in wanted:
            if slug in self.hands or now < self._not_before.get(slug, 0.0):
                continue
            if len(self.hands) >= self._most:
                if slug not in self._told:
                    logger.warning("%s is not filmed: %d shows are already", slug, len(self.hands))
                self._told.add(slug)
                continue
            self._told.discard(slug)
            self._hire(slug)
        for gone in (self._failures.keys() | self._told) - set(wanted) - self.hands.keys():
            self._failures.pop(gone, None)
            self._not_before.pop(gone, None)
            self._told.discard(gone)

    @staticmethod
    def _wanted() -> list[str]:
        """One small query; who went live first is filmed first."""
        shows = Show.objects.filter(state=Show.State.LIVE, picture__source=Source.SIMULATED)
        return list(shows.order_by("started_at").values_list("slug", flat=True)[:200])

    def _hire(self, slug: str) -> None:
        # A child looks whether this process still lives, and ends with it, also when it is killed.
        process = subprocess.Popen(
            [*self._command, "--hired", str(os.getpid()), "--show", slug],
            stdin=subprocess.DEVNULL,
            env={**os.environ, **ALLOCATOR, "LIVESTORE_PROCESS": f"camera-{slug}"},
        )
        self.hands[slug] = Hand(process, time.monotonic())
        logger.info("%s is filmed by process %d", slug, process.pid)

    def _tend(self) -> None:
        for slug, hand in list(self.hands.items()):
            code = hand.process.poll()
            if code is None:
                continue
            del self.hands[slug]
            lived = time.monotonic() - hand.began
            if code == 0:
                self._failures.pop(slug, None)
                continue
            failures = 1 if lived > STEADY else self._failures.get(slug, 0) + 1
            self._failures[slug] = failures
            wait = min(LONGEST_WAIT, 0.5 * 2 ** (failures - 1)) if failures > 1 else 0.0
            self._not_before[slug] = time.monotonic() + wait
            logger.warning("the camera of %s died (%s) and is started again", slug, code)

    def dismiss(self) -> None:
        for hand in self.hands.values():
            if hand.process.poll() is None:
                hand.process.terminate()
        end = time.monotonic() + STOP_WITHIN
        for hand in self.hands.values():
            try:
                hand.process.wait(max(0.1, end - time.monotonic()))
            except subprocess.TimeoutExpired:
                hand.process.kill()
                hand.process.wait()
        self.hands.clear()
