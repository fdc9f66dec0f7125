"""The language of the one query box over images: text into a tree of conditions, or an error that says where.

    class:cell                 a picture with one (or of a class under it)       class:"red cell">3   with more than 3
    objects>10 width>=1000     numbers, compared by > < >= <= =                  split:train  state:done  tag:night
    has:suggestions            something is there                                author:anna  attribute:stain=blue
    person:"Anna B"            somebody whose faces are known is on it
    size:32..96 aspect:2..     one with a value in this range               seconds:..5
    id:3,20..31                pictures by their numbers, as lists of them are made for somebody
    IMG_2 "two words"          in the name or a tag                              name:IMG  text:blurred (attributes)
    -tag:night                 not                                               a b: both; a OR b: either; ( )

Knows nothing of projects: which names there are is for `queries` to say.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias, cast, get_args

from engine.errors import UserError

Comparison: TypeAlias = Literal[">=", "<=", ">", "<", "="]
NamedKey: TypeAlias = Literal[
    "class", "split", "state", "tag", "has", "author", "person", "name", "text", "attribute", "size", "aspect",
    "seconds", "id"
]  # fmt: skip
NumberKey: TypeAlias = Literal["objects", "suggestions", "disagreements", "width", "height", "pixels"]

NAMED_KEYS: tuple[NamedKey, ...] = get_args(NamedKey)
NUMBER_KEYS: tuple[NumberKey, ...] = get_args(NumberKey)
_ALSO_SAID = {"count": "objects"}
"""What people type for a key, and is understood, but not proposed."""
MAX_TERMS, MAX_DEPTH = 200, 20
"""More is no query that a person has typed, and more than SQLite takes."""
MAX_IDS = 1_000_000

_PIECE = re.compile(r'\s+|[()]|-|(?:[^\s()"]|"[^"]*")+|"')
_TERM = re.compile(
    r'(?P<key>[A-Za-z_]+)(?P<colon>:)?(?P<value>"[^"]*"|[^"<>=]*)(?:(?P<comparison>>=|<=|>|<|=)(?P<operand>.*))?', re.S
)


class QueryError(UserError):
    """What a person has typed is no query, or names something that is not there; `at` and `length` say where."""

    def __init__(self, message: str, at: int, length: int, hint: str = "") -> None:
        super().__init__(message, hint)
        self.at = at
        self.length = length

    def __reduce__(self) -> tuple[type[QueryError], tuple[str, int, int, str]]:  # type: ignore[override]
        """Cross a process border whole."""
        return type(self), (self.message, self.at, self.length, self.hint)


@dataclass(frozen=True, slots=True)
class Term:
    """One condition: a key with a name (class:cell), a number (objects>3), or both (class:cell>3)."""

    key: NamedKey | NumberKey
    value: str
    """Of a named key; '' for a number key."""
    comparison: Comparison | None
    operand: str
    """What is compared with; '' where nothing is."""
    at: int
    length: int

    def wrong(self, message: str, hint: str = "") -> QueryError:
        """An error that points at this term."""
        return QueryError(message, self.at, self.length, hint)

    @property
    def number(self) -> float:
        """The operand as a number; raises QueryError where it is none."""
        try:
            found = float(self.operand)
        except ValueError:
            found = math.nan
        if math.isnan(found):
            raise self.wrong(f"{self.operand!r} is no number.", "As in objects>3.")
        return found

    @property
    def range(self) -> tuple[float | None, float | None]:
        """The value as a range of numbers, whose ends may be left out; raises QueryError where it is none."""
        low, dots, high = self.value.partition("..")
        try:
            found = tuple(float(end) if end else None for end in (low, high if dots else low))
        except ValueError:
            found = (None, None)
        if found == (None, None):
            raise self.wrong(
                f"{self.value!r} is no range.", f"As in {self.key}:32..96, {self.key}:32.. or {self.key}:..96."
            )
        return found[0], found[1]

    @property
    def ids(self) -> list[int]:
        """The value as numbers and ranges of them; raises QueryError where it is none."""
        found: list[int] = []
        for part in self.value.split(","):
            low, dots, high = part.partition("..")
            if not (low.isdecimal() and (high.isdecimal() or not dots)):
                raise self.wrong(f"{self.value!r} are no numbers of pictures.", "As in id:3,7,20..31.")
            span = range(int(low), int(high if dots else low) + 1)
            if len(found) + len(span) > MAX_IDS:
                raise self.wrong(f"More than {MAX_IDS:,} pictures are listed.")
            found += span
        return found


@dataclass(frozen=True, slots=True)
class Word:
    """Text that occurs in a picture's name or in one of its tags."""

    text: str


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite."""

    of: Node


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every one of these; none at all lets everything through."""

    of: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one of these."""

    of: tuple[Node, ...]


Node: TypeAlias = Term | Word | Not | AllOf | AnyOf


@dataclass(frozen=True, slots=True)
class _Piece:
    text: str
    at: int


def parse(text: str) -> Node:
    """The conditions of a query; raises QueryError where it is none. An empty query lets everything through."""
    pieces = list(_pieces(text))
    if len(pieces) > MAX_TERMS:
        raise QueryError("The query is too long.", pieces[MAX_TERMS].at, len(text) - pieces[MAX_TERMS].at)
    reader = _Reader(pieces, len(text))
    node = reader.either(0) if pieces else AllOf(())
    if left := reader.next:
        raise QueryError("This bracket closes nothing.", left.at, 1)
    return node


def quoted(name: str) -> str:
    """A name as it is typed in a query: within quotation marks where it needs them."""
    return name if re.fullmatch(r"[^\s()\"<>=:-][^\s()\"<>=:]*", name) and name != "OR" else f'"{name}"'


def listed(ids: Iterable[int]) -> str:
    """The query that finds just these pictures: 'id:3,7,20..31'."""
    spans: list[tuple[int, int]] = []
    for each in sorted(set(ids)):
        if spans and each == spans[-1][1] + 1:
            spans[-1] = (spans[-1][0], each)
        else:
            spans.append((each, each))
    return "id:" + ",".join(str(low) if low == high else f"{low}..{high}" for low, high in spans)


def _pieces(text: str) -> Iterator[_Piece]:
    """Brackets, minus signs and words; blanks apart."""
    for match in _PIECE.finditer(text):
        if match.group() == '"':
            raise QueryError("This quotation mark is never closed.", match.start(), len(text) - match.start())
        if not match.group().isspace():
            yield _Piece(match.group(), match.start())


class _Reader:
    """Reads pieces from left to right: AND binds closer than OR, and a minus closest of all."""

    def __init__(self, pieces: list[_Piece], end: int) -> None:
        self._pieces = pieces
        self._n = 0
        self._end = end

    @property
    def next(self) -> _Piece | None:
        """The piece that is read next."""
        return self._pieces[self._n] if self._n < len(self._pieces) else None

    def either(self, depth: int) -> Node:
        """What stands between ORs."""
        found = [self._both(depth)]
        while self._takes("OR"):
            found.append(self._both(depth))
        return found[0] if len(found) == 1 else AnyOf(tuple(found))

    def _both(self, depth: int) -> Node:
        found = []
        while self.next and self.next.text not in ("OR", ")"):
            found.append(self._one(depth))
        if not found:
            at = self.next.at if self.next else self._end
            raise QueryError("Something to look for is missing here.", at, 1)
        return found[0] if len(found) == 1 else AllOf(tuple(found))

    def _one(self, depth: int) -> Node:
        piece = self._pieces[self._n]
        if depth > MAX_DEPTH:
            raise QueryError("The brackets are too deep.", piece.at, 1)
        self._n += 1
        if piece.text == "-" and self.next and self.next.at == piece.at + 1 and self.next.text != ")":
            if self.next.text == "OR":
                raise QueryError("Something to leave out is missing here.", piece.at, 1)
            return Not(self._one(depth + 1))
        if piece.text != "(":
            return _condition(piece)
        inside = self.either(depth + 1)
        if not self._takes(")"):
            raise QueryError("This bracket is never closed.", piece.at, 1)
        return inside

    def _takes(self, text: str) -> bool:
        if self.next is None or self.next.text != text:
            return False
        self._n += 1
        return True


def _condition(piece: _Piece) -> Term | Word:
    match = _TERM.fullmatch(piece.text)
    if match is None or not (match["colon"] or match["comparison"]):
        return Word(_bare(piece.text))
    key = match["key"].lower()
    key = _ALSO_SAID.get(key, key)
    if key not in NAMED_KEYS and key not in NUMBER_KEYS:
        known = ", ".join((*NAMED_KEYS, *NUMBER_KEYS))
        raise QueryError(f"There is no {key!r} to ask for.", piece.at, len(match["key"]), f"Known: {known}.")
    term = Term(
        cast("NamedKey | NumberKey", key),
        _bare(match["value"]),
        cast("Comparison | None", match["comparison"]),
        _bare(match["operand"] or ""),
        piece.at,
        len(piece.text),
    )
    _refuse_halves(term)
    return term


def _refuse_halves(term: Term) -> None:
    if term.key in NUMBER_KEYS:
        if term.value or term.comparison is None:
            raise term.wrong(f"{term.key} is compared with a number.", f"As in {term.key}>3.")
        _ = term.number
    elif not term.value:
        raise term.wrong(f"{term.key}: of what?", f"As in {term.key}:name.")
    elif term.comparison and term.key not in ("class", "attribute"):
        raise term.wrong(f"{term.key} cannot be compared.", f"As in {term.key}:{quoted(term.value)}.")
    elif term.key == "class" and term.comparison:
        _ = term.number


def _bare(text: str) -> str:
    return text.replace('"', "")
