from shop.carts.models import Cart, CartKey, CartLine
from shop.catalogue.models import Category, Picture, Product, Variant
from shop.gateway.models import Charge, Delivery
from shop.offers.models import Offer, OfferUse
from shop.orders.models import Order, OrderLine, OrderMove
from shop.payments.models import Payment, WebhookReceipt
from shop.stock.models import Hold, Movement, Stock

__all__ = [
    "Cart",
    "CartKey",
    "CartLine",
    "Category",
    "Charge",
    "Delivery",
    "Hold",
    "Movement",
    "Offer",
    "OfferUse",
    "Order",
    "OrderLine",
    "OrderMove",
    "Payment",
    "Picture",
    "Product",
    "Stock",
    "Variant",
    "WebhookReceipt",
]
