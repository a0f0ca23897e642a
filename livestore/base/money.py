"""Money is a whole number of minor units and a currency; two currencies never meet in one sum."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

# ISO 4217 currencies whose minor unit is not a hundredth (exponent 0 and 3); all others have two digits.
EXPONENTS = {"JPY": 0, "KRW": 0, "VND": 0, "CLP": 0, "ISK": 0, "BHD": 3, "KWD": 3, "TND": 3}
SYMBOLS = {"EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥", "CNY": "¥"}


class MixedCurrencies(ValueError):
    """Two currencies were about to be added or compared."""


@dataclass(frozen=True, slots=True)
class Money:
    """An amount: `minor` in the smallest unit of `currency` (ISO 4217 letters)."""

    minor: int
    currency: str

    def __post_init__(self) -> None:
        if type(self.minor) is not int:
            raise TypeError(f"minor units are whole numbers, not {type(self.minor).__name__}")
        if len(self.currency) != 3 or not self.currency.isupper():
            raise ValueError(f"{self.currency!r} is not a currency code")

    def _same(self, other: Money) -> None:
        if self.currency != other.currency:
            raise MixedCurrencies(f"{self.currency} and {other.currency} do not mix")

    def __add__(self, other: Money) -> Money:
        self._same(other)
        return Money(self.minor + other.minor, self.currency)

    def __sub__(self, other: Money) -> Money:
        self._same(other)
        return Money(self.minor - other.minor, self.currency)

    def __mul__(self, quantity: int) -> Money:
        if type(quantity) is not int:
            raise TypeError(
                "money is multiplied by whole numbers only; use share() for percentages"
            )
        return Money(self.minor * quantity, self.currency)

    __rmul__ = __mul__

    def __lt__(self, other: Money) -> bool:
        self._same(other)
        return self.minor < other.minor

    def __le__(self, other: Money) -> bool:
        self._same(other)
        return self.minor <= other.minor

    def share(self, basis_points: int) -> Money:
        """`basis_points` hundredths of a percent of this amount, half a unit rounded up (away from zero)."""
        scaled = abs(self.minor) * basis_points
        rounded = (scaled + 5_000) // 10_000
        return Money(rounded if self.minor >= 0 else -rounded, self.currency)

    @property
    def exponent(self) -> int:
        return EXPONENTS.get(self.currency, 2)

    @property
    def symbol(self) -> str:
        return SYMBOLS.get(self.currency, self.currency)

    @property
    def figure(self) -> str:
        """The amount without its currency: `1,299.00`."""
        sign = "-" if self.minor < 0 else ""
        whole, rest = divmod(abs(self.minor), 10**self.exponent)
        return f"{sign}{whole:,}" + (f".{rest:0{self.exponent}d}" if self.exponent else "")

    def __str__(self) -> str:
        gap = "" if self.currency in SYMBOLS else " "
        return f"{self.symbol}{gap}{self.figure}"

    def as_json(self) -> dict[str, Any]:
        """`{"minor": 1299, "currency": "EUR"}`"""
        return {"minor": self.minor, "currency": self.currency}
