"""Pictures, truths and detections as the columns that are compared, from a project's values.

Truths marked as crowds are handed on as such: they are neither asked for, nor is a detection on them false.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from engine.geometry import masks
from engine.geometry.shapes import Shape
from engine.project.records import Annotation, Detection

Row: TypeAlias = dict[str, Any]
"""One of COCO's own JSON objects; none leaves this package."""
IouType: TypeAlias = Literal["bbox", "segm"]


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """Truths or detections of all pictures; N of them, in the order in which they came."""

    ids: NDArray[np.int64]
    """(N,) their own where they are stored, else numbers from 1."""
    image_ids: NDArray[np.int64]
    class_ids: NDArray[np.int64]
    scores: NDArray[np.float64]
    """0 for truths."""
    areas: NDArray[np.float64]
    """By which COCO calls things small, medium and large: of a truth always that of its shape."""
    is_crowd: NDArray[np.bool_]
    boxes: NDArray[np.float64]
    """(N, 4) x, y, width, height; (0, 4) where masks are compared."""
    masks: Sequence[Row]
    """COCO's run lengths; none where boxes are compared."""


@dataclass(frozen=True, slots=True, eq=False)
class Sides:
    """What is compared, as columns."""

    image_ids: NDArray[np.int64]
    """Of all pictures."""
    truths: Columns
    found: Columns


class Tables(Protocol):
    """Something that can be evaluated."""

    @property
    def class_names(self) -> Mapping[int, str]:
        """By class id."""
        ...

    def sides(self, iou_type: IouType) -> Sides:
        """Both as columns."""
        ...


@dataclass(frozen=True, slots=True)
class Judged:
    """One picture with its annotations (truth) and what was detected on it."""

    image_id: int
    height: int
    width: int
    annotations: Sequence[Annotation]
    detections: Sequence[Detection]


@dataclass(frozen=True, slots=True)
class JudgedTables:
    """Judged pictures as tables."""

    pictures: Sequence[Judged]
    class_names: Mapping[int, str]
    """By class id."""

    def sides(self, iou_type: IouType) -> Sides:
        """Annotations and detections."""
        ours = [(picture, each) for picture in self.pictures for each in picture.annotations]
        theirs = [(picture, each) for picture in self.pictures for each in picture.detections]
        truths = _columns(ours, iou_type)
        areas = np.array([each.shape.area for _, each in ours], dtype=np.float64)
        crowds = np.array([each.is_crowd for _, each in ours], dtype=np.bool_)
        scores = np.array([each.score for _, each in theirs], dtype=np.float64)
        image_ids = np.array([each.image_id for each in self.pictures], dtype=np.int64)
        found = replace(_columns(theirs, iou_type), scores=scores)
        return Sides(image_ids, replace(truths, is_crowd=crowds, areas=areas), found)


def _columns(rows: Sequence[tuple[Judged, Annotation | Detection]], iou_type: IouType) -> Columns:
    n, is_boxes = len(rows), iou_type == "bbox"
    boxes = np.array([each.shape.bounds for _, each in rows] if is_boxes else [], dtype=np.float64).reshape(-1, 4)
    boxes[:, 2:] -= boxes[:, :2]
    areas = boxes[:, 2] * boxes[:, 3] if is_boxes else np.array([each.shape.area for _, each in rows], dtype=np.float64)
    return Columns(
        ids=np.array([each.id or number for number, (_, each) in enumerate(rows, 1)], dtype=np.int64),
        image_ids=np.array([picture.image_id for picture, _ in rows], dtype=np.int64),
        class_ids=np.array([each.class_id for _, each in rows], dtype=np.int64),
        scores=np.zeros(n),
        areas=areas,
        is_crowd=np.zeros(n, dtype=np.bool_),
        boxes=boxes,
        masks=[] if is_boxes else [_run_lengths(each.shape, picture) for picture, each in rows],
    )


def _run_lengths(shape: Shape, picture: Judged) -> Row:
    size = (picture.height, picture.width)
    return {"size": list(size), "counts": masks.compress(masks.to_coco(masks.of_shape(shape), *size))}
