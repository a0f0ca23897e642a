"""Prepared HTTP requests through bench/native/posts.c: many connections, one thread of C, no bottleneck."""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bench.building import built
from livestore.stack.errors import StackError


@dataclass(frozen=True)
class Answers:
    """What became of the requests. Times are milliseconds, `cpu_seconds` is the load program's own."""

    sent: int
    answered: int
    lost: int
    statuses: Mapping[int, int]
    seconds: float
    per_second: float
    cpu_seconds: float
    p50: float
    p99: float
    p999: float
    longest: float

    def status(self, number: int) -> int:
        return self.statuses.get(number, 0)


def request(host: str, path: str, body: bytes, headers: Mapping[str, str]) -> bytes:
    """One POST of JSON as it goes over the wire."""
    head = [
        f"POST {path} HTTP/1.1",
        f"Host: {host}",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    return "\r\n".join([*head, "", ""]).encode() + body


async def post(
    requests: Sequence[bytes], *, port: int, connections: int, seconds: float
) -> Answers:
    """Send each request once to 127.0.0.1, `connections` at a time, for at most `seconds`."""
    program = await asyncio.to_thread(built, "posts")
    with tempfile.NamedTemporaryFile(prefix="livestore-posts-") as file:
        await asyncio.to_thread(_write, file.name, requests)
        process = await asyncio.create_subprocess_exec(
            str(program),
            *("127.0.0.1", str(port), str(connections), str(seconds), file.name),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
        try:
            output, errors = await asyncio.wait_for(process.communicate(), seconds + 60)
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
    if process.returncode != 0:
        raise StackError(f"the load program failed: {errors.decode().strip()}")
    return read(output.decode())


def _write(path: str, requests: Iterable[bytes]) -> None:
    with open(path, "wb") as file:
        for each in requests:
            file.write(b"%d\n" % len(each) + each)


def read(output: str) -> Answers:
    """The figures from the program's one line of JSON."""
    found = json.loads(output)
    return Answers(
        sent=found["sent"],
        answered=found["answered"],
        lost=found["lost"],
        statuses={int(status): count for status, count in found["statuses"].items()},
        seconds=found["seconds"],
        per_second=found["per_second"],
        cpu_seconds=found["cpu_seconds"],
        p50=found["p50_ms"],
        p99=found["p99_ms"],
        p999=found["p999_ms"],
        longest=found["max_ms"],
    )
