"""Formulas as they are printed, worked out: whether what is on the left of '=' gives what is on its right."""

import math
import re

from engine.tracing.explaining import Formula

_PLAIN = {
    "−": "-", "×": "*", "⌊": "floor(", "⌋": ")", "⌈": "ceil(", "⌉": ")", "√": "sqrt", "σ(": "sigmoid(",
    "log_{2}": "log2", "ln(": "log(",
}  # fmt: skip
_NAMES = {
    "floor": math.floor, "ceil": math.ceil, "sqrt": math.sqrt, "log2": math.log2, "log": math.log, "exp": math.exp,
    "max": max, "sigmoid": lambda z: 1 / (1 + math.exp(-z)),
}  # fmt: skip


def value(text: str) -> float:
    """Of an expression in the marks of formulas."""
    text = re.sub(r"(?<=\d),(?=\d{3}\b)", "", text)
    for sign, plain in _PLAIN.items():
        text = text.replace(sign, plain)
    text = re.sub(r"\be\^\{([^{}]*)\}", r"exp(\1)", text)
    text = re.sub(r"\^\{([^{}]*)\}", r"**(\1)", text)
    return float(eval(text, {"__builtins__": {}}, _NAMES))


def sides(formula: Formula) -> tuple[float, float]:
    """Both sides of its numbers."""
    left, right = formula.numbers.rsplit(" = ", 1)
    return value(left), value(right)


def holds(formula: Formula, tolerance: float = 6e-3) -> bool:
    """Whether the numbers agree, as far as four digits of each can say."""
    left, right = sides(formula)
    terms = [abs(float(each.replace(",", ""))) for each in re.findall(r"\d[\d,]*\.?\d*", formula.numbers)]
    scale = max(abs(right), 0.02 * max(terms, default=1.0), 1e-9) if "+" in formula.numbers else max(abs(right), 1e-9)
    return abs(left - right) <= tolerance * scale
