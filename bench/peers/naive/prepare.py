"""`python -m bench.peers.naive.prepare UNITS`: tables and one product; `... check`: the sums as JSON."""

from __future__ import annotations

import json
import os
import sys


def main(word: str) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.peers.naive.settings")
    import django
    from django.db import connection

    django.setup()
    from bench.peers.naive.models import Line, Order, Product

    if word == "check":
        found = {
            "orders": Order.objects.count(),
            "lines": Line.objects.count(),
            "left": Product.objects.get(pk=1).stock,
        }
        sys.stdout.write(json.dumps(found) + "\n")
        return
    with connection.schema_editor() as editor:
        for model in (Product, Order, Line):
            editor.create_model(model)
    Product.objects.create(pk=1, title="Lipstick", price="12.99", stock=int(word))


if __name__ == "__main__":
    main(sys.argv[1])
