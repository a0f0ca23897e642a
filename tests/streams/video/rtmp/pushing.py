"""`python -m tests.streams.video.rtmp.pushing URL VIDEO AUDIO`: libav sends a grey that changes and a tone to an RTMP
door. Each line on standard input is a number of seconds to send, answered by "pushed"; its end is goodbye."""

from __future__ import annotations

import sys
from fractions import Fraction
from typing import Any

import av
import numpy as np

FPS, RATE = 24, 48_000


def main(url: str, video: str, audio: str) -> None:
    with av.open(url, "w", format="flv") as container:
        picture: Any = container.add_stream(video, rate=FPS)
        picture.width, picture.height, picture.pix_fmt = 160, 90, "yuv420p"
        picture.thread_count = 1
        picture.options = {"g": str(FPS)}
        if video == "libx264":
            picture.options = {"preset": "ultrafast", "tune": "zerolatency", "g": str(FPS)}
        sound: Any = container.add_stream(audio, rate=RATE) if audio else None
        frames = samples = 0
        for line in sys.stdin:
            for _ in range(round(float(line) * FPS)):
                grey = np.full((135, 160), 20 + frames * 2 % 200, np.uint8)
                frame = av.VideoFrame.from_ndarray(grey, format="yuv420p")
                frame.pts, frame.time_base = frames, Fraction(1, FPS)
                container.mux(picture.encode(frame))
                frames += 1
                while sound and samples * FPS < frames * RATE:
                    wave = np.sin((np.arange(1024) + samples) * (2 * np.pi * 440 / RATE))
                    tone = av.AudioFrame.from_ndarray(
                        np.stack([wave, wave]).astype(np.float32) * 0.2, "fltp", "stereo"
                    )
                    tone.pts, tone.sample_rate, tone.time_base = samples, RATE, Fraction(1, RATE)
                    container.mux(sound.encode(tone))
                    samples += 1024
            sys.stdout.write("pushed\n")
            sys.stdout.flush()
        for stream in (picture, sound):
            if stream is not None:
                container.mux(stream.encode(None))


if __name__ == "__main__":
    main(*sys.argv[1:])
