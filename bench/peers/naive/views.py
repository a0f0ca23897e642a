"""`POST /buy/<product>/ {"buyer": n}`: lock, look, take, write, answer."""

from __future__ import annotations

import json

from django.db import transaction
from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from bench.peers.naive.models import Line, Order, Product


@csrf_exempt
@require_POST
def buy(request: HttpRequest, product: int) -> JsonResponse:
    """201 with the order, 409 when nothing is left."""
    buyer = int(json.loads(request.body)["buyer"])
    with transaction.atomic():
        wanted = Product.objects.select_for_update().get(pk=product)
        if wanted.stock < 1:
            return JsonResponse({"error": "sold_out"}, status=409)
        wanted.stock -= 1
        wanted.save(update_fields=["stock"])
        order = Order.objects.create(product=wanted, buyer=buyer)
        Line.objects.create(order=order, quantity=1, price=wanted.price)
    return JsonResponse({"order": order.pk, "status": "pending"}, status=201)
