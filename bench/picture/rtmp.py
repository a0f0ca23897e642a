"""`python -m bench.picture.rtmp URL`: pushes the barcode of the time and a tone, until it is stopped."""

from __future__ import annotations

import sys
import time
from fractions import Fraction

import av
import numpy as np

from streams.video.camera import barcode
from streams.video.camera.planes import HEIGHT, WIDTH, Planes

FPS, RATE = 30, 48_000


def main(url: str) -> None:
    with av.open(url, "w", format="flv") as out:
        picture = out.add_stream("libx264", rate=FPS)
        picture.width, picture.height, picture.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        picture.options = {"preset": "ultrafast", "tune": "zerolatency"}
        picture.gop_size = FPS
        sound = out.add_stream("aac", rate=RATE, layout="stereo")
        began, frames, samples = time.monotonic(), 0, 0
        while True:
            time.sleep(max(0.0, began + frames / FPS - time.monotonic()))
            planes = Planes.blank()
            barcode.draw(planes, round(time.time() * 1000))
            whole = np.concatenate([planes.y.ravel(), planes.u.ravel(), planes.v.ravel()])
            frame = av.VideoFrame.from_ndarray(
                whole.reshape(HEIGHT * 3 // 2, WIDTH), format="yuv420p"
            )
            frame.pts, frame.time_base = frames, Fraction(1, FPS)
            frames += 1
            for packet in picture.encode(frame):
                out.mux(packet)
            while samples < frames * RATE // FPS:
                wave = 0.1 * np.sin((np.arange(1024) + samples) * 2 * np.pi * 440 / RATE)
                block = av.AudioFrame.from_ndarray(
                    np.stack([wave, wave]).astype(np.float32), format="fltp", layout="stereo"
                )
                block.sample_rate, block.pts, block.time_base = RATE, samples, Fraction(1, RATE)
                samples += 1024
                for packet in sound.encode(block):
                    out.mux(packet)


if __name__ == "__main__":
    main(sys.argv[1])
