"""Filming one show: take after take, as long as its host wants the simulated camera."""

from __future__ import annotations

import logging
import os
import threading
import time
from contextlib import suppress

import redis
from django.conf import settings
from django.db import Error as DatabaseError
from django.db import close_old_connections

from livestore.base.errors import Refusal
from streams.shows.errors import ShowNotLive
from streams.shows.models import Show
from streams.video import takes
from streams.video.camera import barcode
from streams.video.camera.coding import Coder, Size
from streams.video.camera.darkroom import Darkroom
from streams.video.camera.follow import Follower
from streams.video.camera.music import Sound
from streams.video.camera.pace import Pace, Stalled
from streams.video.camera.picture import Scene
from streams.video.camera.planes import WHOLE, Planes
from streams.video.models import Source
from streams.video.path.feed import Feed, connect
from streams.video.path.lease import Lease, holder
from streams.video.path.orders import TakeOrder

logger = logging.getLogger(__name__)

AGAIN = 0.5
"""Seconds until the next try when there is nothing to film, or another sends."""


class Camera:
    """`run` in any thread. `hired`: the process that it works for; then it goes home when the show wants another
    camera, or when that process is gone."""

    def __init__(
        self,
        slug: str,
        *,
        stop: threading.Event,
        size: Size | None = None,
        marked: bool = False,
        hired: int | None = None,
    ) -> None:
        """`marked`: with the barcode."""
        self.slug, self.stop, self.size = slug, stop, size or Size()
        self._marked, self._hired = marked, hired
        self._has_filmed = False
        self.follower = Follower(slug)
        self._darkroom = Darkroom()

    def run(self) -> None:
        """Until stopped, or the show is over. Raises NoSuchShow."""
        try:
            self.follower.start()
            # The scene lives on from take to take: what is developed need not be developed again.
            scene = Scene(self._darkroom)
            while not self.stop.is_set() and not self._is_done():
                self.follower.changed.clear()
                if not (self._wanted() and self._try(scene)):
                    self.follower.changed.wait(AGAIN)
                    if self._wanted():
                        self.stop.wait(AGAIN)
        finally:
            self.follower.close()
            self._darkroom.close()

    def _wanted(self) -> bool:
        return self.follower.standing.wants(Source.SIMULATED)

    def _is_done(self) -> bool:
        known = self.follower.standing
        if known.state == Show.State.ENDED or self._is_alone():
            return True
        if self._hired is None:
            return False
        is_open = known.state in (Show.State.LIVE, Show.State.PAUSED)
        return known.source != Source.SIMULATED or not is_open

    def _is_alone(self) -> bool:
        return self._hired is not None and os.getppid() != self._hired

    # -- one take ------------------------------------------------------------------------------------

    def _try(self, scene: Scene) -> bool:
        """One take, if it may be. False: not now."""
        try:
            return self._film(scene)
        except redis.RedisError as error:
            logger.info("%s: the part store is away: %s", self.slug, error)
        except DatabaseError as error:
            logger.info("%s: the database is away: %s", self.slug, error)
            close_old_connections()
        return False

    def _film(self, scene: Scene) -> bool:
        """From the lease to the end of the take. Raises redis.RedisError, database errors."""
        order = self._order()
        if order is None:
            return False
        reason = "failed"
        try:
            reason = self._take(order, scene)
        finally:
            self._end(order, reason)
        return reason != "lost"

    def _order(self) -> TakeOrder | None:
        client = connect(settings.VIDEO_REDIS_URL)
        try:
            lease = Lease.of(client, self.slug, Source.SIMULATED)
            # Who is hired in place of a camera that was killed need not wait until its lease has ended.
            replaces = self._hired is not None and not self._has_filmed
            killed = replaces and holder(client, self.slug) == Source.SIMULATED
            if not lease.take(from_others=killed):
                return None
            self._has_filmed = True
            try:
                return takes.begin(show_slug=self.slug, source=Source.SIMULATED, lease=lease.name)
            except (Refusal, DatabaseError) as error:
                with suppress(redis.RedisError):
                    lease.leave()
                if isinstance(error, ShowNotLive):
                    return None
                raise
        finally:
            client.close()

    def _take(self, order: TakeOrder, scene: Scene) -> str:
        sound = Sound()
        with Feed(order) as feed:
            self._warm_up(scene)
            pace = Pace(self.size.fps, time.monotonic, self.stop.wait)
            began = self.follower.now()
            feed.say(fps=self.size.fps)

            def clock(media: float) -> int:
                return began + round(media * 1000)

            coder = Coder(
                self.size, sound, emit=feed.emit, clock=clock, take=order.ordinal, msn=order.msn
            )
            roll = Roll(self, feed, coder, scene, began, sound)
            reason = "failed"
            try:
                reason = roll.until_over(pace)
            finally:
                coder.close(reason)
        return reason

    def _warm_up(self, scene: Scene) -> None:
        """The first frame is a whole picture, not an empty stage."""
        for _ in range(2):
            scene.draw(self.follower.room, self.follower.now())
            self._darkroom.settle()

    def _end(self, order: TakeOrder, reason: str) -> None:
        try:
            takes.end(show_slug=self.slug, ordinal=order.ordinal, reason=reason)
        except (DatabaseError, Refusal) as error:
            # The next take, or the sweep, closes what is left open.
            logger.info(
                "%s: the end of take %s was not written: %s", self.slug, order.ordinal, error
            )
            close_old_connections()
        logger.info("%s: take %s is over: %s", self.slug, order.ordinal, reason)

    # -- asked between two frames --------------------------------------------------------------------

    def ends(self, feed: Feed) -> str:
        """Why the take is over; "" while it goes on."""
        if self.stop.is_set():
            return "stopped"
        if feed.displaced.is_set():
            return "switched"
        known = self.follower.standing
        if known.state == Show.State.PAUSED:
            return "paused"
        if known.state != Show.State.LIVE or self._is_alone():
            return "stopped"
        return "" if known.source == Source.SIMULATED else "switched"

    def mark(self, planes: Planes, at: int) -> None:
        if self._marked:
            barcode.draw(planes, at)

    def later_ring(self, sound: Sound, frame: int) -> None:
        """A chime takes a while to be coded."""
        self._darkroom.later(lambda: sound.ring(frame))


