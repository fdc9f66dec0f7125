"""Edits: what a person does to a project, each with its inverse.

An edit says what is wanted in its own words. Its inverse is always the same kind of value: `Restore`, the rows as they
were. So undo, redo and every future edit share one mechanism, which is closed: restoring returns another Restore.

Here are the edits of annotations; those of classes, attributes, images and shapes have modules of their own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from engine.project import annotations, attributes, detections
from engine.project.class_edits import AddClass, RemoveClass, ReorderClasses, SetClass
from engine.project.explaining import ConflictError
from engine.project.image_edits import RemoveImages, SetImages
from engine.project.records import Annotation, AttributeValue, Detection, DetectionState
from engine.project.restoring import Restore, capture, removal
from engine.project.store import Project

__all__ = [
    "AddAnnotations", "AddClass", "ChangeAnnotations", "DecideDetections", "Edit", "RemoveAnnotations", "RemoveClass",
    "RemoveImages", "ReorderClasses", "SetClass", "SetImages", "Together", "timed",
]  # fmt: skip


class Edit(Protocol):
    """A reversible act."""

    @property
    def title(self) -> str:
        """What it does in words, for the menu: 'Add box'."""
        ...

    def apply(self, project: Project) -> Restore:
        """Do it, inside `atomic()`; returns what takes it back. Raises UserError where it cannot be done."""
        ...


@dataclass(frozen=True, slots=True)
class Together:
    """Several edits as one step to undo."""

    title: str
    edits: tuple[Edit, ...]

    def apply(self, project: Project) -> Restore:
        """Do them in order; the inverse takes them back in the opposite order."""
        inverses = [edit.apply(project) for edit in self.edits]
        return Restore(tuple(step for inverse in reversed(inverses) for step in inverse.steps))


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


def timed(edit: AddAnnotations | ChangeAnnotations, seconds: float) -> AddAnnotations | ChangeAnnotations:
    """The edit with the seconds that a person took for it, shared out among its annotations and added to theirs."""
    share = seconds / max(1, len(edit.annotations))
    spent = tuple(replace(one, seconds=(one.seconds or 0.0) + share) for one in edit.annotations)
    return replace(edit, annotations=spent)


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
        before = capture(project, "detections", ids, ("state", "decided_by", "decided"))
        detections.set_state(project, ids, self.state, self.author_id)
        kinds = {one.class_id for one in decided}
        presets = {class_id: attributes.presets(attributes.of_class(project, class_id)) for class_id in kinds}
        accepted = [self._accepted(one, presets[one.class_id]) for one in decided] if self.state == "accepted" else []
        return Restore((removal("annotations", annotations.add(project, accepted)), before))

    def _accepted(self, found: Detection, presets: Mapping[str, AttributeValue]) -> Annotation:
        return Annotation(
            0,
            found.image_id,
            found.class_id,
            found.shape,
            found.keypoints,
            attributes=presets,
            author_id=self.author_id,
            detection_id=found.id,
        )
