"""Formulas in plain text as a tree: words, what stands below and above them, brackets, fractions. No Qt.

`x_{a}` and `e^{−z}` are scripts; ` / ` between two items is a fraction, whose outer round brackets fall away, and `/`
without spaces stays as it is; a space is where a line may break.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

_CLOSING = {"(": ")", "⌊": "⌋", "⌈": "⌉", "[": "]"}
_ENDS = frozenset(_CLOSING.values())


@dataclass(frozen=True, slots=True)
class Word:
    """Characters on the line."""

    text: str


@dataclass(frozen=True, slots=True)
class Script:
    """What stands below or above the line, after what is before it."""

    inside: Line
    place: Literal["below", "above"]


@dataclass(frozen=True, slots=True)
class Group:
    """Something in brackets."""

    opening: str
    inside: Line


@dataclass(frozen=True, slots=True)
class Fraction:
    """One item over another."""

    above: Line
    below: Line


Part: TypeAlias = Word | Script | Group | Fraction
Item: TypeAlias = tuple[Part, ...]
"""Parts that stand together without a space."""
Line: TypeAlias = tuple[Item, ...]


def parsed(text: str) -> Line:
    """The items of a formula."""
    return _Reader(text).line("")


class _Reader:
    """Goes through the characters once."""

    def __init__(self, text: str) -> None:
        self._text, self._at = text, 0

    def line(self, end: str) -> Line:
        """Items up to a closing character, which is passed."""
        items: list[Item] = []
        while self._at < len(self._text) and self._here != end:
            if self._here == " ":
                self._at += 1
            elif item := self._item(end):
                items.append(item)
        self._at += 1
        return _with_fractions(items)

    @property
    def _here(self) -> str:
        return self._text[self._at]

    def _item(self, end: str) -> Item:
        parts: list[Part] = []
        while self._at < len(self._text) and self._here not in (" ", end):
            parts.append(self._part(end))
        return tuple(parts)

    def _part(self, end: str) -> Part:
        mark = self._text[self._at : self._at + 2]
        if mark in ("_{", "^{"):
            self._at += 2
            return Script(self.line("}"), "below" if mark == "_{" else "above")
        if self._here in _CLOSING:
            opening = self._here
            self._at += 1
            return Group(opening, self.line(_CLOSING[opening]))
        return Word(self._word(end))

    def _word(self, end: str) -> str:
        start = self._at
        self._at += 1
        while self._at < len(self._text) and self._here not in (" ", end) and not self._begins_part(end):
            self._at += 1
        return self._text[start : self._at]

    def _begins_part(self, end: str) -> bool:
        """Also a comma between two things, but not one within a number."""
        after = self._text[self._at + 1 : self._at + 2]
        is_comma = self._here == "," and after in ("", " ", end)
        return is_comma or self._here in _CLOSING or self._here + after in ("_{", "^{")


def _with_fractions(items: list[Item]) -> Line:
    """' / ' and what is on both sides of it as one item."""
    found: list[Item] = []
    waiting = iter(items)
    for item in waiting:
        if item == (Word("/"),) and found:
            below = next(waiting, ())
            above = found.pop()
            comma = _comma_of(below)
            found.append((Fraction(_bare(above), _bare(below[:-1] if comma else below)), *comma))
        else:
            found.append(item)
    return tuple(found)


def _comma_of(item: Item) -> Item:
    """The comma that ends an item, if it stands by itself."""
    last = item[-1] if item else None
    return (last,) if last == Word(",") else ()


def _bare(item: Item) -> Line:
    """An item without the round brackets around all of it."""
    if len(item) == 1 and isinstance(item[0], Group) and item[0].opening == "(":
        return item[0].inside
    return (item,)


def closing(opening: str) -> str:
    """The bracket that ends what this one begins."""
    return _CLOSING[opening]
