"""Pages of the shop."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from shop.carts import pages as carts
from shop.catalogue import pages as catalogue
from shop.checkout import pages as checkout
from shop.orders import pages as orders

urlpatterns: list[URLPattern | URLResolver] = [
    path("products/", catalogue.products, name="products"),
    path("products/<slug:handle>/", catalogue.product, name="product"),
    path("buy/<int:variant>/", checkout.buy_now, name="buy_now"),
    path("cart/", carts.cart, name="cart"),
    path("cart/add/", carts.add, name="cart_add"),
    path("cart/lines/<int:line>/", carts.quantity, name="cart_quantity"),
    path("cart/lines/<int:line>/remove/", carts.remove, name="cart_remove"),
    path("cart/lines/<int:line>/hold/", carts.hold_again, name="cart_hold"),
    path("orders/", orders.orders, name="orders"),
    path("orders/<slug:public_id>/", orders.order, name="order"),
    path("orders/<slug:public_id>/cancel/", orders.cancel, name="order_cancel"),
    path("orders/<slug:public_id>/card/", orders.other_card, name="order_card"),
    path("orders/<slug:public_id>/confirm/", orders.confirm, name="order_confirm"),
    path("", include("shop.catalogue.urls")),
]
