"""What an explanation is made of, and how numbers are written in it."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

_DIGITS = 4
_TINY, _HUGE = 1e-3, 1e7


@dataclass(frozen=True, slots=True)
class Formula:
    """One equation; `_{}` and `^{}` mark what stands below and above the line."""

    name: str
    """What it gives, in a few words."""
    letters: str
    numbers: str = ""
    """The same with this picture's values, `expression = value`; empty where there is nothing to put in."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """One stage in words and formulas."""

    title: str
    text: str
    """Three to six sentences."""
    formulas: tuple[Formula, ...]
    of: str = ""
    """Whose numbers these are, as 'cell 5 with a score of 0.93'; empty where they are the whole picture's."""


def number(value: float) -> str:
    """Up to four digits that mean something, a true minus sign, powers of ten where it is tiny or huge."""
    if math.isinf(value) or math.isnan(value):
        return "∞" if value > 0 else "−∞" if value < 0 else "undefined"
    if value and not _TINY <= abs(value) < _HUGE:
        mantissa, exponent = f"{value:.{_DIGITS - 2}e}".split("e")
        return f"{_signed(mantissa)} × 10^{{{_signed(str(int(exponent)))}}}"
    if value == int(value):
        return _signed(f"{int(value):,}")
    places = max(_DIGITS - 1 - math.floor(math.log10(abs(value))), 0)
    text = f"{value:,.{places}f}"
    return _signed(text.rstrip("0").rstrip(".") if places else text)


def plain_number(value: float) -> str:
    """The same where there is no room for powers: 1.2e−07."""
    text = number(value)
    return _signed(f"{value:.1e}") if "×" in text else text


def operand(value: float) -> str:
    """A number inside an expression: in brackets where its sign or power of ten would run into what is before it."""
    text = number(value)
    return f"({text})" if text.startswith("−") or "×" in text else text


def size(*sides: int) -> str:
    """As '52 × 40 × 64'."""
    return " × ".join(f"{side:,}" for side in sides)


def listed(parts: Iterable[str]) -> str:
    """As 'a, b and c'."""
    words = list(parts)
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}" if words else ""


def counted(n: int, noun: str, plural: str = "") -> str:
    """As '1 box' or '2,400 boxes'."""
    return f"{n:,} {noun if n == 1 else plural or noun + 's'}"


def _signed(text: str) -> str:
    return text.replace("-", "−")
