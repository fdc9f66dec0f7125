"""Polygon -> mask by the pixel-centre rule: a pixel is set when its centre lies inside by even-odd.

Half-open: a centre exactly on an outline belongs to the polygon right of it or below it, so polygons that share edges
never share or miss a pixel. Cost follows the polygon's own width and number of vertices, not the picture.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.geometry import spans
from engine.geometry.shapes import Box, Mask, Polygon, Ring
from engine.geometry.spans import Spans, Whole


def of_polygon(polygon: Polygon) -> Mask:
    """The pixels whose centres lie inside; raises ValueError where the polygon is too large for a mask."""
    if not polygon.parts:
        return spans.empty()
    rings = [_moved_to_centres(points) for points in polygon.rings]
    xs, ys = (np.concatenate([points[:, axis] for points in rings]) for axis in (0, 1))
    spans.check_window(*(int(min(np.ceil(np.ptp(values)), 1 << 40)) for values in (xs, ys)))
    column, row = _crossings(rings)
    order = np.lexsort((row, column))
    x, y0, y1 = column[order][::2], row[order][::2], row[order][1::2]
    holds_any = y1 > y0
    return spans.to_mask(Spans(x[holds_any], y0[holds_any], y1[holds_any]))


def of_box(box: Box) -> Mask:
    """The pixels whose centres lie inside, by the same rule; raises ValueError where the box is too large."""
    x0, y0, x1, y1 = (int(np.ceil(value - 0.5)) for value in box.bounds)
    if x1 <= x0 or y1 <= y0:
        return spans.empty()
    spans.check_window(x1 - x0, y1 - y0)
    counts = np.array([0, (x1 - x0) * (y1 - y0)], dtype=np.uint32)
    counts.setflags(write=False)
    return Mask(x0, y0, x1 - x0, y1 - y0, counts)


def _moved_to_centres(points: Ring) -> NDArray[np.float64]:
    """Moved by half a pixel, so that pixel centres lie at whole numbers."""
    return points - 0.5


def _crossings(rings: list[NDArray[np.float64]]) -> tuple[Whole, Whole]:
    """Where outlines cross columns of centres: the column, and the first row whose centre is not above the crossing."""
    a = np.concatenate(rings)
    b = np.concatenate([np.roll(points, -1, axis=0) for points in rings])
    left, right = np.minimum(a[:, 0], b[:, 0]), np.maximum(a[:, 0], b[:, 0])
    first = np.ceil(left).astype(np.int64)
    n_columns = np.ceil(right).astype(np.int64) - first
    edge = np.repeat(np.arange(len(a)), n_columns)
    column = np.arange(len(edge)) - np.repeat(np.cumsum(n_columns) - n_columns, n_columns) + first[edge]
    (ax, ay), (bx, by) = a[edge].T, b[edge].T
    # Not by the slope: so it rounds once, and alike from either end, whichever polygon of two the edge belongs to.
    y = (ay * (bx - column) + by * (column - ax)) / (bx - ax)
    return column, np.ceil(y).astype(np.int64)
