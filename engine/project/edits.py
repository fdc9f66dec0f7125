"""Edits: what a person does to a project, each with its inverse.

An edit says what is wanted in its own words. Its inverse is always the same kind of value: `Restore`, the rows as they
were. So undo, redo and every future edit share one mechanism, which is closed: restoring returns another Restore.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from engine.project import annotations, classes, detections
from engine.project.explaining import ConflictError
from engine.project.records import Annotation, Detection, DetectionState, ReviewState, Split
from engine.project.restoring import Restore, capture, removal
from engine.project.store import Change, Project


class Edit(Protocol):
    """A reversible act."""

    @property
    def title(self) -> str:
        """What it does in words, for the menu: 'Add box'."""
        ...

    def apply(self, project: Project) -> Restore:
        """Do it, inside `atomic()`; returns what takes it back. Raises UserError where it cannot be done."""
        ...


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
        return Restore((removal("annotations", annotations.add(project, self.annotations)),))


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
        if len(before.changed) < len(self.annotations):
            raise ConflictError("An annotation that was to change is no longer there.")
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
        return Restore((removal("annotations", self.ids),)).apply(project)


@dataclass(frozen=True, slots=True)
class DecideDetections:
    """Accept suggestions, which makes each an annotation, reject them, or reopen rejected ones.

    An accepted one is an annotation from then on, and is decided no more.
    """

    ids: tuple[int, ...]
    state: DetectionState
    author_id: int | None = None

    @property
    def title(self) -> str:
        verb = {"accepted": "Accept", "rejected": "Reject", "suggested": "Reopen"}[self.state]
        return f"{verb} suggestion" if len(self.ids) == 1 else f"{verb} {len(self.ids)} suggestions"

    def apply(self, project: Project) -> Restore:
        """Decide those that are not yet so; the inverse opens them again and drops the annotations made of them."""
        decided = [one for one in detections.get(project, self.ids) if one.state not in ("accepted", self.state)]
        ids = [one.id for one in decided]
        before = capture(project, "detections", ids)
        project.execute_many("UPDATE detections SET state = ? WHERE id = ?", ((self.state, id_) for id_ in ids))
        project.note(Change(detected=frozenset(one.image_id for one in decided)))
        accepted = [self._accepted(one) for one in decided] if self.state == "accepted" else []
        return Restore((removal("annotations", annotations.add(project, accepted)), before))

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
        return Restore((removal("classes", [classes.add(project, self.name, colour=self.colour)]),))


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
class RemoveClass:
    """Remove a class together with the annotations and detections of it."""

    class_id: int

    @property
    def title(self) -> str:
        return "Delete class"

    def apply(self, project: Project) -> Restore:
        """Remove all of it; the inverse puts all of it back under the same ids."""
        steps = []
        for table in ("annotations", "detections"):
            ids = project.rows(f"SELECT id FROM {table} WHERE class_id = ?", (self.class_id,))
            steps.append(removal(table, [id_ for (id_,) in ids]))
        return Restore((*steps, removal("classes", [self.class_id]))).apply(project)


@dataclass(frozen=True, slots=True)
class SetImages:
    """Give images another review state or split; what is None stays."""

    ids: tuple[int, ...]
    state: ReviewState | None = None
    split: Split | Literal["none"] | None = None

    @property
    def title(self) -> str:
        what = "state" if self.state else "split"
        return f"Set {what} of {_images(self.ids)}"

    def apply(self, project: Project) -> Restore:
        """Change them; the inverse holds what they were."""
        before = capture(project, "images", self.ids)
        project.execute(
            "UPDATE images SET state = COALESCE(?1, state), "
            "split = CASE WHEN ?2 IS NULL THEN split WHEN ?2 = 'none' THEN NULL ELSE ?2 END "
            "WHERE id IN (SELECT value FROM json_each(?3))",
            (self.state, self.split, json.dumps(list(self.ids))),
        )
        project.note(Change(images=frozenset(self.ids)))
        return Restore((before,))


@dataclass(frozen=True, slots=True)
class RemoveImages:
    """Remove images with everything on them.

    Their bytes stay in the file as long as this can be undone; `images.remove` is for good, and so is
    `History.forget` after this.
    """

    ids: tuple[int, ...]

    @property
    def title(self) -> str:
        return f"Delete {_images(self.ids)}"

    def apply(self, project: Project) -> Restore:
        """Remove them; the inverse puts all of it back under the same ids."""
        return Restore((removal("images", self.ids),)).apply(project)


def _images(ids: Sequence[int]) -> str:
    return "image" if len(ids) == 1 else f"{len(ids)} images"
