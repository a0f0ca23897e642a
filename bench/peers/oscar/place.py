"""Orders by django-oscar's own classes: a basket, its checks, OrderCreator.

`place.py prepare` makes tables, a hot product and buyers. `place.py run PROCESSES SECONDS` places as many orders
as it can. `place.py race BUYERS UNITS` lets all of them buy at the same moment. Each prints one line of JSON.
Favours: nothing is sent by mail, no HTTP, no session, no payment.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import sys
import time
from decimal import Decimal
from typing import Any

BUYERS = 2_000


def begin() -> None:
    """Load Django in this process."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.peers.oscar.settings")
    import django

    django.setup()


def prepare() -> dict[str, Any]:
    from django.contrib.auth import get_user_model
    from django.core.management import call_command
    from oscar.core.loading import get_model

    call_command("migrate", verbosity=0, interactive=False)
    kind = get_model("catalogue", "ProductClass").objects.create(
        name="Make-up", requires_shipping=True, track_stock=True
    )
    partner = get_model("partner", "Partner").objects.create(name="Maker", code="maker")
    for upc in ("hot", "race"):
        product = get_model("catalogue", "Product").objects.create(
            product_class=kind, title=f"Lipstick {upc}", upc=upc
        )
        get_model("partner", "StockRecord").objects.create(
            product=product,
            partner=partner,
            partner_sku=upc,
            price_currency="EUR",
            price=Decimal("12.99"),
            num_in_stock=10_000_000,
        )
    get_model("address", "Country").objects.create(
        iso_3166_1_a2="DE", iso_3166_1_a3="DEU", printable_name="Germany", name="Germany"
    )
    user = get_user_model()
    user.objects.bulk_create([user(username=f"buyer{n}", password="!") for n in range(BUYERS)])
    return {"buyers": user.objects.count()}


def order(buyer: Any, upc: str) -> bool:
    """One order of one unit, as a view of oscar's checkout would place it. False: sold out."""
    from oscar.apps.partner.strategy import Default
    from oscar.apps.shipping.methods import Free
    from oscar.core.loading import get_class, get_model

    basket = get_model("basket", "Basket").objects.create(owner=buyer)
    basket.strategy = Default()
    product = get_model("catalogue", "Product").objects.get(upc=upc)
    permitted, _ = basket.is_quantity_allowed(1)
    info = basket.strategy.fetch_for_product(product)
    if not permitted or not info.availability.is_purchase_permitted(1)[0]:
        return False
    basket.add_product(product, 1)
    get_class("offer.applicator", "Applicator")().apply(basket, buyer)
    for line in basket.all_lines():
        if not line.purchase_info.availability.is_purchase_permitted(line.quantity)[0]:
            return False
    method = Free()
    charge = method.calculate(basket)
    total = get_class("checkout.calculators", "OrderTotalCalculator")().calculate(basket, charge)
    address = get_model("order", "ShippingAddress").objects.create(
        first_name="Ada", last_name="Buyer", line1="Street 1", line4="Town", postcode="10115",
        country_id="DE",
    )  # fmt: skip
    get_class("order.utils", "OrderCreator")().place_order(
        basket=basket,
        total=total,
        shipping_method=method,
        shipping_charge=charge,
        user=buyer,
        shipping_address=address,
        order_number=f"{100_000 + basket.id}",
    )
    basket.submit()
    return True


def _worker(number: int, step: int, seconds: float, gate: Any, out: Any) -> None:
    begin()
    from django.contrib.auth import get_user_model

    buyers = list(get_user_model().objects.order_by("pk"))[number::step]
    order(buyers[0], "hot")  # plans, caches and a connection, before it counts
    placed = 0
    gate.wait()
    began, used = time.monotonic(), time.process_time()
    while time.monotonic() - began < seconds:
        placed += order(buyers[placed % len(buyers)], "hot")
    out.put((placed, time.monotonic() - began, time.process_time() - used))


def run(processes: int, seconds: float) -> dict[str, Any]:
    """Orders a second of so many processes, and the CPU of all of them for one order."""
    context = multiprocessing.get_context("spawn")
    gate, out = context.Barrier(processes + 1), context.Queue()
    workers = [
        context.Process(target=_worker, args=(number, processes, seconds, gate, out), daemon=True)
        for number in range(processes)
    ]
    for worker in workers:
        worker.start()
    gate.wait(60)
    told = [out.get(timeout=seconds + 60) for _ in workers]
    for worker in workers:
        worker.join(10)
    placed = sum(count for count, _, _ in told)
    longest = max(lasted for _, lasted, _ in told)
    return {
        "processes": processes,
        "orders": placed,
        "per_second": placed / longest,
        "cpu_seconds": sum(used for _, _, used in told),
    }


def _racer(number: int, gate: Any, out: Any) -> None:
    begin()
    from django.contrib.auth import get_user_model

    buyer = get_user_model().objects.order_by("pk")[number]
    order(buyer, "hot")
    gate.wait()
    try:
        out.put(bool(order(buyer, "race")))
    except Exception as problem:
        out.put(f"{type(problem).__name__}: {problem}")


def race(buyers: int, units: int) -> dict[str, Any]:
    """How many of `buyers` got one of `units` when all buy at once."""
    from django.db import connections
    from oscar.core.loading import get_model

    records = get_model("partner", "StockRecord").objects.filter(partner_sku="race")
    records.update(num_in_stock=units, num_allocated=0)
    connections.close_all()
    context = multiprocessing.get_context("spawn")
    gate, out = context.Barrier(buyers + 1), context.Queue()
    racers = [
        context.Process(target=_racer, args=(number, gate, out), daemon=True)
        for number in range(buyers)
    ]
    for racer in racers:
        racer.start()
    gate.wait(120)
    told = [out.get(timeout=120) for _ in racers]
    for racer in racers:
        racer.join(10)
    record = records.get()
    return {
        "buyers": buyers,
        "units": units,
        "sold": sum(each is True for each in told),
        "refused": sum(each is False for each in told),
        "errors": [each for each in told if isinstance(each, str)],
        "allocated": record.num_allocated,
    }


def main(words: list[str]) -> None:
    begin()
    match words:
        case ["prepare"]:
            told = prepare()
        case ["run", processes, seconds]:
            told = run(int(processes), float(seconds))
        case ["race", buyers, units]:
            told = race(int(buyers), int(units))
        case _:
            sys.exit("place.py prepare | run PROCESSES SECONDS | race BUYERS UNITS")
    sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
