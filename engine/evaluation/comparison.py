"""Truths and detections of many pictures as columns, and the IoU of all that overlap: what every analysis starts from.

Legend: I pictures, T truths, D detections, P pairs of a truth and a detection on the same picture that overlap at all,
whatever their classes. Detections of a picture follow each other by falling score; a row is a place in such a column.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from faster_coco_eval import mask as run_lengths
from numpy.typing import NDArray

from engine.evaluation.coco_tables import Columns, IouType, Row, Sides, Tables

Ids = NDArray[np.int64]
"""Ids or rows."""
Flags = NDArray[np.bool_]
Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Truths:
    """What is to be found; columns (T,)."""

    ids: Ids
    """Of the annotations."""
    images: Ids
    """By place in `Comparison.image_ids`, as below."""
    classes: Ids
    is_crowd: Flags
    """Neither asked for, nor is a detection on one false."""


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """What was detected; columns (D,)."""

    ids: Ids
    """Of the detections where they are stored; else they are numbered from 1, picture by picture as they came."""
    images: Ids
    classes: Ids
    scores: Values


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Which truth overlaps which detection; columns (P,)."""

    truths: Ids
    """Rows, as below."""
    found: Ids
    ious: Values
    """With a crowd: the share of the detection that lies in it, as COCO has it."""
    is_same_class: Flags
    is_crowd: Flags

    def pick(self, chosen: Flags | Ids) -> Pairs:
        """Some of them."""
        return Pairs(
            self.truths[chosen],
            self.found[chosen],
            self.ious[chosen],
            self.is_same_class[chosen],
            self.is_crowd[chosen],
        )


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """Detections beside truths."""

    class_names: Mapping[int, str]
    image_ids: Ids
    truths: Truths
    found: Found
    pairs: Pairs
    rows_by_class: Mapping[int, Ids]
    """Detections by falling score."""


def comparison(tables: Tables, iou_type: IouType, max_detections: int = 100) -> Comparison:
    """Compare by boxes or by masks the most certain detections: so many of each class on a picture, as COCO does."""
    sides = tables.sides(iou_type)
    images = np.unique(sides.image_ids)
    truth_order, truths = _truths(sides.truths, images)
    found_order, found = _found(sides.found, images, max_detections)
    shapes = _Shapes(sides, truth_order, found_order)
    names = {row["id"]: row["name"] for row in tables.classes}
    by_class = _by_class(found)
    return Comparison(names, images, truths, found, _pairs(shapes, truths, found, len(images)), by_class)


def _truths(columns: Columns, images: Ids) -> tuple[Ids, Truths]:
    """The order by picture, and the columns in it."""
    at = np.searchsorted(images, columns.image_ids)
    order = np.argsort(at, kind="stable")
    return order, Truths(columns.ids[order], at[order], columns.class_ids[order], columns.is_crowd[order])


def _found(columns: Columns, images: Ids, max_detections: int) -> tuple[Ids, Found]:
    """The same of detections: by picture and falling score, without those beyond the limit of their class."""
    at, classes, scores = np.searchsorted(images, columns.image_ids), columns.class_ids, columns.scores
    order = np.lexsort((-scores, at))
    order = order[_places(at[order], classes[order]) < max_detections]
    return order, Found(columns.ids[order], at[order], classes[order], scores[order])


def _by_class(found: Found) -> dict[int, Ids]:
    """The rows of each class by falling score; of equal ones the first picture's first, as COCO has it."""
    order = np.lexsort((-found.scores, found.classes))
    known, starts = np.unique(found.classes[order], return_index=True)
    return dict(zip(known.tolist(), np.split(order, starts[1:]), strict=True)) if len(known) else {}


def _places(images: Ids, classes: Ids) -> Ids:
    """(D,) how many of its class and picture come before each."""
    order = np.lexsort((classes, images))
    starts = np.ones(len(order), dtype=np.bool_)
    starts[1:] = (np.diff(images[order]) != 0) | (np.diff(classes[order]) != 0)
    first = np.maximum.accumulate(np.where(starts, np.arange(len(order)), 0))
    places = np.empty(len(order), dtype=np.int64)
    places[order] = np.arange(len(order)) - first
    return places


@dataclass(frozen=True, slots=True, eq=False)
class _Shapes:
    """Where the shapes are, and in which order the columns have them."""

    sides: Sides
    truth_order: Ids
    found_order: Ids

    def ious(self, truths: slice, found: slice) -> Values:
        """(truths, detections) IoU of those of one picture."""
        ours, theirs = self.truth_order[truths], self.found_order[found]
        crowds = self.sides.truths.is_crowd[ours].tolist()
        matrix = run_lengths.iou(_shapes(self.sides.found, theirs), _shapes(self.sides.truths, ours), crowds)
        return np.asarray(matrix, dtype=np.float64).T


def _shapes(columns: Columns, rows: Ids) -> Values | list[Row]:
    return [columns.masks[row] for row in rows] if columns.masks else columns.boxes[rows]


def _pairs(shapes: _Shapes, truths: Truths, found: Found, n_images: int) -> Pairs:
    parts = list(_by_image(shapes, truths, found, n_images))
    rows = np.concatenate([part[0] for part in parts]) if parts else np.zeros(0, np.int64)
    columns = np.concatenate([part[1] for part in parts]) if parts else np.zeros(0, np.int64)
    ious = np.concatenate([part[2] for part in parts]) if parts else np.zeros(0)
    return Pairs(rows, columns, ious, truths.classes[rows] == found.classes[columns], truths.is_crowd[rows])


def _by_image(shapes: _Shapes, truths: Truths, found: Found, n_images: int) -> Iterator[tuple[Ids, Ids, Values]]:
    edges = np.arange(n_images + 1)
    truth_edges, found_edges = np.searchsorted(truths.images, edges), np.searchsorted(found.images, edges)
    both = (np.diff(truth_edges) > 0) & (np.diff(found_edges) > 0)
    for at in np.flatnonzero(both):
        ours, theirs = slice(*truth_edges[at : at + 2].tolist()), slice(*found_edges[at : at + 2].tolist())
        matrix = shapes.ious(ours, theirs)
        rows, columns = np.nonzero(matrix > 0)
        yield rows + ours.start, columns + theirs.start, matrix[rows, columns]
