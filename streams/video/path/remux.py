"""The process that turns what a browser's recorder or an RTMP sender wrote into parts.

`python -m streams.video.path.remux`: on standard input what intake.py reads, on standard output notes, a line of JSON
each:

    {"kind": "began", "width", "height", "codecs"}
    {"kind": "state", ...}                          once a second: Feed's state with bitrate (bits a second that came),
                                                    delay (ms from a frame's coming to its part's leaving), dropped
    {"kind": "refused", "code", "message", "retry"} what came can not be shown; "retry": a fresh recording may be
    {"kind": "ended", "reason"}                     always the last

Bytes of strangers are parsed here and nowhere else, so the process can not do much: no secrets in its environment,
bounded address space, the lowest place in the queue, no core dumps.
"""

from __future__ import annotations

import json
import logging
import os
import resource
import signal
import sys
import threading
import time
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import av
import av.error

from streams.video.path import picture, sound
from streams.video.path.feed import Feed
from streams.video.path.h264 import NotH264
from streams.video.path.intake import Intake, TooMuch
from streams.video.path.orders import TakeOrder
from streams.video.path.packager import BrokenTimes, Packager
from streams.video.path.parts import Init, Part, Piece
from streams.video.path.sender_clock import SenderClock

logger = logging.getLogger(__name__)

ADDRESS_SPACE = 640 * 1024 * 1024
"""Bytes. A process that codes 720 lines anew uses 300 MB of it, most of them libraries and stacks."""
NICE = 5
FORMATS = {"webm": "matroska", "flv": "flv"}
OPTIONS = {"probesize": "65536", "analyzeduration": "500000", "fpsprobesize": "0"}
PICTURE_WITHIN = 10.0
"""Seconds after the first byte within which a first picture has to come."""
MOST_TRACKS = 4
MOST_ERRORS = 25
"""Damaged packets of one take."""
LONGEST = 24 * 3600
BEHIND, CAUGHT_UP = 500.0, 200.0
"""Milliseconds of lateness at which frames are left out, and at which no longer."""
HOPELESS = 5_000.0
"""Milliseconds; from there on not even decoded until the next keyframe."""
NUDGE = Fraction(1, 1000)
ROUNDED = Fraction(1, 10)
"""Seconds that a frame's time may lie before the last one: recorders round, and sort a little late."""


class Refused(Exception):
    """What came can not be shown."""

    def __init__(self, code: str, message: str, *, retry: bool = False) -> None:
        super().__init__(message)
        self.code, self.message, self.retry = code, message, retry

    def note(self) -> dict[str, Any]:
        return {"kind": "refused", "code": self.code, "message": self.message, "retry": self.retry}


def say(note: dict[str, Any]) -> None:
    try:
        sys.stdout.write(json.dumps(note) + "\n")
        sys.stdout.flush()
    except OSError:
        logger.debug("nobody listens")  # the parent is gone, which standard input says too


