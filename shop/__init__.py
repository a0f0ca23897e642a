"""The shop: catalogue, stock, offers, carts, checkout, orders, payments. Never knows what a show is."""
