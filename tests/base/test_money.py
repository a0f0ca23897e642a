"""Money: whole minor units, one currency at a time."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livestore.base.money import MixedCurrencies, Money

amounts = st.integers(min_value=-(10**9), max_value=10**9)


def test_two_currencies_refuse_to_meet() -> None:
    euro, dollar = Money(100, "EUR"), Money(100, "USD")
    for together in (lambda: euro + dollar, lambda: euro - dollar, lambda: euro < dollar):
        with pytest.raises(MixedCurrencies):
            together()


@pytest.mark.parametrize("minor", [1.5, "1", None, True])
def test_minor_units_are_whole_numbers_only(minor: object) -> None:
    with pytest.raises(TypeError):
        Money(minor, "EUR")  # type: ignore[arg-type]


@pytest.mark.parametrize("currency", ["eur", "EURO", "", "€"])
def test_a_currency_is_three_capital_letters(currency: str) -> None:
    with pytest.raises(ValueError, match="currency"):
        Money(1, currency)


@pytest.mark.parametrize(
    ("money", "text"),
    [
        (Money(1299, "EUR"), "€12.99"),
        (Money(1234567, "USD"), "$12,345.67"),
        (Money(500, "JPY"), "¥500"),
        (Money(5, "SEK"), "SEK 0.05"),
        (Money(-250, "EUR"), "€-2.50"),
        (Money(1234, "KWD"), "KWD 1.234"),
    ],
)
def test_amounts_are_written_as_people_read_them(money: Money, text: str) -> None:
    assert str(money) == text


@pytest.mark.parametrize(
    ("minor", "basis_points", "share"),
    [(1299, 1000, 130), (5, 1000, 1), (4, 1000, 0), (-5, 1000, -1), (999, 10_000, 999)],
)
def test_a_share_rounds_half_up(minor: int, basis_points: int, share: int) -> None:
    assert Money(minor, "EUR").share(basis_points) == Money(share, "EUR")


@given(amounts, amounts, st.integers(min_value=0, max_value=99))
def test_sums_and_products_lose_nothing(one: int, other: int, quantity: int) -> None:
    a, b = Money(one, "EUR"), Money(other, "EUR")
    assert (a + b) - b == a
    assert quantity * a == Money(one * quantity, "EUR")
