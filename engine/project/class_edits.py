"""Edits of classes across the whole project: each is one step to undo, however many annotations it touches."""

from __future__ import annotations

import json
from dataclasses import dataclass

from engine.errors import UserError
from engine.project import classes
from engine.project.explaining import ConflictError
from engine.project.records import ClassRecord
from engine.project.restoring import Restore, Rows, capture, removal
from engine.project.store import Change, Project

_OF_CLASS = ("annotations", "detections", "conflicts")
"""The tables whose rows are of a class."""


@dataclass(frozen=True, slots=True)
class AddClass:
    """Add a class."""

    name: str
    colour: str | None = None
    parent_id: int | None = None

    @property
    def title(self) -> str:
        return f"Add class {self.name}"

    def apply(self, project: Project) -> Restore:
        """Add it; the inverse removes it, and redoing brings it back under the same id."""
        class_id = classes.add(project, self.name, colour=self.colour)
        if self.parent_id is not None:
            SetParent(class_id, self.parent_id).apply(project)
        return Restore((removal("classes", [class_id]),))


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
        classes.set_look(project, self.class_id, self.name, self.colour)
        return Restore((before,))


@dataclass(frozen=True, slots=True)
class ReorderClasses:
    """Put the classes in another order, which is that of lists and digit keys; those not named follow as they are."""

    ids: tuple[int, ...]

    @property
    def title(self) -> str:
        return "Reorder classes"

    def apply(self, project: Project) -> Restore:
        """Set their positions; the inverse holds the old ones."""
        known = [record.id for record in classes.all_classes(project)]
        before = capture(project, "classes", known)
        wanted = [*self.ids, *(class_id for class_id in known if class_id not in self.ids)]
        project.execute_many("UPDATE classes SET position = ? WHERE id = ?", enumerate(wanted))
        project.note(Change(classes=frozenset(known)))
        return Restore((before,))


@dataclass(frozen=True, slots=True)
class SetParent:
    """Put a class under another one, or at the top."""

    class_id: int
    parent_id: int | None

    @property
    def title(self) -> str:
        return "Move class"

    def apply(self, project: Project) -> Restore:
        """Move it; the inverse holds where it was. Raises UserError where it would come to lie under itself."""
        record = _existing(project, self.class_id)
        if self.parent_id is not None:
            parent = _existing(project, self.parent_id)
            if parent.id in classes.with_descendants(project, record.id):
                raise UserError(f"{record.name!r} cannot lie under {parent.name!r}, which lies under it.")
        before = capture(project, "classes", (self.class_id,))
        project.execute("UPDATE classes SET parent_id = ? WHERE id = ?", (self.parent_id, self.class_id))
        project.note(Change(classes=frozenset({self.class_id})))
        return Restore((before,))


@dataclass(frozen=True, slots=True)
class SetSkeleton:
    """Say which keypoints a class has, and which of them are joined by bones."""

    class_id: int
    keypoint_names: tuple[str, ...]
    skeleton: tuple[tuple[int, int], ...] = ()
    """Pairs of indices into `keypoint_names`."""

    @property
    def title(self) -> str:
        return "Change skeleton"

    def apply(self, project: Project) -> Restore:
        """Change it; the inverse holds the old one. Keypoints that are drawn already stay as they are.

        Raises UserError for names that are empty or twice there, and for bones that join nothing.
        """
        _existing(project, self.class_id)
        names = tuple(name.strip() for name in self.keypoint_names)
        if not all(names) or len(set(names)) < len(names):
            raise UserError("Every keypoint needs a name of its own.")
        if any(not 0 <= end < len(names) for bone in self.skeleton for end in bone) or any(
            start == end for start, end in self.skeleton
        ):
            raise UserError("A bone joins two keypoints of the class.")
        before = capture(project, "classes", (self.class_id,))
        project.execute(
            "UPDATE classes SET keypoint_names = ?, skeleton = ? WHERE id = ?",
            (json.dumps(names, ensure_ascii=False), json.dumps(self.skeleton), self.class_id),
        )
        project.note(Change(classes=frozenset({self.class_id})))
        return Restore((before,))


