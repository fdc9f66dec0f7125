"""Which shape of one set is which of another: a matrix of IoU, and pairs of one each by falling IoU."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.geometry import boxes
from engine.geometry.boxes import Matrix
from engine.geometry.overlap import iou
from engine.geometry.shapes import Box, Keypoints, Shape

Pair = tuple[int, int]


def likeness(a: Shape, b: Shape) -> float:
    """IoU of two shapes: of their bounds where either is a box or keypoints, which say no more, else exact."""
    if isinstance(a, (Box, Keypoints)) or isinstance(b, (Box, Keypoints)):
        return float(boxes.iou(boxes.as_boxes([a.bounds]), boxes.as_boxes([b.bounds]))[0, 0])
    return iou(a, b)


def likenesses(a: Sequence[Shape], b: Sequence[Shape]) -> Matrix:
    """(N, M) `likeness` of each with each; pairs whose bounds are apart cost nothing."""
    found = boxes.iou(boxes.as_boxes([one.bounds for one in a]), boxes.as_boxes([one.bounds for one in b]))
    for i, j in zip(*np.nonzero(found), strict=True):
        found[i, j] = likeness(a[i], b[j])
    return found


def pairs(matrix: Matrix, least: float, allowed: NDArray[np.bool_] | None = None) -> list[Pair]:
    """Pairs (row, column) by falling value, each row and column in one at most, none below `least` or of 0.

    Of equal values the first row goes first, then the first column. `allowed` (N, M) may exclude pairs.
    """
    values = matrix if allowed is None else np.where(allowed, matrix, 0.0)
    rows, columns = np.nonzero((values >= least) & (values > 0))
    found: list[Pair] = []
    taken_rows, taken_columns = set[int](), set[int]()
    for at in np.lexsort((columns, rows, -values[rows, columns])):
        row, column = int(rows[at]), int(columns[at])
        if row not in taken_rows and column not in taken_columns:
            taken_rows.add(row)
            taken_columns.add(column)
            found.append((row, column))
    return found
