"""`python -m bench.picture.viewers PORT PATH COUNT SECONDS`: so many viewers' sockets that read every part.

A process of its own, so that reading is not charged to the server. Prints one line of JSON.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from dataclasses import asdict, dataclass, field

import aiohttp

from streams.video.path.parts import Part, decode


@dataclass
class Seen:
    """What all viewers together got; `lags` in milliseconds from the end of a part to its arrival."""

    inside: int = 0
    parts: int = 0
    bytes: int = 0
    missed: int = 0
    closed: int = 0
    lags: list[float] = field(default_factory=list)


async def view(session: aiohttp.ClientSession, url: str, until: float, seen: Seen) -> None:
    last: tuple[int, int] | None = None
    async with session.ws_connect(url, max_msg_size=0) as socket:
        seen.inside += 1
        while (left := until - time.monotonic()) > 0:
            try:
                message = await socket.receive(timeout=left)
            except TimeoutError:
                return
            if message.type in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED):
                seen.closed += 1
                return
            if message.type is not aiohttp.WSMsgType.BINARY:
                continue
            now = time.time() * 1000
            piece = decode(message.data)
            if not isinstance(piece, Part):
                continue
            place = (piece.msn, piece.index)
            follows = last is None or place in ((last[0], last[1] + 1), (last[0] + 1, 0))
            seen.missed += not follows
            last = place
            seen.parts += 1
            seen.bytes += len(message.data)
            seen.lags.append(now - piece.at - piece.duration * 1000)


async def main(port: int, path: str, count: int, seconds: float) -> None:
    seen = Seen()
    until = time.monotonic() + seconds
    url = f"ws://127.0.0.1:{port}{path}"
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector) as session, asyncio.TaskGroup() as group:
        for _ in range(count):
            group.create_task(view(session, url, until, seen))
            await asyncio.sleep(0.005)
    lags = sorted(seen.lags)
    told = asdict(seen)
    del told["lags"]
    for name, share in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99)):
        told[name] = round(lags[int(share * (len(lags) - 1))], 1) if lags else None
    sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), float(sys.argv[4])))
