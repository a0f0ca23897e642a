"""What shows add to the shop's pages."""

from __future__ import annotations

from django.http import HttpRequest
from django.template.loader import render_to_string

from livestore.base.panels import panel
from shop.catalogue.models import Product
from shop.orders.models import Order
from streams.shows.models import Show
from streams.shows.showcase import shows_with


@panel("product")
def shows_of_product(request: HttpRequest, product: Product) -> str:
    """Which shows have this product."""
    return render_to_string(
        "streams/parts/shows_with.html", {"shows": shows_with(product)}, request=request
    )


@panel("order")
def show_of_order(request: HttpRequest, order: Order) -> str:
    """In which show it was bought."""
    show = Show.objects.filter(slug=order.channel).first() if order.channel else None
    return render_to_string("streams/parts/show_of_order.html", {"show": show}, request=request)
