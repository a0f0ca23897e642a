"""`python -m tests.streams.room.inside`: the web server, and three addresses that show what it holds.

/inside/objects  how many objects of some classes are alive; the garbage collector is off here
/inside/lines    how many sockets are open; without any, the sweep looks as it would a minute later
/inside/scopes   the ASGI scopes of the WebSockets so far
"""

from __future__ import annotations

import asyncio
import gc
import json
import sys
from collections import Counter
from typing import Any

from livestore.web import WebCommandLine, WebServer
from streams.room import sweep
from streams.room.line import lines

SCOPES: list[dict[str, Any]] = []


def shown(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.decode("latin1")
    if isinstance(value, list | tuple):
        return [shown(each) for each in value]
    return value


class OpenServer(WebServer):
    def __init__(self, application: Any, *args: Any, **options: Any) -> None:
        async def outer(scope: dict[str, Any], receive: Any, send: Any) -> None:
            if scope["type"] == "websocket":
                fields = {name: shown(value) for name, value in scope.items()}
                SCOPES.append({**fields, "extensions": sorted(scope["extensions"])})
            elif scope["path"].startswith("/inside/"):
                await tell(scope["path"], send)
                return
            await application(scope, receive, send)

        super().__init__(outer, *args, **options)

    def _prepare(self) -> None:
        super()._prepare()
        gc.disable()


async def tell(path: str, send: Any) -> None:
    if path.endswith("scopes"):
        found: Any = SCOPES
    elif path.endswith("lines"):
        found = len(lines())
        if (
            not found
        ):  # what is over leaves the sweep's queues by its turn, which is up to a minute away
            later = sweep.PING_EVERY + sweep.PONG_WITHIN
            lines().sweep.look(asyncio.get_running_loop().time() + later)
    else:
        found = Counter(type(each).__name__ for each in gc.get_objects())
    headers = [(b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(found).encode()})


class OpenCommandLine(WebCommandLine):
    server_class = OpenServer


if __name__ == "__main__":
    OpenCommandLine().run(sys.argv[1:])
