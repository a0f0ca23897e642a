"""The shop in the admin, one module for each capability."""

from __future__ import annotations

from django.contrib import admin

from shop.catalogue.admin import CategoryAdmin, ProductAdmin
from shop.offers.admin import OfferAdmin
from shop.orders.admin import OrderAdmin
from shop.payments.admin import PaymentAdmin
from shop.stock.admin import HoldAdmin, MovementAdmin, StockAdmin, VariantAdmin

admin.site.index_title = "Today"

__all__ = [
    "CategoryAdmin",
    "HoldAdmin",
    "MovementAdmin",
    "OfferAdmin",
    "OrderAdmin",
    "PaymentAdmin",
    "ProductAdmin",
    "StockAdmin",
    "VariantAdmin",
]
