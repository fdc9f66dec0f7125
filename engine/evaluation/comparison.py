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

from engine.evaluation.coco_tables import Columns, IouType, Sides, Tables

Ids = NDArray[np.int64]
"""Ids or rows."""
Flags = NDArray[np.bool_]
Values = NDArray[np.float64]
PAIRS_AT_A_TIME = 500_000
"""Pairs of boxes compared in one go: some dozens of MB."""


@dataclass(frozen=True, slots=True, eq=False)
class Truths:
    """What is to be found; columns (T,)."""

    ids: Ids
    """Of the annotations."""
    images: Ids
    """By place in `Comparison.image_ids`, as below."""
    classes: Ids
    areas: Values
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
    areas: Values
    places: Ids
    """How many of its class and picture are more certain than each."""


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
    by_class = _by_class(found)
    return Comparison(tables.class_names, images, truths, found, _pairs(shapes, truths, found, len(images)), by_class)


def _truths(columns: Columns, images: Ids) -> tuple[Ids, Truths]:
    """The order by picture, and the columns in it."""
    at = np.searchsorted(images, columns.image_ids)
    order = np.argsort(at, kind="stable")
    ids, classes, areas, crowds = columns.ids, columns.class_ids, columns.areas, columns.is_crowd
    return order, Truths(ids[order], at[order], classes[order], areas[order], crowds[order])


def _found(columns: Columns, images: Ids, max_detections: int) -> tuple[Ids, Found]:
    """The same of detections: by picture and falling score, without those beyond the limit of their class."""
    at, classes, scores = np.searchsorted(images, columns.image_ids), columns.class_ids, columns.scores
    order = np.lexsort((-scores, at))
    places = _places(at[order], classes[order])
    order, places = order[places < max_detections], places[places < max_detections]
    return order, Found(columns.ids[order], at[order], classes[order], scores[order], columns.areas[order], places)


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

    def box_ious(self, truths: Ids, found: Ids) -> Values:
        """(N,) IoU of the boxes of truths and detections, side by side."""
        ours = self.sides.truths.boxes[self.truth_order[truths]]
        theirs = self.sides.found.boxes[self.found_order[found]]
        ends = np.minimum(ours[:, :2] + ours[:, 2:], theirs[:, :2] + theirs[:, 2:])
        sides = np.maximum(ends - np.maximum(ours[:, :2], theirs[:, :2]), 0.0)
        common: Values = sides[:, 0] * sides[:, 1]
        own = theirs[:, 2] * theirs[:, 3]
        is_crowd = self.sides.truths.is_crowd[self.truth_order[truths]]
        whole = np.where(is_crowd, own, own + ours[:, 2] * ours[:, 3] - common)
        return np.asarray(np.divide(common, whole, out=np.zeros_like(common), where=common > 0))

    def mask_ious(self, truths: Ids, found: Ids) -> Values:
        """(truths, detections) IoU of the masks of one picture."""
        ours, theirs = self.truth_order[truths], self.found_order[found]
        rows, columns = [self.sides.truths.masks[at] for at in ours], [self.sides.found.masks[at] for at in theirs]
        matrix = run_lengths.iou(columns, rows, self.sides.truths.is_crowd[ours].tolist())
        return np.asarray(matrix, dtype=np.float64).T


def _pairs(shapes: _Shapes, truths: Truths, found: Found, n_images: int) -> Pairs:
    edges = np.arange(n_images + 1)
    blocks = _Blocks(np.searchsorted(truths.images, edges), np.searchsorted(found.images, edges))
    parts = list(_of_masks(shapes, blocks) if shapes.sides.found.masks else _of_boxes(shapes, blocks))
    rows = np.concatenate([part[0] for part in parts]) if parts else np.zeros(0, np.int64)
    columns = np.concatenate([part[1] for part in parts]) if parts else np.zeros(0, np.int64)
    ious = np.concatenate([part[2] for part in parts]) if parts else np.zeros(0)
    return Pairs(rows, columns, ious, truths.classes[rows] == found.classes[columns], truths.is_crowd[rows])


@dataclass(frozen=True, slots=True, eq=False)
class _Blocks:
    """Where the rows of each picture begin, and after the last one where they end."""

    truths: Ids
    """(I + 1,)"""
    found: Ids
    """(I + 1,)"""

    def sizes(self) -> Ids:
        """(I,) how many pairs there are on each picture."""
        return np.diff(self.truths) * np.diff(self.found)

    def pairs(self, images: Ids) -> tuple[Ids, Ids]:
        """All pairs of these pictures as rows of truths and of detections, truth by truth."""
        sizes = self.sizes()[images]
        within = np.arange(int(sizes.sum())) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        widths = np.repeat(np.diff(self.found)[images], sizes)
        rows = np.repeat(self.truths[images], sizes) + within // np.maximum(widths, 1)
        return rows, np.repeat(self.found[images], sizes) + within % np.maximum(widths, 1)


def _of_boxes(shapes: _Shapes, blocks: _Blocks) -> Iterator[tuple[Ids, Ids, Values]]:
    """Some pictures at a time, all their pairs side by side."""
    heaps = np.cumsum(blocks.sizes()) // PAIRS_AT_A_TIME
    for images in np.split(np.arange(len(heaps)), np.flatnonzero(np.diff(heaps)) + 1):
        rows, columns = blocks.pairs(images)
        ious = shapes.box_ious(rows, columns)
        some = ious > 0
        yield rows[some], columns[some], ious[some]


def _of_masks(shapes: _Shapes, blocks: _Blocks) -> Iterator[tuple[Ids, Ids, Values]]:
    for image in np.flatnonzero(blocks.sizes()):
        ours, theirs = (np.arange(*edges[image : image + 2]) for edges in (blocks.truths, blocks.found))
        matrix = shapes.mask_ious(ours, theirs)
        rows, columns = np.nonzero(matrix > 0)
        yield ours[rows], theirs[columns], matrix[rows, columns]
