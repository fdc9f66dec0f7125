"""Edits of attributes: their definitions, and the values and groups of annotations."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from engine.errors import UserError
from engine.project import attributes, classes, many
from engine.project.attributes import Attribute
from engine.project.explaining import ConflictError
from engine.project.moments import now
from engine.project.records import AttributeValue
from engine.project.restoring import Restore, Rows, capture, removal
from engine.project.store import Change, Project

_AMONG = "id IN (SELECT value FROM json_each(?))"


@dataclass(frozen=True, slots=True)
class AddAttribute:
    """Define an attribute of a class."""

    attribute: Attribute

    @property
    def title(self) -> str:
        return f"Add attribute {self.attribute.name}"

    def apply(self, project: Project) -> Restore:
        """Define it; the inverse forgets it. Raises UserError where it makes no sense or its name is taken."""
        self.attribute.verify()
        sql = "SELECT COALESCE(MAX(position) + 1, 0) FROM attributes WHERE class_id = ?"
        position = project.value(sql, (self.attribute.class_id,))
        id_ = project.execute(
            "INSERT INTO attributes (class_id, name, kind, choices, preset, is_required, position) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            (*attributes.row_of(self.attribute), position),
        )
        project.note(Change(classes=frozenset({self.attribute.class_id})))
        return Restore((removal("attributes", [id_]),))


@dataclass(frozen=True, slots=True)
class SetAttribute:
    """Define an attribute anew, by id; where its name changes, the values that annotations have go with it.

    Values that its new kind cannot be stay with their annotations until they are set anew.
    """

    attribute: Attribute

    @property
    def title(self) -> str:
        return f"Change attribute {self.attribute.name}"

    def apply(self, project: Project) -> Restore:
        """Define it; the inverse holds the old definition, and the values as they were called."""
        self.attribute.verify()
        known = attributes.get(project, self.attribute.id)
        if known is None:
            raise ConflictError("The attribute is no longer there.")
        before = capture(project, "attributes", [known.id])
        project.execute(
            "UPDATE attributes SET class_id = ?, name = ?, kind = ?, choices = ?, preset = ?, is_required = ? "
            "WHERE id = ?",
            (*attributes.row_of(self.attribute), known.id),
        )
        project.note(Change(classes=frozenset({known.class_id, self.attribute.class_id})))
        renamed = _rename(project, known, self.attribute.name) if known.name != self.attribute.name else ()
        return Restore((*renamed, before))


@dataclass(frozen=True, slots=True)
class RemoveAttribute:
    """Forget an attribute; the values that annotations have stay with them."""

    attribute_id: int

    @property
    def title(self) -> str:
        return "Delete attribute"

    def apply(self, project: Project) -> Restore:
        """Forget it; the inverse defines it again."""
        return Restore((removal("attributes", [self.attribute_id]),)).apply(project)


@dataclass(frozen=True, slots=True)
class SetAttributes:
    """Give annotations values of attributes; None takes one away. What is not named stays."""

    ids: tuple[int, ...]
    values: Mapping[str, AttributeValue | None]

    @property
    def title(self) -> str:
        return f"Set {', '.join(self.values)}"

    def apply(self, project: Project) -> Restore:
        """Set them; the inverse holds what they were. Raises UserError for a value of the wrong kind."""
        found = _existing(project, self.ids)
        before = capture(project, "annotations", self.ids, ("attributes", "modified"))
        values_of = {class_id: self._checked(project, class_id) for class_id in {one.class_id for one in found}}
        moment, rows = now(), []
        for one in found:
            kept = {name: value for name, value in json.loads(one.packed).items() if name not in self.values}
            rows.append((one.id, _packed(kept | values_of[one.class_id]), moment))
        many.update(project, "annotations", ("id", "attributes", "modified"), rows)
        _note(project, found)
        return Restore((before,))

    def _checked(self, project: Project, class_id: int) -> dict[str, AttributeValue]:
        given = {name: value for name, value in self.values.items() if value is not None}
        return attributes.checked(attributes.of_class(project, class_id), given)


@dataclass(frozen=True, slots=True)
class Group:
    """Make annotations one group, as the parts of one thing; each leaves the group it was in."""

    ids: tuple[int, ...]

    @property
    def title(self) -> str:
        return f"Group {len(self.ids)} annotations"

    def apply(self, project: Project) -> Restore:
        """Give them a group of their own; the inverse holds those they were in."""
        if len(self.ids) < 2:
            raise UserError("A group needs at least two annotations.")
        return _regroup(project, self.ids, next_group(project))


@dataclass(frozen=True, slots=True)
class Ungroup:
    """Take annotations out of their groups."""

    ids: tuple[int, ...]

    @property
    def title(self) -> str:
        return "Ungroup"

    def apply(self, project: Project) -> Restore:
        """Take them out; the inverse puts them back."""
        return _regroup(project, self.ids, None)


def next_group(project: Project) -> int:
    """The id of a group that no annotation is in."""
    return int(project.value("SELECT COALESCE(MAX(group_id), 0) + 1 FROM annotations WHERE group_id IS NOT NULL"))


def _regroup(project: Project, ids: Sequence[int], group_id: int | None) -> Restore:
    found = _existing(project, ids)
    before = capture(project, "annotations", ids, ("group_id",))
    project.execute(f"UPDATE annotations SET group_id = ? WHERE {_AMONG}", (group_id, json.dumps(list(ids))))
    _note(project, found)
    return Restore((before,))


class _Existing(NamedTuple):
    """An annotation without its shape."""

    id: int
    image_id: int
    class_id: int
    packed: str
    """Its attributes as they are kept."""


def _existing(project: Project, ids: Sequence[int]) -> list[_Existing]:
    sql = f"SELECT id, image_id, class_id, attributes FROM annotations WHERE {_AMONG} ORDER BY id"
    found = [_Existing(*row) for row in project.rows(sql, (json.dumps(list(ids)),))]
    if len(found) < len(set(ids)):
        raise ConflictError("An annotation that was to change is no longer there.")
    return found


def _rename(project: Project, known: Attribute, name: str) -> tuple[Rows, ...]:
    """Call the values of an attribute by another name, in annotations of its class and of those under it.

    A value that an annotation already has by that name gives way.
    """
    below = json.dumps(sorted(classes.with_descendants(project, known.class_id)))
    rows = project.rows(
        "SELECT id, attributes, image_id FROM annotations "
        "WHERE attributes <> '{}' AND class_id IN (SELECT value FROM json_each(?)) ORDER BY id",
        (below,),
    )
    named = [(id_, packed, image_id, json.loads(packed)) for id_, packed, image_id in rows]
    named = [row for row in named if known.name in row[3]]
    project.execute_many(
        "UPDATE annotations SET attributes = ? WHERE id = ?",
        ((_packed(_with_name(values, known.name, name)), id_) for id_, _, _, values in named),
    )
    project.note(Change(annotated=frozenset(image_id for _, _, image_id, _ in named)))
    return (Rows("annotations", ("id", "attributes"), changed=tuple((id_, packed) for id_, packed, _, _ in named)),)


def _with_name(values: Mapping[str, AttributeValue], old: str, new: str) -> dict[str, AttributeValue]:
    return {name: value for name, value in values.items() if name not in (old, new)} | {new: values[old]}


def _packed(values: Mapping[str, AttributeValue]) -> str:
    return json.dumps(dict(values), ensure_ascii=False, sort_keys=True)


def _note(project: Project, found: Iterable[_Existing]) -> None:
    project.note(Change(annotated=frozenset(one.image_id for one in found)))
