"""The rendition "360p" of any source: its frames again with 360 lines, its sound as it is.

Each of its parts is the small twin of a part of the source: same msn and index, same times, keyframes at the same
frames. It has a thread of its own at the lowest place of the queue. When it can not keep up it ends, and the source
never waits for it.
"""

from __future__ import annotations

import logging
import os
import queue
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from fractions import Fraction

import av
import av.error
from av.video.frame import PictureType
from av.video.reformatter import VideoReformatter

from streams.video.path.fmp4 import (
    AUDIO,
    VIDEO,
    VIDEO_SCALE,
    Run,
    Sample,
    VideoTrack,
    fragment,
    init_segment,
)
from streams.video.path.fragments import audio_track, config, runs
from streams.video.path.h264 import length_prefixed, record
from streams.video.path.parts import End, Init, Part, Piece

logger = logging.getLogger(__name__)

NAME = "360p"
LINES = 360
BEHIND = 12
"""Pieces of the source that may wait: three seconds."""
MOST_PIXELS = 1920 * 1088
MOST_UNSHOWN = 64
"""Frames that went into the decoder and did not come out."""
NICE = 15
GLOBAL_HEADER = 0x400000
BITS = 600_000


class TooMuch(Exception):
    """This source can not be made small."""


@dataclass(slots=True)
class Twin:
    """A part that waits until all of its frames are coded."""

    part: Part
    start: int
    sound: list[Run]
    slots: int
    samples: list[Sample] = field(default_factory=list)


