"""What the catalogue refuses."""

from __future__ import annotations

from livestore.base.errors import Conflict, NotFound


class NoSuchProduct(NotFound):
    code = "no_such_product"
    message = "This product does not exist."


class NoSuchVariant(NotFound):
    code = "no_such_variant"
    message = "This variant does not exist."


class ChangedMeanwhile(Conflict):
    """Somebody saved the product after the form was opened."""

    code = "changed_meanwhile"
    message = (
        "Somebody changed this product while you were editing it. Look at it again, then save."
    )


class HandleTaken(Conflict):
    code = "handle_taken"
    message = "Another product already has this address."


class SkuTaken(Conflict):
    code = "sku_taken"
    message = "Another variant already has this SKU."
