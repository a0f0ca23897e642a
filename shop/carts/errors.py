"""Why a cart could not be changed."""

from __future__ import annotations

from livestore.base.errors import Conflict, NotFound


class NoSuchLine(NotFound):
    code = "no_such_line"
    message = "This is not in your cart any more."


class CartFull(Conflict):
    code = "cart_full"
    message = "Your cart is full. Check out first, then go on."