@dataclass(frozen=True, slots=True)
class MergeClasses:
    """Make everything of one class be of another, and drop the first.

    Attributes that the other class lacks go over to it, and so do the classes that lie under the first.
    """

    class_id: int
    into_id: int

    @property
    def title(self) -> str:
        return "Merge classes"

    def apply(self, project: Project) -> Restore:
        """Merge them; the inverse parts them again. Raises UserError where it cannot be done."""
        gone, kept = _existing(project, self.class_id), _existing(project, self.into_id)
        if gone.id == kept.id:
            raise UserError(f"{kept.name!r} cannot be merged into itself.")
        if kept.id in classes.with_descendants(project, gone.id):
            raise UserError(f"{gone.name!r} cannot go into {kept.name!r}, which lies under it.", "Move that out first.")
        _refuse_mixed_skeletons(project, gone, kept)
        steps = [self._moved(project, table) for table in _OF_CLASS]
        steps += [self._adopted(project), self._with_attributes(project)]
        dropped = Restore((removal("classes", [gone.id]),)).apply(project)
        project.note(Change(classes=frozenset({gone.id, kept.id})))
        return Restore((*dropped.steps, *steps))

    def _moved(self, project: Project, table: str) -> Rows:
        """Give all rows of a table the other class by one statement; returns what takes that back."""
        rows = tuple(project.rows(f"SELECT id, class_id FROM {table} WHERE class_id = ?", (self.class_id,)))
        sql = f"SELECT DISTINCT image_id FROM {table} WHERE class_id = ?"
        images = frozenset(image_id for (image_id,) in project.rows(sql, (self.class_id,)))
        project.execute(f"UPDATE {table} SET class_id = ? WHERE class_id = ?", (self.into_id, self.class_id))
        project.note(Change(annotated=images) if table == "annotations" else Change(detected=images))
        return Rows(table, ("id", "class_id"), changed=rows)

    def _adopted(self, project: Project) -> Rows:
        rows = tuple(project.rows("SELECT id, parent_id FROM classes WHERE parent_id = ?", (self.class_id,)))
        project.execute("UPDATE classes SET parent_id = ? WHERE parent_id = ?", (self.into_id, self.class_id))
        project.note(Change(classes=frozenset(id_ for id_, _ in rows)))
        return Rows("classes", ("id", "parent_id"), changed=rows)

    def _with_attributes(self, project: Project) -> Rows:
        sql = (
            "SELECT id, class_id, position FROM attributes WHERE class_id = ? "
            "AND name NOT IN (SELECT name FROM attributes WHERE class_id = ?) ORDER BY position"
        )
        rows = tuple(project.rows(sql, (self.class_id, self.into_id)))
        last = int(
            project.value("SELECT COALESCE(MAX(position), -1) FROM attributes WHERE class_id = ?", (self.into_id,))
        )
        project.execute_many(
            "UPDATE attributes SET class_id = ?, position = ? WHERE id = ?",
            ((self.into_id, last + 1 + n, id_) for n, (id_, _, _) in enumerate(rows)),
        )
        return Rows("attributes", ("id", "class_id", "position"), changed=rows)


@dataclass(frozen=True, slots=True)
class RemoveClass:
    """Remove a class together with the annotations and detections of it; classes under it move to the top."""

    class_id: int

    @property
    def title(self) -> str:
        return "Delete class"

    def apply(self, project: Project) -> Restore:
        """Remove all of it; the inverse puts all of it back under the same ids."""
        steps = []
        for table in _OF_CLASS:
            ids = project.rows(f"SELECT id FROM {table} WHERE class_id = ?", (self.class_id,))
            steps.append(removal(table, [id_ for (id_,) in ids]))
        return Restore((*steps, removal("classes", [self.class_id]))).apply(project)


def _existing(project: Project, class_id: int) -> ClassRecord:
    found = classes.by_id(project).get(class_id)
    if found is None:
        raise ConflictError("The class is no longer there.")
    return found


def _refuse_mixed_skeletons(project: Project, gone: ClassRecord, kept: ClassRecord) -> None:
    if gone.keypoint_names == kept.keypoint_names:
        return
    sql = "SELECT 1 FROM annotations WHERE class_id = ? AND (keypoints IS NOT NULL OR kind = 'keypoints') LIMIT 1"
    if project.value(sql, (gone.id,)) is not None:
        raise UserError(f"{gone.name!r} has other keypoints than {kept.name!r}.", "Give both the same skeleton first.")
