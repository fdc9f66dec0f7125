"""Values of options as words in a field, and back again. No Qt here."""

from __future__ import annotations

from typing import Any

from engine.training.plan import Choosable, Kind

EMPTY = ""


def in_words(kind: Kind, value: Any) -> str:
    """A value as it is written in a field; None is nothing."""
    if value is None:
        return EMPTY
    if kind == "numbers":
        return ", ".join(f"{each:.6g}" for each in value)
    if kind == "pairs":
        return ", ".join(f"{width:.6g} x {height:.6g}" for width, height in value)
    if kind == "switch":
        return "on" if value else "off"
    return f"{value:.6g}" if kind == "number" else str(value)


def parsed(option: Choosable, text: str) -> Any:
    """The value that is written in a field; raises ValueError where it is none."""
    text = text.strip()
    if not text and option.is_optional:
        return None
    if option.kind == "number":
        return float(text)
    if option.kind == "whole":
        return int(text)
    parts = [part for part in text.split(",") if part.strip()]
    if option.kind == "numbers":
        return tuple(float(part) for part in parts)
    if option.kind == "pairs":
        return tuple(_pair(part) for part in parts)
    return text


def _pair(text: str) -> tuple[float, float]:
    width, cross, height = text.casefold().partition("x")
    if not cross:
        raise ValueError(f"{text.strip()} is no width x height")
    return float(width), float(height)
