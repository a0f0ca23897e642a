"""What livestore needs of whoever moves the money. Adapters speak to a gateway; nothing else does."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from livestore.base.money import Money


class PaymentTrouble(Exception):
    """The gateway did not take what it was asked.

    message    one sentence for people
    permanent  True: this attempt can never succeed. False: nobody knows what became of it; ask again
               with the same attempt.
    """

    def __init__(self, message: str, *, permanent: bool) -> None:
        super().__init__(message)
        self.message = message
        self.permanent = permanent


@dataclass(frozen=True, slots=True)
class Authorization:
    """Charge `amount` to `card` (the whole test number); `attempt` is the idempotency key."""

    attempt: uuid.UUID
    amount: Money
    card: str


class PaymentPort(Protocol):
    """Promises of every adapter.

    All calls are idempotent by attempt: asking again changes nothing and costs nobody anything. A call
    that returns means "understood"; what became of it comes as a webhook (`payment.succeeded`,
    `payment.declined`, `payment.requires_action`, `payment.refunded`), at least once, in any order.
    Calls are made outside of database transactions, because a gateway may take its time.
    """

    def authorize(self, attempt: uuid.UUID, amount: Money, card: str) -> None:
        """Ask for the money and take it. Raises PaymentTrouble."""

    def authorize_many(self, wanted: Sequence[Authorization]) -> list[PaymentTrouble | None]:
        """`authorize` for each, one answer per attempt in the same order; None means accepted."""

    def capture(self, attempt: uuid.UUID) -> None:
        """Go on with an attempt that waited for 3-D Secure: the buyer has confirmed. Raises PaymentTrouble."""

    def refund(self, attempt: uuid.UUID) -> None:
        """Give all the money of a charged attempt back. Raises PaymentTrouble."""
