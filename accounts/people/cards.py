"""The test cards of the simulated gateway. No real card number is ever taken."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TestCard:
    """`number` 16 digits, `label` what a person picks, `behaviour` a stable word for programs."""

    __test__ = False  # the name is about cards, not about pytest

    number: str
    label: str
    behaviour: str

    @property
    def spaced(self) -> str:
        """`4242 4242 4242 4242`"""
        return " ".join(self.number[place : place + 4] for place in range(0, 16, 4))

    @property
    def last4(self) -> str:
        return self.number[-4:]


PAYS = "4242424242424242"

TEST_CARDS: list[TestCard] = [
    TestCard(PAYS, "Pays at once", "pays"),
    TestCard("4000000000000002", "Is declined", "declines"),
    TestCard("4000000000003220", "Asks for 3-D Secure", "requires_action"),
    TestCard("4000000000000077", "Pays slowly, after eight seconds", "slow"),
    TestCard("4000000000000119", "Times out, then pays", "timeout"),
    TestCard("4000000000000259", "Pays, and reports twice and out of order", "noisy"),
]
BY_NUMBER = {card.number: card for card in TEST_CARDS}


def plain_number(typed: str) -> str:
    """The digits of a number as people type it, with spaces or dashes."""
    return typed.replace(" ", "").replace("-", "")
