"""Attributes: what annotations of a class say beside their shape, each with a type. Classes under a class inherit them.

Values are kept with the annotation by the attribute's name, so that an annotation imported with values that nobody has
defined keeps them. Only values of defined attributes are checked.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

from engine.errors import UserError
from engine.project.records import AttributeValue
from engine.project.store import Project, Row

AttributeKind: TypeAlias = Literal["text", "number", "choice", "flag"]
KINDS: tuple[AttributeKind, ...] = get_args(AttributeKind)

COLUMNS = "id, class_id, name, kind, choices, preset, is_required, position"
_IS_OF_KIND: dict[AttributeKind, tuple[type, ...]] = {
    "text": (str,),
    "number": (int, float),
    "choice": (str,),
    "flag": (bool,),
}


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute of a class and of the classes under it. `id` 0: not stored yet."""

    id: int
    class_id: int
    name: str
    kind: AttributeKind
    choices: tuple[str, ...] = ()
    """What may be chosen, where the kind is "choice"."""
    preset: AttributeValue | None = None
    """What a new annotation has; None: nothing."""
    is_required: bool = False
    """Whether an annotation is incomplete without it."""
    position: int = 0
    """In forms; set when it is stored."""

    def checked(self, value: AttributeValue) -> AttributeValue:
        """The value as it is kept; raises UserError where it is not of this attribute's kind."""
        is_of_kind = isinstance(value, _IS_OF_KIND[self.kind])
        if not is_of_kind or (self.kind == "number" and (isinstance(value, bool) or not math.isfinite(value))):  # type: ignore[arg-type]
            raise UserError(f"{self.name!r} is a {self.kind}: {value!r} cannot be its value.")
        if self.kind == "choice" and value not in self.choices:
            raise UserError(f"{value!r} is no choice of {self.name!r}.", f"Choices: {', '.join(self.choices)}.")
        return float(value) if self.kind == "number" else value

    def verify(self) -> None:
        """Raise UserError where the definition makes no sense."""
        if not self.name or self.name != self.name.strip():
            raise UserError("An attribute needs a name without blanks around it.")
        if self.kind == "choice" and (not all(self.choices) or len(set(self.choices)) < max(1, len(self.choices))):
            raise UserError(f"{self.name!r} needs choices, each once and none empty.")
        if self.kind != "choice" and self.choices:
            raise UserError(f"{self.name!r} is a {self.kind}, which has no choices.")
        if self.preset is not None:
            self.checked(self.preset)


def all_attributes(project: Project) -> list[Attribute]:
    """Every attribute, by class and position."""
    return [_from_row(row) for row in project.rows(f"SELECT {COLUMNS} FROM attributes ORDER BY class_id, position, id")]


def of_class(project: Project, class_id: int) -> list[Attribute]:
    """What annotations of a class can say: what the classes above it define, the topmost first, then its own.

    Of two attributes of one name the nearer one counts.
    """
    names = ", ".join(f"a.{name}" for name in COLUMNS.split(", "))
    rows = project.rows(
        "WITH RECURSIVE above (id, depth) AS (VALUES (?, 0) UNION SELECT c.parent_id, depth + 1 FROM above "
        "JOIN classes c ON c.id = above.id WHERE c.parent_id IS NOT NULL) "
        f"SELECT {names} FROM above JOIN attributes a ON a.class_id = above.id "
        "ORDER BY depth DESC, a.position, a.id",
        (class_id,),
    )
    by_name: dict[str, Attribute] = {}
    for attribute in map(_from_row, rows):
        by_name[attribute.name] = attribute
    return list(by_name.values())


def get(project: Project, attribute_id: int) -> Attribute | None:
    """One attribute, or None when it is not there."""
    row = project.row(f"SELECT {COLUMNS} FROM attributes WHERE id = ?", (attribute_id,))
    return None if row is None else _from_row(row)


def presets(attributes: Sequence[Attribute]) -> dict[str, AttributeValue]:
    """The values that a new annotation has."""
    return {one.name: one.preset for one in attributes if one.preset is not None}


def missing(attributes: Sequence[Attribute], values: Mapping[str, AttributeValue]) -> tuple[str, ...]:
    """The names of required attributes that have no value yet."""
    return tuple(one.name for one in attributes if one.is_required and values.get(one.name, "") == "")


def checked(attributes: Sequence[Attribute], values: Mapping[str, AttributeValue]) -> dict[str, AttributeValue]:
    """The values as they are kept; raises UserError for a value that is not of its attribute's kind."""
    by_name = {one.name: one for one in attributes}
    return {name: by_name[name].checked(value) if name in by_name else value for name, value in values.items()}


@dataclass(frozen=True, slots=True)
class Told:
    """What some annotations tell together."""

    n: int
    """How many they are."""
    attributes: tuple[Attribute, ...]
    """What all of them can tell: defined by the same name and kind for every class among them."""
    values: Mapping[str, tuple[AttributeValue | None, ...]]
    """The different values by attribute, None where some have none; also of those that nobody has defined."""

    def missing(self) -> tuple[str, ...]:
        """The names of required attributes that some have no value of."""
        return tuple(
            one.name
            for one in self.attributes
            if one.is_required and {None, ""} & set(self.values.get(one.name, (None,)))
        )


def told(project: Project, ids: Sequence[int]) -> Told:
    """What these annotations tell; ids that are not there are left out."""
    among = "id IN (SELECT value FROM json_each(?))"
    rows = project.rows(
        f"SELECT class_id, attributes, COUNT(*) FROM annotations WHERE {among} GROUP BY class_id, attributes",
        (json.dumps(list(ids)),),
    )
    common = _common([of_class(project, class_id) for class_id in dict.fromkeys(row[0] for row in rows)])
    every = [json.loads(packed) for _, packed, _ in rows]
    names = dict.fromkeys([*(one.name for one in common), *(name for values in every for name in values)])
    values = {name: tuple(dict.fromkeys(each.get(name) for each in every)) for name in names}
    return Told(sum(row[2] for row in rows), common, values)


def _common(several: Sequence[Sequence[Attribute]]) -> tuple[Attribute, ...]:
    """Attributes that each of several classes has, as the first of them has it."""
    kept = {one.name: one for one in several[0]} if several else {}
    for others in several[1:]:
        alike = {(one.name, one.kind, one.choices) for one in others}
        kept = {name: one for name, one in kept.items() if (name, one.kind, one.choices) in alike}
    return tuple(kept.values())


def row_of(attribute: Attribute) -> Row:
    """class_id, name, kind, choices, preset, is_required as columns."""
    return (
        attribute.class_id,
        attribute.name,
        attribute.kind,
        json.dumps(attribute.choices, ensure_ascii=False),
        None if attribute.preset is None else json.dumps(attribute.preset, ensure_ascii=False),
        int(attribute.is_required),
    )


def _from_row(row: Row) -> Attribute:
    id_, class_id, name, kind, choices, preset, is_required, position = row
    value = None if preset is None else json.loads(preset)
    return Attribute(id_, class_id, name, kind, tuple(json.loads(choices)), value, bool(is_required), position)
