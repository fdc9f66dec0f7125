"""Edits: what a person does to a project, each with its inverse.

An edit says what is wanted in its own words. Its inverse is always the same kind of value: `Restore`, the rows as they
were. So undo, redo and every future edit share one mechanism, which is closed: restoring returns another Restore.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol, TypeAlias

import msgspec

from engine.project import annotations, classes, detections
from engine.project.records import Annotation, Detection, DetectionState, ReviewState, Split
from engine.project.store import Change, Project

Table: TypeAlias = Literal["annotations", "detections", "classes", "images"]


class Edit(Protocol):
    """A reversible act."""

    @property
    def title(self) -> str:
        """What it does in words, for the menu: 'Add box'."""
        ...

    def apply(self, project: Project) -> "Restore":
        """Do it, inside `atomic()`; returns what takes it back."""
        ...


class Rows(msgspec.Struct, frozen=True):
    """Rows of one table as they shall be, and ids that shall be gone."""

    table: Table
    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...] = ()
    removed: tuple[int, ...] = ()


class Restore(msgspec.Struct, frozen=True):
    """Puts rows back as they were, step by step; the inverse of every edit, and its own inverse's inverse."""

    steps: tuple[Rows, ...]

    @property
    def added_annotations(self) -> tuple[int, ...]:
        """Ids of annotations that this would take away: those that the edit it inverts has added."""
        return tuple(id_ for step in self.steps if step.table == "annotations" for id_ in step.removed)

    def apply(self, project: Project) -> "Restore":
        """Put the rows back; returns the Restore that undoes this one."""
        return Restore(tuple(reversed([_put(project, step) for step in self.steps])))


def capture(project: Project, table: Table, ids: Sequence[int]) -> Rows:
    """The rows of `table` with these ids as they are now; ids that are not there are to be gone again."""
    columns = _columns(project, table)
    rows = tuple(
        project.rows(
            f"SELECT {', '.join(columns)} FROM {table} WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id",
            (json.dumps(list(ids)),),
        )
    )
    present = {row[0] for row in rows}
    return Rows(table, columns, rows, tuple(id_ for id_ in ids if id_ not in present))


def _columns(project: Project, table: Table) -> tuple[str, ...]:
    return tuple(name for (name,) in project.rows("SELECT name FROM pragma_table_info(?) ORDER BY cid", (table,)))


def _put(project: Project, step: Rows) -> Rows:
    """Make one table's rows what `step` says; returns the rows as they were."""
    project.execute("PRAGMA defer_foreign_keys = ON")
    before = capture(project, step.table, [*(row[0] for row in step.rows), *step.removed])
    _note(project, step.table, before)
    assignments = ", ".join(f"{name} = excluded.{name}" for name in step.columns[1:])
    project.execute_many(
        f"INSERT INTO {step.table} ({', '.join(step.columns)}) VALUES ({', '.join('?' * len(step.columns))}) "
        f"ON CONFLICT (id) DO UPDATE SET {assignments}",
        step.rows,
    )
    project.execute_many(f"DELETE FROM {step.table} WHERE id = ?", ((id_,) for id_ in step.removed))
    _note(project, step.table, step)
    return before


def _note(project: Project, table: Table, rows: Rows) -> None:
    if table in ("annotations", "detections"):
        at = rows.columns.index("image_id")
        images = frozenset(row[at] for row in rows.rows)
        project.note(Change(annotated=images) if table == "annotations" else Change(detected=images))
    else:
        ids = frozenset((*(row[0] for row in rows.rows), *rows.removed))
        project.note(Change(classes=ids) if table == "classes" else Change(images=ids))


def _kind_words(shapes: Sequence[Annotation | Detection], verb: str) -> str:
    kinds = {item.shape.kind.replace("_", " ") for item in shapes}
    noun = kinds.pop() if len(kinds) == 1 else "annotation"
    return f"{verb} {noun}" if len(shapes) == 1 else f"{verb} {len(shapes)} annotations"


@dataclass(frozen=True, slots=True)
class AddAnnotations:
    """Place new annotations."""

    annotations: tuple[Annotation, ...]

    @property
    def title(self) -> str:
        return _kind_words(self.annotations, "Add")

    def apply(self, project: Project) -> Restore:
        """Store them; the inverse removes them."""
        ids = annotations.add(project, self.annotations)
        return Restore((Rows("annotations", _columns(project, "annotations"), removed=tuple(ids)),))


@dataclass(frozen=True, slots=True)
class ChangeAnnotations:
    """Give annotations other shapes, classes or attributes, by id."""

    annotations: tuple[Annotation, ...]
    verb: str = "Change"

    @property
    def title(self) -> str:
        return _kind_words(self.annotations, self.verb)

    def apply(self, project: Project) -> Restore:
        """Store the new values; the inverse holds the old ones."""
        before = capture(project, "annotations", [annotation.id for annotation in self.annotations])
        annotations.replace(project, self.annotations)
        return Restore((before,))


