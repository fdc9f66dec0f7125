"""Edits by which a person settles what model and annotations, or two people, disagree about: one key each."""

from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from engine.project import acceptance, annotations, conflicts, detections
from engine.project.conflicts import Conflict, ConflictState
from engine.project.edits import ChangeAnnotations, RemoveAnnotations
from engine.project.explaining import ConflictError
from engine.project.records import Annotation, Detection
from engine.project.restoring import Restore, Rows, capture, removal
from engine.project.store import Change, Project

Aspect: TypeAlias = Literal["shape", "class"]


@dataclass(frozen=True, slots=True)
class TakeDetection:
    """Give an annotation the shape or the class of a detection, which is accepted by that."""

    annotation_id: int
    detection_id: int
    aspect: Aspect
    author_id: int | None = None
    """Who decides."""

    @property
    def title(self) -> str:
        return f"Take the model's {self.aspect}"

    def apply(self, project: Project) -> Restore:
        """Change the annotation and accept the detection; the inverse holds both as they were."""
        ours, found = annotations.get(project, [self.annotation_id]), detections.get(project, [self.detection_id])
        if not ours or not found:
            raise ConflictError("What the model and the annotation disagreed about is no longer there.")
        before = capture(project, "detections", [self.detection_id])
        detections.set_state(project, [self.detection_id], "accepted", self.author_id)
        changed = ChangeAnnotations((self._taken(ours[0], found[0]),)).apply(project)
        return Restore((*changed.steps, before))

    def _taken(self, ours: Annotation, found: Detection) -> Annotation:
        if self.aspect == "class":
            return replace(ours, class_id=found.class_id, detection_id=found.id)
        return replace(ours, shape=found.shape, keypoints=found.keypoints or ours.keypoints, detection_id=found.id)


@dataclass(frozen=True, slots=True)
class RemoveMissed:
    """Delete an annotation because a run that did not find it is right; that it was so is kept, see `acceptance`."""

    annotation_id: int
    run_id: int

    @property
    def title(self) -> str:
        return "Delete annotation"

    def apply(self, project: Project) -> Restore:
        """Drop it and note for which run; the inverse puts it back and forgets that."""
        found = annotations.get(project, [self.annotation_id])
        removed = RemoveAnnotations((self.annotation_id,)).apply(project)
        if not found:
            return removed
        name = acceptance.note_missed(project, self.run_id, found[0])
        return Restore((*removed.steps, Rows("meta", removed=((name,),))))


@dataclass(frozen=True, slots=True)
class ConfirmAnnotations:
    """Say that annotations are right although a run does not find them."""

    ids: tuple[int, ...]
    run_id: int

    @property
    def title(self) -> str:
        return "Confirm annotation" if len(self.ids) == 1 else f"Confirm {len(self.ids)} annotations"

    def apply(self, project: Project) -> Restore:
        """Note it; the inverse forgets it."""
        found = annotations.get(project, self.ids)
        before = Rows(
            "annotations", ("id", "confirmed_run_id"), changed=tuple((one.id, one.confirmed_run_id) for one in found)
        )
        project.execute_many(
            "UPDATE annotations SET confirmed_run_id = MAX(COALESCE(confirmed_run_id, 0), ?) WHERE id = ?",
            ((self.run_id, one.id) for one in found),
        )
        project.note(Change(annotated=frozenset(one.image_id for one in found)))
        return Restore((before,))


@dataclass(frozen=True, slots=True)
class SettleConflicts:
    """Decide between our version and another person's, or keep both."""

    ids: tuple[int, ...]
    state: Literal["ours", "theirs", "both"]

    @property
    def title(self) -> str:
        what = {"ours": "Keep our", "theirs": "Take their", "both": "Keep both"}[self.state]
        return f"{what} version{'s' if len(self.ids) > 1 or self.state == 'both' else ''}"

    def apply(self, project: Project) -> Restore:
        """Settle those that are open; the inverse opens them again.

        Their version keeps its author. Where ours has been deleted meanwhile, taking theirs adds it.
        """
        found = [one for one in conflicts.get(project, self.ids) if one.state == "open"]
        before = Rows("conflicts", ("id", "state"), changed=tuple((one.id, one.state) for one in found))
        _set_state(project, found, self.state)
        present = {one.id: one for one in annotations.get(project, [one.annotation_id or 0 for one in found])}
        changed: dict[int, Annotation] = {}  # where two people differ from one of ours, the later version stays
        added: list[Annotation] = []
        for one in found if self.state != "ours" else ():
            ours = present.get(one.annotation_id or 0) if self.state == "theirs" else None
            if ours is None:
                added.append(_version(one, None))
            else:
                changed[ours.id] = _version(one, ours)
        taken = ChangeAnnotations(tuple(changed.values())).apply(project)
        return Restore((removal("annotations", annotations.add(project, added)), *taken.steps, before))


def _set_state(project: Project, found: list[Conflict], state: ConflictState) -> None:
    project.execute_many("UPDATE conflicts SET state = ? WHERE id = ?", ((state, one.id) for one in found))
    project.note(Change(detected=frozenset(one.image_id for one in found)))


def _version(theirs: Conflict, ours: Annotation | None) -> Annotation:
    """Another person's version as an annotation, in place of ours where there is one."""
    return replace(
        ours or Annotation(0, theirs.image_id, theirs.class_id, theirs.shape),
        class_id=theirs.class_id,
        shape=theirs.shape,
        keypoints=theirs.keypoints,
        is_crowd=theirs.is_crowd,
        attributes=theirs.attributes,
        author_id=theirs.author_id,
    )
