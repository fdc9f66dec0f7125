"""Which shape of one set is which of another: a matrix of IoU, and pairs of one each by falling IoU."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray

from engine.geometry import boxes, planar
from engine.geometry.boxes import Matrix
from engine.geometry.shapes import Box, Keypoints, Shape

Pair = tuple[int, int]


def likeness(a: Shape, b: Shape) -> float:
    """IoU of two shapes: of their bounds where either is a box or keypoints, which say no more, else exact."""
    return float(likenesses([a], [b])[0, 0])


def likenesses(a: Sequence[Shape], b: Sequence[Shape], least: float | Matrix = 0.0) -> Matrix:
    """(N, M) `likeness` of each with each; what must be below `least` (a number, or (N, M)) may be given as 0.

    That saves the work: of two shapes that are large and apart, or of very different sizes, bounds and areas tell.
    """
    found = boxes.iou(_bounds(a), _bounds(b))
    rows, columns = np.nonzero(found)
    says_more = _says_more(a)[rows] & _says_more(b)[columns]
    rows, columns = rows[says_more], columns[says_more]
    if not len(rows):
        return found
    surfaces_a, surfaces_b = _surfaces(a, rows), _surfaces(b, columns)
    areas_a, areas_b = shapely.area(surfaces_a), shapely.area(surfaces_b)
    common = np.minimum(np.minimum(areas_a[rows], areas_b[columns]), _common_bounds(a, b, rows, columns))
    hopeful = _ratio(common, areas_a[rows] + areas_b[columns]) >= np.broadcast_to(least, found.shape)[rows, columns]
    found[rows, columns] = 0.0
    rows, columns = rows[hopeful], columns[hopeful]
    exact = shapely.area(shapely.intersection(surfaces_a[rows], surfaces_b[columns]))
    found[rows, columns] = _ratio(exact, areas_a[rows] + areas_b[columns])
    return found


def _bounds(shapes: Sequence[Shape]) -> boxes.Boxes:
    return boxes.as_boxes([one.bounds for one in shapes])


def _says_more(shapes: Sequence[Shape]) -> NDArray[np.bool_]:
    """(N,) whether a shape says more than its bounds do."""
    return np.array([not isinstance(one, (Box, Keypoints)) for one in shapes], dtype=np.bool_)


def _surfaces(shapes: Sequence[Shape], needed: NDArray[np.int64]) -> NDArray[np.object_]:
    """(N,) the areas of those shapes that are needed; the others are left empty."""
    found = np.full(len(shapes), shapely.Polygon(), dtype=np.object_)
    for at in np.unique(needed):
        found[at] = planar.surface(shapes[at])
    return found


def _common_bounds(
    a: Sequence[Shape], b: Sequence[Shape], rows: NDArray[np.int64], columns: NDArray[np.int64]
) -> NDArray[np.float64]:
    """How much of their bounds pairs have in common."""
    one, other = _bounds(a)[rows], _bounds(b)[columns]
    sides = np.minimum(one[:, 2:], other[:, 2:]) - np.maximum(one[:, :2], other[:, :2])
    return np.asarray(np.maximum(sides, 0).prod(axis=1))


def _ratio(common: NDArray[np.float64], together: NDArray[np.float64]) -> NDArray[np.float64]:
    """IoU from what two areas have in common and their sum."""
    return np.minimum(np.divide(common, together - common, out=np.zeros_like(common), where=together > common), 1.0)


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