@dataclass(frozen=True, slots=True)
class RemoveAnnotations:
    """Drop annotations by id."""

    ids: tuple[int, ...]

    @property
    def title(self) -> str:
        return "Delete annotation" if len(self.ids) == 1 else f"Delete {len(self.ids)} annotations"

    def apply(self, project: Project) -> Restore:
        """Drop them; the inverse puts them back with the ids they had."""
        before = capture(project, "annotations", self.ids)
        annotations.remove(project, self.ids)
        return Restore((before,))


@dataclass(frozen=True, slots=True)
class DecideDetections:
    """Accept suggestions, which makes each an annotation, or reject them."""

    ids: tuple[int, ...]
    state: DetectionState
    author_id: int | None = None

    @property
    def title(self) -> str:
        verb = {"accepted": "Accept", "rejected": "Reject", "suggested": "Reopen"}[self.state]
        return f"{verb} suggestion" if len(self.ids) == 1 else f"{verb} {len(self.ids)} suggestions"

    def apply(self, project: Project) -> Restore:
        """Decide those that are still open; the inverse opens them again and drops the annotations made of them."""
        marks = json.dumps(list(self.ids))
        before = capture(project, "detections", self.ids)
        undecided = [found for found in detections.get(project, self.ids) if found.state != self.state]
        project.execute(
            "UPDATE detections SET state = ? WHERE id IN (SELECT value FROM json_each(?))", (self.state, marks)
        )
        _note(project, "detections", before)
        added = annotations.add(project, [self._accepted(found) for found in undecided if self.state == "accepted"])
        return Restore((Rows("annotations", _columns(project, "annotations"), removed=tuple(added)), before))

    def _accepted(self, found: Detection) -> Annotation:
        return Annotation(
            0,
            found.image_id,
            found.class_id,
            found.shape,
            found.keypoints,
            author_id=self.author_id,
            detection_id=found.id,
        )


@dataclass(frozen=True, slots=True)
class AddClass:
    """Add a class."""

    name: str
    colour: str | None = None

    @property
    def title(self) -> str:
        return f"Add class {self.name}"

    def apply(self, project: Project) -> Restore:
        """Add it; the inverse removes it, and redoing brings it back under the same id."""
        class_id = classes.add(project, self.name, colour=self.colour)
        return Restore((Rows("classes", _columns(project, "classes"), removed=(class_id,)),))


@dataclass(frozen=True, slots=True)
class SetClass:
    """Rename or recolour a class."""

    class_id: int
    name: str
    colour: str

    @property
    def title(self) -> str:
        return f"Change class {self.name}"

    def apply(self, project: Project) -> Restore:
        """Change it; the inverse holds the old name and colour."""
        before = capture(project, "classes", (self.class_id,))
        project.execute("UPDATE classes SET name = ?, colour = ? WHERE id = ?", (self.name, self.colour, self.class_id))
        _note(project, "classes", before)
        return Restore((before,))


@dataclass(frozen=True, slots=True)
class RemoveClass:
    """Remove a class together with the annotations and detections of it."""

    class_id: int

    @property
    def title(self) -> str:
        return "Delete class"

    def apply(self, project: Project) -> Restore:
        """Remove all of it; the inverse puts all of it back under the same ids."""
        steps = [capture(project, "classes", (self.class_id,))]
        tables: tuple[Table, ...] = ("detections", "annotations")
        for table in tables:
            ids = [id_ for (id_,) in project.rows(f"SELECT id FROM {table} WHERE class_id = ?", (self.class_id,))]
            steps.append(capture(project, table, ids))
        for step in reversed(steps):
            _put(project, Rows(step.table, step.columns, removed=tuple(row[0] for row in step.rows)))
        return Restore(tuple(steps))


@dataclass(frozen=True, slots=True)
class SetImages:
    """Give images another review state or split; what is None stays."""

    ids: tuple[int, ...]
    state: ReviewState | None = None
    split: Split | Literal["none"] | None = None

    @property
    def title(self) -> str:
        what = "state" if self.state else "split"
        return f"Set {what} of {'image' if len(self.ids) == 1 else f'{len(self.ids)} images'}"

    def apply(self, project: Project) -> Restore:
        """Change them; the inverse holds what they were."""
        before = capture(project, "images", self.ids)
        project.execute(
            "UPDATE images SET state = COALESCE(?1, state), "
            "split = CASE WHEN ?2 IS NULL THEN split WHEN ?2 = 'none' THEN NULL ELSE ?2 END "
            "WHERE id IN (SELECT value FROM json_each(?3))",
            (self.state, self.split, json.dumps(list(self.ids))),
        )
        _note(project, "images", before)
        return Restore((before,))