class Coder:
    """Decodes and encodes one take. Raises TooMuch, av.error.FFmpegError."""

    def __init__(self, init: Init) -> None:
        if init.width * init.height > MOST_PIXELS:
            raise TooMuch("its picture is too large")
        decoder = av.CodecContext.create("h264", "r")
        assert isinstance(decoder, av.VideoCodecContext)
        decoder.extradata, decoder.thread_count = config(init.payload), 1
        self._decoder = decoder
        self._width = max(2, round(init.width * LINES / init.height / 2) * 2)
        self._encoder = self._make_encoder()
        self._scaler = VideoReformatter()
        self._twins: deque[Twin] = deque()
        # Of each frame that is not shown yet, in the order of decoding: when, how long, whether it is a keyframe.
        self._slots: deque[tuple[int, int, bool]] = deque()
        self._source = init

    def init(self) -> Init:
        """The source's, with the small picture in place of the large one."""
        parameters = record(bytes(self._encoder.extradata or b""))
        track = VideoTrack(parameters, self._width, LINES)
        first, *rest = self._source.codecs.split(",")
        codecs = ",".join([track.codec, *rest])
        assert first.startswith("avc1")
        payload = init_segment(track, audio_track(self._source.payload))
        return replace(
            self._source,
            rendition=NAME,
            codecs=codecs,
            width=self._width,
            height=LINES,
            payload=payload,
        )

    def take(self, part: Part) -> list[Part]:
        """The small parts that are ready now."""
        found = runs(part.payload)
        [picture] = [run for run in found if run.track == VIDEO]
        sound = [run for run in found if run.track == AUDIO]
        self._twins.append(Twin(part, picture.start, sound, len(picture.samples)))
        time = picture.start
        for sample in picture.samples:
            self._slots.append((time, sample.duration, sample.sync))
            packet = av.Packet(sample.data)
            packet.dts, packet.pts = time, time + sample.offset
            packet.time_base = Fraction(1, VIDEO_SCALE)
            time += sample.duration
            for frame in self._decoder.decode(packet):
                self._code(frame)
        if len(self._slots) > MOST_UNSHOWN:
            raise TooMuch("its frames do not come out")
        return self._ready()

    def rest(self) -> list[Part]:
        """What the decoder has kept back."""
        for frame in self._decoder.decode(None):
            self._code(frame)
        return self._ready()

    def _code(self, frame: av.VideoFrame) -> None:
        """The frames are shown in the order of their slots, one for each."""
        if not self._slots or frame.pts is None:
            raise TooMuch("more comes out than went in")
        time, duration, key = self._slots.popleft()
        offset = frame.pts - time
        small = self._scaler.reformat(
            frame, self._width, LINES, "yuv420p", interpolation="FAST_BILINEAR"
        )
        small.pts, small.time_base = frame.pts, Fraction(1, VIDEO_SCALE)
        small.pict_type = PictureType.I if key else PictureType.P
        [packet] = self._encoder.encode(small)
        twin = next(each for each in self._twins if len(each.samples) < each.slots)
        twin.samples.append(Sample(length_prefixed(bytes(packet)), duration, key, offset))

    def _ready(self) -> list[Part]:
        made = []
        while self._twins and len(self._twins[0].samples) == self._twins[0].slots:
            twin = self._twins.popleft()
            sequence = int.from_bytes(twin.part.payload[20:24], "big")  # of its mfhd
            picture = Run(VIDEO, twin.start, twin.samples)
            made.append(replace(twin.part, payload=fragment(sequence, [picture, *twin.sound])))
        return made

    def _make_encoder(self) -> av.VideoCodecContext:
        encoder = av.CodecContext.create("libx264", "w")
        assert isinstance(encoder, av.VideoCodecContext)
        encoder.width, encoder.height, encoder.pix_fmt = self._width, LINES, "yuv420p"
        encoder.time_base, encoder.framerate = Fraction(1, VIDEO_SCALE), Fraction(30)
        encoder.thread_count = 1
        encoder.flags |= GLOBAL_HEADER
        encoder.options = {
            "preset": "ultrafast",
            "tune": "zerolatency",
            "crf": "25",
            "maxrate": str(BITS),
            "bufsize": str(BITS // 2),
            "g": "100000",
            "forced-idr": "1",
        }
        encoder.open()
        return encoder


class Small:
    """The thread. `take` never waits."""

    def __init__(self, emit: Callable[[Piece, str], None]) -> None:
        self._emit = emit
        self._waiting: queue.Queue[Piece | None] = queue.Queue(BEHIND)
        self._late = threading.Event()
        self._thread: threading.Thread | None = None
        self.trouble = ""
        """Why there is no small rendition (any more)."""

    @property
    def running(self) -> bool:
        return self._thread is not None and self._thread.is_alive() and not self.trouble

    def take(self, piece: Piece) -> None:
        """A piece of the source."""
        if isinstance(piece, Init):
            if piece.height <= LINES:
                self.trouble = "the source is no larger"
                return
            self._thread = threading.Thread(target=self._run, name="small-rendition", daemon=True)
            self._thread.start()
        if self._thread is None or self.trouble:
            return
        try:
            self._waiting.put_nowait(piece)
        except queue.Full:
            self._late.set()
            self.trouble = "this machine is too busy for it"

    def close(self) -> None:
        """Code what waits, unless it is late already."""
        if self._thread is None:
            return
        try:
            self._waiting.put(None, timeout=0 if self.trouble else 1)
        except queue.Full:
            self._late.set()
        self._thread.join()

    def _run(self) -> None:
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICE)
        init = self._waiting.get()
        assert isinstance(init, Init)
        end = End(take=init.take, reason="failed")
        try:
            end = self._code(Coder(init)) or end
        except (TooMuch, av.error.FFmpegError, MemoryError, ValueError) as error:
            self.trouble = str(error) or "memory is short"
        if self.trouble:
            logger.warning("the small rendition ends: %s", self.trouble)
        self._emit(end, NAME)

    def _code(self, coder: Coder) -> End | None:
        """Until the end of the take; None when it was not waited for."""
        self._emit(coder.init(), NAME)
        while not self._late.is_set():
            piece = self._waiting.get()
            if isinstance(piece, Part):
                for part in coder.take(piece):
                    self._emit(part, NAME)
                continue
            for part in coder.rest():
                self._emit(part, NAME)
            return piece if isinstance(piece, End) else None
        return None