class Remux:
    """One take, from the first byte to the last."""

    def __init__(self, order: TakeOrder, container: str, intake: Intake, feed: Feed) -> None:
        self._order, self._container = order, container
        self._intake, self._feed = intake, feed
        self._clock = SenderClock()
        self._packager: Packager | None = None
        self._picture: picture.Copied | picture.Recoded | None = None
        self._sound: sound.Passed | sound.Recoded | None = None
        self._base: Fraction | None = None
        self._last = Fraction(-1)
        self._began = time.monotonic()
        self._wall = time.time() - time.monotonic()
        self._errors = self._dropped = self._came = 0
        self._delay = 0.0
        self._skipping = self._hopeless = False
        self._told = time.monotonic()

    def run(self) -> str:
        """Until the end of the stream; why it ended. Raises Refused."""
        try:
            self._read()
        except BrokenTimes as error:
            raise Refused(
                "broken_times", f"{error} The camera starts again.", retry=True
            ) from error
        except picture.Changed as error:
            text = "The picture has changed its size. The camera starts again."
            raise Refused("picture_changed", text, retry=True) from error
        except NotH264 as error:
            raise Refused("wrong_codec", f"The H.264 picture can not be read. {error}") from error
        except TooMuch as error:
            raise Refused("too_large", "Too many bytes came for one picture.") from error
        except MemoryError as error:
            raise Refused("too_large", "The picture needs too much memory.") from error
        return self._intake.reason or "lost"

    def close(self, reason: str) -> None:
        if self._packager is not None:
            self._packager.close(reason)

    # -- in ---------------------------------------------------------------------------------------

    def _read(self) -> None:
        try:
            opened = av.open(self._intake, "r", format=FORMATS[self._container], options=OPTIONS)
        except (av.error.FFmpegError, EOFError) as error:
            if isinstance(error, MemoryError):
                raise
            if self._intake.reason is not None:
                return  # it ended before it began
            raise Refused("not_video", "This is no video that we can read.") from error
        with opened:
            self._look_at(opened)
            for packet in self._packets(opened):
                self._take(packet)

    def _look_at(self, opened: av.container.InputContainer) -> None:
        """Which streams there are. Raises Refused."""
        if len(opened.streams) > MOST_TRACKS:
            raise Refused("not_video", "There are too many tracks in this stream.")
        if not opened.streams.video:
            if self._intake.reason is not None:
                return
            raise Refused("no_picture", "There is no picture in this stream.")
        video = opened.streams.video[0].codec_context
        if not 0 < video.width * video.height <= picture.MOST_PIXELS:
            raise Refused("too_large", "The picture's size can not be shown.")
        if video.name == "h264":
            self._picture = picture.Copied(video)
        elif self._container == "webm" and video.name in ("vp8", "vp9"):
            self._picture = picture.Recoded(video)
        else:
            raise Refused("wrong_codec", f"The picture comes as {video.name}. Send H.264 or VP8.")
        if opened.streams.audio:
            audio = opened.streams.audio[0].codec_context
            if audio.name == "aac" and audio.extradata:
                self._sound = sound.Passed(audio)
            elif audio.name == "opus":
                self._sound = sound.Recoded(audio)
            else:
                raise Refused("wrong_codec", f"The sound comes as {audio.name}. Send AAC or Opus.")

    def _packets(self, opened: av.container.InputContainer) -> Iterator[av.Packet[Any]]:
        video = opened.streams.video[:1]
        chosen = [*video, *(opened.streams.audio[:1] if self._sound is not None else ())]
        while chosen and self._intake.reason is None:
            try:
                for packet in opened.demux(chosen):
                    if packet.size:
                        yield packet
                return
            except av.error.InvalidDataError:
                self._damaged()
            except (av.error.EOFError, EOFError):
                return

    def _damaged(self) -> None:
        self._errors += 1
        if self._errors > MOST_ERRORS:
            raise Refused("damaged", "Too much of the picture arrives damaged.", retry=True)

    def _take(self, packet: av.Packet[Any]) -> None:
        self._came += packet.size
        try:
            if packet.stream.type == "video":
                self._take_picture(packet)
            elif self._sound is not None and self._packager is not None:
                for data, pts in self._sound.take(packet):
                    self._packager.audio(data, pts=pts)
        except av.error.InvalidDataError:
            self._damaged()
        if self._base is None and time.monotonic() - self._began > PICTURE_WITHIN:
            raise Refused("no_picture", "No picture came.", retry=True)
        if time.monotonic() - self._told >= 1:
            self._tell()

    def _take_picture(self, packet: av.Packet[Any]) -> None:
        assert self._picture is not None
        self._intake.frame_came()
        if packet.pts is None:
            return
        seconds = packet.pts * packet.time_base
        if self._base is None:
            if not packet.is_keyframe:
                return
            self._base = seconds
        media = float(seconds - self._base)
        if media > LONGEST:
            raise Refused("too_long", "This recording is a day old. It starts again.", retry=True)
        self._clock.came(media, (self._intake.came + self._wall) * 1000)
        if isinstance(self._picture, picture.Copied):
            frames = self._picture.take(packet)
        else:
            if not self._worth_decoding(media, packet.is_keyframe):
                return
            frames = self._picture.take(packet, show=not self._skipping)
        for frame in frames:
            self._send(frame)

    def _worth_decoding(self, media: float, key: bool) -> bool:
        """Coding takes time: who is late leaves frames out, and who is hopelessly late everything up to a keyframe."""
        late = self._clock.late(media, time.time() * 1000)
        self._hopeless = late > HOPELESS or (self._hopeless and not key)
        self._skipping = late > (CAUGHT_UP if self._skipping else BEHIND)
        self._dropped += self._skipping or self._hopeless
        return not self._hopeless

    # -- out --------------------------------------------------------------------------------------

    def _send(self, frame: picture.Coded) -> None:
        dts = frame.dts
        if self._last - ROUNDED < dts <= self._last:
            dts = self._last + NUDGE
        if self._packager is None:
            self._packager = self._begin()
        self._packager.video(frame.data, pts=max(frame.pts, dts), dts=dts, key=frame.key)
        self._last = dts

    def _begin(self) -> Packager:
        assert self._picture is not None
        assert self._picture.track is not None
        return Packager(
            video=self._picture.track,
            audio=self._sound.track if self._sound is not None else None,
            emit=self._emit,
            clock=self._clock,
            take=self._order.ordinal,
            msn=self._order.msn,
            source=self._order.source,
        )

    def _emit(self, piece: Piece) -> None:
        self._feed.emit(piece)
        if isinstance(piece, Init):
            size = {"width": piece.width, "height": piece.height}
            say({"kind": "began", **size, "codecs": piece.codecs})
        elif isinstance(piece, Part):
            took = time.time() * 1000 - piece.at
            self._delay = took if not self._delay else self._delay * 0.8 + took * 0.2

    def _tell(self) -> None:
        now = time.monotonic()
        self._feed.say(
            bitrate=round(self._came * 8 / (now - self._told)),
            delay=round(self._delay),
            dropped=self._dropped,
            damaged=self._errors,
        )
        self._told, self._came = now, 0
        say({"kind": "state", **self._feed.state()})


def limit_ourselves() -> None:
    os.nice(NICE)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))


def main() -> None:
    logging.basicConfig(level=logging.WARNING, format="remux: %(message)s")
    asked: list[str] = []
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent says when
    signal.signal(signal.SIGTERM, lambda *_: asked.append("lost"))
    limit_ourselves()
    displaced: list[threading.Event] = []

    def ended() -> str | None:
        if any(each.is_set() for each in displaced):
            return "switched"
        return asked[0] if asked else None

    intake = Intake(sys.stdin.fileno(), ended)
    text, container = intake.line(), intake.line()
    if not container:
        return
    with Feed(TakeOrder.from_json(text)) as feed:
        displaced.append(feed.displaced)
        remux = Remux(feed.order, container, intake, feed)
        try:
            reason = remux.run()
        except Refused as refused:
            say(refused.note())
            reason = "failed"
        remux.close(reason)
    say({"kind": "ended", "reason": reason})


if __name__ == "__main__":
    main()
