"""Values out of foreign files, of the type that is wanted or not at all."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TypeAlias, cast

from engine.geometry.shapes import XY, Ring, ring

FARTHEST = 1e9
"""No picture reaches as far (pixels): what does is refused before any geometry is done on it."""

Record: TypeAlias = Mapping[str, object]


class Reject(Exception):  # noqa: N818 - caught where it happens, never an error to the user
    """One item, page or file cannot be taken in; the message says why in words, and becomes a Skipped."""


def record(value: object, what: str) -> Record:
    """A JSON object."""
    if not isinstance(value, dict):
        raise Reject(f"{what} is not an object")
    return cast(Record, value)


def rows(value: object, what: str) -> list[object]:
    """A JSON array."""
    if not isinstance(value, list):
        raise Reject(f"{what} is not a list")
    return value


def number(value: object, what: str) -> float:
    """A finite number, also when it is written as text."""
    try:
        result = math.nan if isinstance(value, bool) or not isinstance(value, str | int | float) else float(value)
    except (ValueError, OverflowError):
        result = math.nan
    if not math.isfinite(result):
        raise Reject(f"{what} is not a number: {shown(value)}")
    return result


def numbers(value: object, what: str) -> list[float]:
    """A list of finite numbers."""
    values = rows(value, what)
    if {float, int}.issuperset(map(type, values)) and _sum_is_finite(cast(list[float], values)):
        return list(map(float, cast(list[float], values)))  # nearly always, and much faster
    return [number(each, what) for each in values]


def whole(value: object, what: str) -> int:
    """A whole number, also when it is written as 3.0 or as text."""
    result = number(value, what)
    if not result.is_integer():
        raise Reject(f"{what} is not a whole number: {shown(value)}")
    return int(value) if isinstance(value, int) else int(result)


def outline(points: Sequence[XY]) -> Ring:
    """The ring through these points."""
    try:
        outer = ring(points)
    except ValueError as error:
        raise Reject(f"its outline is none: {error}") from error
    if max(outer.max(), -outer.min()) > FARTHEST:
        raise Reject("it lies far outside its picture")
    return outer


def text(value: object, what: str) -> str:
    """A text that is not empty, in one line without outer blanks; numbers count as text."""
    line = one_line(str(value)) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""
    if not line:
        raise Reject(f"{what} is missing")
    return line


def one_line(value: str) -> str:
    """The text in one line without outer blanks, and with nothing in it that UTF-8 or XML cannot hold."""
    return readable(value).strip()


def readable(value: str) -> str:
    """The text with blanks for everything that UTF-8, XML or a line of text cannot hold."""
    if value.isprintable():  # nearly always, and much faster
        return value
    encodable = value.encode("utf-8", "replace").decode("utf-8")
    return "".join(character if _is_plain(character) else " " for character in encodable)


def shown(value: object) -> str:
    """A value for a message: short, whatever it is."""
    line = one_line(value if isinstance(value, str) else type(value).__name__ if _is_large(value) else repr(value))
    return line if len(line) <= 40 else f"{line[:37]}..."


def _sum_is_finite(values: list[float]) -> bool:
    try:
        return math.isfinite(sum(values))
    except OverflowError:
        return False


def _is_plain(character: str) -> bool:
    return character >= " " and not "\x7f" <= character <= "\x9f" and character not in "\u2028\u2029\ufffe\uffff"


def _is_large(value: object) -> bool:
    return isinstance(value, dict | list) or (isinstance(value, int) and abs(value) > 1 << 64)
