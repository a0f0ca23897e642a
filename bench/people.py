"""A sale to be measured: a live show, hot products in its run of show, and people who may buy.

Everything comes in by the public doors and the commands that people use: the product import, the HTTP API as
the host, and `manage.py tickets`, which makes simulated people with an address, a card that pays and a ticket.
"""

from __future__ import annotations

import json
import random
import tempfile
import urllib.error
import urllib.request
import uuid
from dataclasses import dataclass
from typing import Any

from livestore.stack.errors import StackError
from livestore.stack.launch import Demo

HEAD = (
    "Handle,Title,Body (HTML),Vendor,Type,Published,Option1 Name,Option1 Value,"
    "Variant SKU,Variant Grams,Variant Inventory Qty,Variant Price\n"
)
PRICE = "12.99"


@dataclass(frozen=True)
class Ware:
    """One product of one variant on the shelf. `number` is its place in the run of show, `price` minor units."""

    product: int
    variant: int
    number: int
    price: int
    units: int


@dataclass(frozen=True)
class Sale:
    """A live show with its wares, and one ticket for each of its people."""

    origin: str
    slug: str
    token: str
    wares: dict[str, Ware]
    tickets: list[str]

    @property
    def path(self) -> str:
        """Where the room's socket is."""
        return f"/ws/shows/{self.slug}/"

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """The HTTP API as the host. StackError with the platform's own words when it refuses."""
        return call(self.origin, self.token, method, path, body)

    def command(self, kind: str, data: dict[str, Any] | None = None) -> None:
        """A host command of this show."""
        self.call("POST", f"/shows/{self.slug}/commands", {"type": kind, "data": data or {}})


def prepare(demo: Demo, *, wares: dict[str, int], people: int) -> Sale:
    """Products by handle with so many units each, in the run of show of a new live show; and its people."""
    with tempfile.NamedTemporaryFile("w", suffix=".csv", prefix="livestore-bench-") as file:
        file.write(HEAD)
        for handle, units in wares.items():
            title = handle.replace("-", " ").capitalize()
            line = f"{handle},{title},<p>Measured.</p>,Maker,Makeup,TRUE,Title,Default Title,"
            file.write(f"{line}{handle.upper()},100,{units},{PRICE}\n")
        file.flush()
        _manage(demo, "import_catalog", file.name, "--currency", "EUR")
    token = _manage(demo, "api_token", "host").split()[-1]
    show = call(demo.origin, token, "POST", "/shows", {"title": f"Measured {uuid.uuid4().hex[:8]}"})
    slug = str(show["slug"])
    found: dict[str, Ware] = {}
    for number, (handle, units) in enumerate(wares.items(), start=1):
        product = call(demo.origin, token, "GET", f"/products/{handle}")
        [variant] = product["variants"]
        found[handle] = Ware(product["id"], variant["id"], number, variant["price"]["minor"], units)
    items = [{"number": ware.number, "product": ware.product} for ware in found.values()]
    call(demo.origin, token, "PUT", f"/shows/{slug}/items", items)
    sale = Sale(demo.origin, slug, token, found, tickets(demo, slug, people) if people else [])
    sale.command("show.start")
    return sale


def tickets(demo: Demo, slug: str, people: int) -> list[str]:
    """So many new simulated people; one ticket of each."""
    return _manage(demo, "tickets", "--show", slug, "--count", str(people)).split()


def _manage(demo: Demo, *argv: str) -> str:
    """What a management command printed; StackError with its last words when it failed."""
    done = demo.manage(*argv, check=False)
    if done.returncode != 0:
        last = (done.stderr or done.stdout).strip().splitlines()[-1:] or ["it said nothing"]
        raise StackError(f"{argv[0]} failed: {last[0]}")
    return done.stdout


def call(origin: str, token: str, method: str, path: str, body: Any = None) -> Any:
    """One request to the HTTP API; the decoded answer. StackError when it is refused or nobody answers."""
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    if method == "POST":
        headers["Idempotency-Key"] = str(uuid.uuid4())
    asked = urllib.request.Request(
        f"{origin}/api/v1{path}",
        data=None if body is None else json.dumps(body).encode(),
        headers=headers,
        method=method,
    )
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(asked, timeout=30) as answer:
            text = answer.read()
    except urllib.error.HTTPError as error:
        raise StackError(f"{method} {path} was refused: {error.read().decode()[:300]}") from error
    except OSError as error:
        raise StackError(f"{method} {path}: nobody answered ({error}).") from error
    return json.loads(text) if text else {}


def keys(seed: int, count: int) -> list[str]:
    """Idempotency keys that are the same for the same seed."""
    dice = random.Random(seed)
    return [str(uuid.UUID(int=dice.getrandbits(128), version=4)) for _ in range(count)]


def buy_frames(ware: Ware, count: int, *, seed: int) -> list[str]:
    """`buy` commands of one unit for the socket, each with a key of its own."""
    data = f'"variant":{ware.variant},"quantity":1,"seen_price":{ware.price}'
    return [
        f'{{"type":"buy","ref":"b{place}","data":{{{data},"key":"{key}"}}}}'
        for place, key in enumerate(keys(seed, count))
    ]


def chat_frames(count: int) -> list[str]:
    """Chat messages, each another one."""
    return [
        f'{{"type":"chat.send","ref":"c{n}","data":{{"text":"How does shade {n} look by daylight?"}}}}'
        for n in range(count)
    ]
