"""The adapter of the simulated gateway, and the one place that says which gateway is used."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from livestore.base.money import Money
from shop.gateway import services as gateway
from shop.payments.port import Authorization, PaymentPort, PaymentTrouble

AWAY = "The payment service does not answer right now. We keep trying."


class SimulatedGateway:
    """See shop.payments.port.PaymentPort for the promises."""

    def authorize(self, attempt: uuid.UUID, amount: Money, card: str) -> None:
        (trouble,) = self.authorize_many([Authorization(attempt, amount, card)])
        if trouble is not None:
            raise trouble

    def authorize_many(self, wanted: Sequence[Authorization]) -> list[PaymentTrouble | None]:
        answers = gateway.charge(
            [gateway.ChargeRequest(each.attempt, each.amount, each.card) for each in wanted]
        )
        return [_trouble(answers[each.attempt]) for each in wanted]

    def capture(self, attempt: uuid.UUID) -> None:
        self._raise(gateway.confirm(attempt))

    def refund(self, attempt: uuid.UUID) -> None:
        self._raise(gateway.refund(attempt))

    def _raise(self, answer: gateway.Answer) -> None:
        trouble = _trouble(answer)
        if trouble is not None:
            raise trouble


def _trouble(answer: gateway.Answer) -> PaymentTrouble | None:
    if answer is gateway.Answer.ACCEPTED:
        return None
    if answer is gateway.Answer.NO_ANSWER:
        return PaymentTrouble(AWAY, permanent=False)
    return PaymentTrouble(answer.value, permanent=True)


def current() -> PaymentPort:
    """The gateway that this installation uses."""
    return SimulatedGateway()
