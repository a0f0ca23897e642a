"""Why an offer could not start."""

from __future__ import annotations

from livestore.base.errors import Conflict


class DealRunning(Conflict):
    code = "deal_running"
    message = "A flash deal for this is already running. Stop it first."


class NotForSale(Conflict):
    code = "not_for_sale"
    message = "This is not for sale at the moment."


class MixedCurrencies(Conflict):
    code = "mixed_currencies"
    message = "Prices in different currencies can not be mixed."
