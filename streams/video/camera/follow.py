"""The camera's ear in the room: hears its events, and looks at the database again when one changes the picture.

The database is the truth and an event only the bell, so nothing can be missed for long: while Valkey is away, and
after it is back, the room is read anew.
"""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import replace
from typing import Any

import orjson
import redis
from django.conf import settings
from django.db import Error as DatabaseError
from django.db import close_old_connections, connection

from livestore.base.clock import database_now
from livestore.base.errors import Refusal
from streams.room import log
from streams.video.camera.looks import room_of
from streams.video.camera.room import Room, Said
from streams.video.sources import Standing, standing

logger = logging.getLogger(__name__)

LOOK_EVERY = 1.0
"""Seconds between two looks at whether this show is (still) to be filmed."""
STOCK_EVERY = 15.0
"""Stock changes with every sale; the picture only says what is sold out, and that is looked at at once."""
BELLS = frozenset(
    ("show.changed", "item.pinned", "item.unpinned", "item.changed", "deal.started", "deal.ended")
)
STOCK = frozenset(("stock.changed", "item.stock"))


class Follower:
    """Follows one room in a thread of its own. `room` and `standing` are replaced, never changed."""

    def __init__(self, slug: str) -> None:
        self.slug = slug
        self.room = Room()
        self.standing = Standing("", "")
        self.changed = threading.Event()
        """Set whenever the room or the standing was read."""
        self._offset = 0.0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="camera-follower", daemon=True)

    def start(self) -> None:
        """Reads the room once, then follows it. Raises NoSuchShow, database errors."""
        self._offset = database_now().timestamp() - time.time()
        self._look()
        self._read()
        self._thread.start()

    def close(self) -> None:
        self._stop.set()
        self._thread.join()

    def now(self) -> int:
        """Server milliseconds: the database's clock, as it was compared at the start."""
        return round((time.time() + self._offset) * 1000)

    # -- the thread ----------------------------------------------------------------------------------

    def _run(self) -> None:
        try:
            while not self._stop.is_set():
                try:
                    self._listen()
                except redis.RedisError as error:
                    logger.info("the room is not heard: %s", error)
                except (DatabaseError, Refusal) as error:
                    logger.info("the room is not seen: %s", error)
                    close_old_connections()
                except Exception:
                    # A camera that heard nothing any more would film on what was long ago.
                    logger.exception("the room of %s could not be followed", self.slug)
                if not self._stop.wait(0.5):
                    self._try_to_read()
        finally:
            connection.close()

    def _try_to_read(self) -> None:
        try:
            self._look()
            self._read()
        except (DatabaseError, Refusal) as error:
            logger.info("the room is not seen: %s", error)
            close_old_connections()
        except Exception:
            logger.exception("the room of %s could not be read", self.slug)

    def _listen(self) -> None:
        with redis.Redis.from_url(
            settings.REDIS_URL, socket_timeout=5, socket_connect_timeout=1
        ) as valkey:
            news = valkey.pubsub(ignore_subscribe_messages=True)
            try:
                news.subscribe(log.news(self.slug))
                # What happened until the subscription stood is in the database.
                news.get_message(timeout=1.0)
                self._read()
                self._hear(news)
            finally:
                news.close()

    def _hear(self, news: Any) -> None:
        looked, due, read = time.monotonic(), False, time.monotonic()
        while not self._stop.is_set():
            message = news.get_message(timeout=0.25)
            now = time.monotonic()
            bell = False
            if message is not None:
                bell, stock = self._rings(message["data"])
                due = due or stock
            if bell or (due and now - read > STOCK_EVERY):
                self._look()
                self._read()
                due, read, looked = False, now, now
            elif now - looked > LOOK_EVERY:
                self._look()
                looked = now

    def _rings(self, publication: bytes) -> tuple[bool, bool]:
        """Whether it has to be looked at now, and whether soon."""
        bell = stock = False
        for line in publication.split(b"\n")[1:]:
            _, _, text = line.partition(b"{")
            if b'"chat.' in text[:20] or not text:
                continue
            event = orjson.loads(b"{" + text)
            if event["type"] == "caption.said":
                at, data = event["at"], event["data"]
                said = Said(data["text"], at, at + round(data["seconds"] * 1000))
                self.room = replace(self.room, said=said)
                self.changed.set()
            bell = bell or event["type"] in BELLS
            if event["type"] in STOCK:
                stock = True
                bell = bell or event["data"].get("left") == 0
        return bell, stock

    def _look(self) -> None:
        self.standing = standing(self.slug)
        self.changed.set()

    def _read(self) -> None:
        self.room = room_of(self.slug)
        self.changed.set()