class Roll:
    """The frames of one take."""

    def __init__(
        self, camera: Camera, feed: Feed, coder: Coder, scene: Scene, began: int, sound: Sound
    ) -> None:
        self._camera, self._feed, self._coder = camera, feed, coder
        self._scene, self._began, self._sound = scene, began, sound
        self._pinned = self._on_air()
        self._number = self._repeated = 0

    def until_over(self, pace: Pace) -> str:
        """Frame after frame; the reason why there are no more."""
        while True:
            try:
                late = pace.wait(self._number)
            except Stalled:
                return "lost"
            reason = self._camera.ends(self._feed)
            if reason:
                return reason
            for _ in range(late if self._number else 0):
                self._send()  # the last picture again: sound and picture keep their times
                self._repeated += 1
            if late:
                self._feed.say(repeated=self._repeated)
            self._scene.draw(self._camera.follower.room, self._at())
            self._coder.planes.take(self._scene.front, WHOLE)
            self._send()
            self._ring()

    def _at(self) -> int:
        return self._began + round(self._number * 1000 / self._camera.size.fps)

    def _send(self) -> None:
        self._camera.mark(self._coder.planes, self._at())
        self._coder.send(self._number)
        self._number += 1

    def _on_air(self) -> int | None:
        pinned = self._camera.follower.room.pinned
        return pinned.number if pinned else None

    def _ring(self) -> None:
        on_air = self._on_air()
        if on_air != self._pinned and on_air is not None:
            self._camera.later_ring(self._sound, self._coder.next_sound + 6)
        self._pinned = on_air
