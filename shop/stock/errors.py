"""Why units could not be kept."""

from __future__ import annotations

from livestore.base.errors import Refusal


class NotEnoughStock(Refusal):
    """Fewer units are on the shelf than were asked for; `data.left` says how many there are."""

    code = "not_enough_stock"
    message = "There are not that many left."

    def __init__(self, left: int) -> None:
        sentence = "There are none left." if left <= 0 else f"There are only {left} left."
        super().__init__(sentence, data={"left": max(left, 0)})
