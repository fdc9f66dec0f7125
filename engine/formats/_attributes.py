"""Attributes of items as foreign files hold them: any JSON, or text alone."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

import msgspec

from engine.formats._fields import one_line
from engine.formats._pages import AttributeValue

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")


def attributes_of(value: object) -> dict[str, AttributeValue]:
    """The attributes in a JSON object; null and what is no number are dropped, lists and objects become their text."""
    if not isinstance(value, Mapping):
        return {}
    taken = {_encodable(str(name)): _value(inner) for name, inner in value.items()}
    return {name: inner for name, inner in taken.items() if name and inner is not None}


def as_text(value: AttributeValue) -> str:
    """An attribute for a format that knows text only."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return one_line(value) if isinstance(value, str) else repr(float(value))


def of_text(text: str) -> AttributeValue:
    """An attribute from its text: true and false, numbers, else the text itself."""
    if text in {"true", "false"}:
        return text == "true"
    if _NUMBER.fullmatch(text) and math.isfinite(number := float(text)):
        return number
    return one_line(text)


def held_as_text(attributes: Mapping[str, AttributeValue]) -> dict[str, AttributeValue]:
    """What is left of attributes that are written as text; names are made one line."""
    return {one_line(name): of_text(as_text(value)) for name, value in attributes.items() if one_line(name)}


def _value(value: object) -> AttributeValue | None:
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        return _encodable(value)
    if isinstance(value, int | float):
        try:
            return float(value) if math.isfinite(value) else None
        except OverflowError:
            return None
    if isinstance(value, Mapping | list | tuple):
        try:
            return msgspec.json.encode(value).decode()
        except (TypeError, ValueError, RecursionError, msgspec.MsgspecError):
            return None
    return None


def _encodable(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")
