"""Where a run's detections and a person's annotations disagree on an image, and what one key would do about it.

Everything here is pure; `queue` reads projects. A detection takes part from a score on. Pairs are found in passes, each
shape in one pair at most: annotations with the detections they were made of; same class, IoU from `same` on; another
class, IoU from `same` on; same class, IoU from `faint` on. What is left over was missed, or is extra.

A detection that a person has decided on is paired like any other, so that its annotation does not count as missed, but
raises no question again. Nor does an annotation that was confirmed against this run or a later one. Detections on a
crowd are no question.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from engine.geometry import boxes
from engine.geometry.boxes import Matrix
from engine.geometry.matching import likenesses, pairs
from engine.geometry.shapes import Bounds
from engine.project.conflicts import Conflict
from engine.project.edits import DecideDetections, Edit, Together
from engine.project.records import Annotation, Detection
from engine.project.review_edits import ConfirmAnnotations, RemoveMissed, SettleConflicts, TakeDetection

DisagreementKind: TypeAlias = Literal["missed", "extra", "wrong_class", "poor_shape", "conflict"]
DisagreementKey: TypeAlias = tuple[DisagreementKind, int | None, int | None, int | None]
"""What stays the same when a question is asked again: kind, and the ids of annotation, detection and conflict."""

IN_CROWD = 0.5
"""The share of a detection's bounds that lies in a crowd's, from which on it is part of the crowd."""


@dataclass(frozen=True, slots=True)
class Standards:
    """What counts as agreement."""

    score: float = 0.5
    """Detections below are not looked at."""
    same: float = 0.5
    """IoU from which on two shapes are of one thing, whatever their classes."""
    good: float = 0.7
    """IoU from which on a detection has the shape right."""
    faint: float = 0.1
    """IoU from which on two shapes of one class are of one thing, if nothing fits better."""

    @property
    def key(self) -> str:
        """By which surveys of the same standards are known."""
        return f"{self.score:g} {self.same:g} {self.good:g} {self.faint:g}"


USUAL = Standards()


@dataclass(frozen=True, slots=True)
class Disagreement:
    """One question to a person. `mend` is the answer that the other side is right, `dismiss` that the annotation is."""

    kind: DisagreementKind
    image_id: int
    bounds: Bounds
    """Where to look, in image pixels."""
    weight: float
    """How much it matters, in [0, 1]."""
    annotation_id: int | None = None
    class_id: int | None = None
    """Of the annotation; None where there is none."""
    other_class_id: int | None = None
    """What the other side says; None where it says nothing."""
    detection_id: int | None = None
    run_id: int | None = None
    score: float | None = None
    conflict_id: int | None = None
    author_id: int | None = None
    """Whose version a conflict is."""
    iou: float | None = None

    def mend(self, author_id: int | None = None) -> Edit:
        """The other side is right: delete what was not found, accept what is extra, take their class or shape."""
        if self.kind == "missed":
            return RemoveMissed(self._annotation, self.run_id or 0)
        if self.kind == "extra":
            return DecideDetections((self._detection,), "accepted", author_id)
        if self.kind == "conflict":
            return SettleConflicts((self._conflict,), "theirs")
        aspect: Literal["shape", "class"] = "class" if self.kind == "wrong_class" else "shape"
        return TakeDetection(self._annotation, self._detection, aspect, author_id)

    def dismiss(self, author_id: int | None = None) -> Edit:
        """The annotations are right as they are: the question is not asked again."""
        if self.kind == "missed":
            return ConfirmAnnotations((self._annotation,), self.run_id or 0)
        if self.kind == "conflict":
            return SettleConflicts((self._conflict,), "ours")
        return DecideDetections((self._detection,), "rejected", author_id)

    def keep_both(self, author_id: int | None = None) -> Edit | None:
        """Both sides are right, of two things; None where there is but one side."""
        if self.kind == "conflict":
            return SettleConflicts((self._conflict,), "both")
        if self.kind in ("missed", "extra"):
            return None
        confirmed = ConfirmAnnotations((self._annotation,), self.run_id or 0)
        return Together("Keep both", (DecideDetections((self._detection,), "accepted", author_id), confirmed))

    @property
    def key(self) -> DisagreementKey:
        """What stays the same when the question is asked again."""
        return (self.kind, self.annotation_id, self.detection_id, self.conflict_id)

    @property
    def _annotation(self) -> int:
        return _there(self.annotation_id)

    @property
    def _detection(self) -> int:
        return _there(self.detection_id)

    @property
    def _conflict(self) -> int:
        return _there(self.conflict_id)


def disagreements(
    annotations: Sequence[Annotation], detections: Iterable[Detection], run_id: int, standards: Standards = USUAL
) -> tuple[Disagreement, ...]:
    """What a run and the annotations of one image disagree about, the weightiest first."""
    ours = [one for one in annotations if not one.is_crowd]
    crowds = [one for one in annotations if one.is_crowd]
    found = [one for one in detections if one.run_id == run_id and one.score >= standards.score]
    our_classes = np.array([one.class_id for one in ours], dtype=np.int64)
    same_class = our_classes[:, None] == np.array([one.class_id for one in found], dtype=np.int64)[None, :]
    ious = _ious(ours, found, same_class, standards)
    together = _paired(ours, found, (ious, same_class), standards)
    asked = [_of_pair(ours[i], found[j], float(ious[i, j]), standards) for i, j in together]
    rows, columns = {i for i, _ in together}, {j for _, j in together}
    asked += [_missed(one, run_id) for i, one in enumerate(ours) if i not in rows]
    asked += [_extra(one, crowds) for j, one in enumerate(found) if j not in columns]
    return tuple(sorted((one for one in asked if one is not None), key=lambda one: -one.weight))


def of_conflicts(conflicts: Iterable[Conflict], class_by_annotation: dict[int, int]) -> tuple[Disagreement, ...]:
    """What people disagree about on one image, given the classes of our annotations by id."""
    return tuple(
        Disagreement(
            "conflict",
            one.image_id,
            one.shape.bounds,
            1.0,
            annotation_id=one.annotation_id,
            class_id=class_by_annotation.get(one.annotation_id or 0),
            other_class_id=one.class_id,
            conflict_id=one.id,
            author_id=one.author_id,
            iou=one.iou,
        )
        for one in conflicts
        if one.state == "open"
    )


def _ious(
    ours: Sequence[Annotation], found: Sequence[Detection], same_class: NDArray[np.bool_], standards: Standards
) -> Matrix:
    """(N, M) IoU, 0 where it could not make a pair."""
    least = np.where(same_class, min(standards.faint, standards.same), standards.same)
    return likenesses([one.shape for one in ours], [one.shape for one in found], least)


def _paired(
    ours: Sequence[Annotation],
    found: Sequence[Detection],
    likeness: tuple[Matrix, NDArray[np.bool_]],
    standards: Standards,
) -> list[tuple[int, int]]:
    """Pairs (annotation, detection) in the four passes, by (N, M) IoU and whether the classes are the same."""
    ious, same_class = likeness
    column = {one.id: j for j, one in enumerate(found)}
    together = [(i, column[one.detection_id]) for i, one in enumerate(ours) if one.detection_id in column]
    free = np.ones(ious.shape, dtype=np.bool_)
    passes = ((standards.same, same_class), (standards.same, ~same_class), (standards.faint, same_class))
    for least, allowed in passes:
        for i, j in together:
            free[i, :] = free[:, j] = False
        together += pairs(ious, least, allowed & free)
    return together


def _of_pair(ours: Annotation, found: Detection, iou: float, standards: Standards) -> Disagreement | None:
    if found.state != "suggested":
        return None
    if ours.class_id != found.class_id:
        return _about("wrong_class", ours, found, found.score, iou)
    if iou < standards.good:
        return _about("poor_shape", ours, found, 1 - iou, iou)
    return None


def _about(kind: DisagreementKind, ours: Annotation, found: Detection, weight: float, iou: float) -> Disagreement:
    a, b = ours.shape.bounds, found.shape.bounds
    return Disagreement(
        kind,
        ours.image_id,
        (min(a[0], b[0]), min(a[1], b[1]), max(a[2], b[2]), max(a[3], b[3])),
        weight,
        annotation_id=ours.id,
        class_id=ours.class_id,
        other_class_id=found.class_id,
        detection_id=found.id,
        run_id=found.run_id,
        score=found.score,
        iou=iou,
    )


def _missed(ours: Annotation, run_id: int) -> Disagreement | None:
    if ours.confirmed_run_id is not None and ours.confirmed_run_id >= run_id:
        return None
    return Disagreement(
        "missed", ours.image_id, ours.shape.bounds, 1.0, annotation_id=ours.id, class_id=ours.class_id, run_id=run_id
    )


def _extra(found: Detection, crowds: Sequence[Annotation]) -> Disagreement | None:
    if found.state != "suggested" or any(_lies_in(found.shape.bounds, one.shape.bounds) for one in crowds):
        return None
    return Disagreement(
        "extra",
        found.image_id,
        found.shape.bounds,
        found.score,
        other_class_id=found.class_id,
        detection_id=found.id,
        run_id=found.run_id,
        score=found.score,
    )


def _lies_in(inner: Bounds, outer: Bounds) -> bool:
    width = min(inner[2], outer[2]) - max(inner[0], outer[0])
    height = min(inner[3], outer[3]) - max(inner[1], outer[1])
    area = float(boxes.area(boxes.as_boxes([inner]))[0])
    return width > 0 and height > 0 and width * height >= IN_CROWD * area


def _there(id_: int | None) -> int:
    if id_ is None:
        raise ValueError("a disagreement of this kind has no such side")
    return id_
