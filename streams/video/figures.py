"""What is counted of the picture in this process. Everything here is written in the event loop's thread only."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily

from livestore.base.metrics import Looked, Tally

written = Tally("livestore_video_written_bytes", "Bytes of pieces handed to viewers' sockets.")
jumps = Tally("livestore_video_jumps", "Times that a slow viewer went on at the newest keyframe.")


def _look() -> Iterator[Metric]:
    from streams.video.scene import scenes
    from streams.video.windows import windows

    try:
        asyncio.get_running_loop()
    except RuntimeError:  # a process without viewers
        return
    for name, text, value in (
        ("livestore_video_viewers", "Sockets that watch.", scenes().viewers),
        ("livestore_video_waiting", "Requests that wait for a part.", scenes().waiting),
        ("livestore_video_window_bytes", "Bytes of all windows.", windows().bytes),
    ):
        yield GaugeMetricFamily(name, text, value=value)


Looked(_look)
